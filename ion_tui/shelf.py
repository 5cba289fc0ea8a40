"""The models to choose from, in the order in which people look for them.

Favourites first, recent ones next, then the rest by provider, deprecated ones last. Another order
(window, price, age) lists the rest in one piece. What is typed narrows all of it, and an effort
behind a colon goes with the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeAlias

from msgspec import Struct

from ion_core.providers.base import ModelInfo
from ion_tui.effort import parted, typed
from ion_tui.fuzzy import matching
from ion_tui.model_rows import COLUMNS, model_row
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

RECENT_SHOWN = 6

Key: TypeAlias = Callable[[ModelInfo], tuple[object, ...]]


def _cheapest(info: ModelInfo) -> tuple[object, ...]:
    due = info.price
    return (due is None, due.input if due else 0.0, due.output if due else 0.0, info.ref)


def _newest(info: ModelInfo) -> tuple[object, ...]:
    backwards = tuple(-ord(letter) for letter in info.released)
    return (not info.released, backwards, info.ref)


ORDERS: dict[str, Key] = {
    "by provider": lambda info: (info.provider, info.id),
    "by name": lambda info: (info.id.rpartition("/")[2].lower(), info.provider),
    "largest window first": lambda info: (-info.window, info.ref),
    "cheapest first": _cheapest,
    "newest first": _newest,
}


class Habits(Struct, frozen=True, kw_only=True):
    """What a person uses: the model of this session, the default one, favourites, and the recent
    ones, newest first."""

    present: str = ""
    default: str = ""
    favourites: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()


class Shelf:
    """An offer of models, as of the day ``dated``. ``within`` is the one provider that is meant, if
    any; ``favour`` hears of a star given or taken; ``keys`` names the key of a command."""

    context, columns, note = "models", COLUMNS, ""
    lasting = False

    def __init__(
        self,
        models: Sequence[ModelInfo],
        habits: Habits,
        *,
        favour: Callable[[str, bool], None],
        keys: Callable[[str], str],
        dated: str = "",
        within: str = "",
    ) -> None:
        self._models = {info.ref: info for info in (*_unlisted(habits.present, within), *models)}
        self._stars = [parted(ref)[0] for ref in habits.favourites]
        self._recent = list(dict.fromkeys(parted(ref)[0] for ref in habits.recent))
        self._present, self._default = parted(habits.present)[0], parted(habits.default)[0]
        self._favour, self._keys, self._within = favour, keys, within
        self.aside = f"list of {dated}" if dated else ""
        self._order, self._effort = 1 if within else 0, ""
        self._rows: dict[str, Choice] = {}

    @property
    def title(self) -> str:
        """What is listed, and how."""
        order = list(ORDERS)[self._order]
        return f"Models of {self._within}, {order}" if self._within else f"Models, {order}"

    @property
    def foot(self) -> str:
        """The keys, and the effort."""
        star, order, lasting = (self._keys(f"models.{key}") for key in ("star", "order", "default"))
        keys = f"{star} ★  {order} order  {lasting} for every session"
        if self._effort:
            return f"thinking: {self._effort}  {keys}"
        return f"{keys}  name:high sets thinking"

    def ref(self, choice: Choice) -> str:
        """The model of a row as people write it, with the effort that was typed."""
        return f"{choice.value}:{self._effort}" if self._effort else str(choice.value)

    def rows(self, text: str) -> Sequence[Choice]:
        """The rows for what was typed."""
        wanted, self._effort = typed(text)
        if not wanted:
            return self._sections()
        listed = [self._row(info.ref) for info in self._sorted()]
        found = matching(listed, wanted)
        if self._order:
            fit = {row.value for row in found}
            found = [row for row in listed if row.value in fit]
        return [*found, *self._as_written(wanted)]

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """Another order, a star, or a choice that lasts."""
        if command == "models.order":
            self._order = (self._order + 1) % len(ORDERS)
            return "anew"
        if command == "models.default" and choice is not None:
            self.lasting = True
            return "choose"
        if command == "models.star" and choice is not None:
            self._star(choice.value)
            return "again"
        return ""

    def _star(self, ref: str) -> None:
        on = ref not in self._stars
        self._stars = [*self._stars, ref] if on else [r for r in self._stars if r != ref]
        self._rows.pop(ref, None)
        self._favour(ref, on)

    def _row(self, ref: str) -> Choice:
        if ref not in self._rows:
            words = "this session" if ref == self._present else ""
            words = "default" if ref == self._default and not words else words
            info = self._models[ref]
            recent = ref in (*self._recent, self._present)
            self._rows[ref] = model_row(info, star=ref in self._stars, recent=recent, words=words)
        return self._rows[ref]

    def _sections(self) -> list[Choice]:
        stars = [ref for ref in self._stars if ref in self._models]
        recent = [ref for ref in self._recent if ref in self._models and ref not in stars]
        recent = recent[:RECENT_SHOWN]
        above = {*stars, *recent}
        rest = [info for info in self._sorted() if info.ref not in above]
        return [
            *self._section("Favourites", stars),
            *self._section("Recent", recent),
            *self._rest([info for info in rest if not info.deprecated], bool(above)),
            *self._section("Deprecated", [info.ref for info in rest if info.deprecated]),
        ]

    def _rest(self, infos: Sequence[ModelInfo], others: bool) -> list[Choice]:
        if self._order:
            heading = "All others" if others else "All"
            return self._section(heading, [info.ref for info in infos])
        rows: list[Choice] = []
        for provider, group in groupby(infos, key=lambda info: info.provider):
            rows += self._section(provider, [info.ref for info in group])
        return rows

    def _section(self, heading: str, refs: Sequence[str]) -> list[Choice]:
        rows = [self._row(ref) for ref in refs]
        return [Choice(name=one_line(heading)), *rows] if rows else []

    def _sorted(self) -> list[ModelInfo]:
        return sorted(self._models.values(), key=list(ORDERS.values())[self._order])

    def _as_written(self, text: str) -> list[Choice]:
        """What was typed, as a model that no list knows."""
        ref = text if text.startswith(f"{self._within}/") else f"{self._within}/{text}"
        ref = ref if self._within else text
        provider, slash, model = ref.partition("/")
        if not (provider and slash and model) or ref in self._models or " " in ref:
            return []
        return [
            Choice(
                value=ref,
                lead=one_line(provider) + "/",
                name=one_line(model),
                detail="as you wrote it",
            )
        ]


def _unlisted(present: str, within: str) -> list[ModelInfo]:
    """The model of this session, which no list need know."""
    provider, _, model = parted(present)[0].partition("/")
    return [ModelInfo(provider=provider, id=model)] if model and within in ("", provider) else []
