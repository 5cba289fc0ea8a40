"""Choosing who answers: the list of models, and how hard the chosen one thinks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_tui import choosing
from ion_tui.effort import LEVELS, levels, parted
from ion_tui.offer import Fixed
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.providers.base import ModelInfo
    from ion_tui.screens.main import MainScreen

WRITE_IT = "Type to filter, or write {}"


async def pick_model(screen: MainScreen, ref: str) -> None:
    """A model for this session, or with the key for it for every new one too. Half of a name is
    looked for in the list."""
    if "/" in ref:
        set_model(screen, ref)
        return
    runtime = await screen.ion.runtime()
    ref, lasting = await choose(screen, await runtime.models(), text=ref)
    if ref:
        set_model(screen, ref)
    if lasting:
        await runtime.set_default_model(ref)
        screen.say(f"{ref} is the default from now on.")


async def choose(
    screen: MainScreen, models: Sequence[ModelInfo], *, within: str = "", text: str = ""
) -> tuple[str, bool]:
    """The chosen model with its effort, nothing when nobody chose; and whether it is to last.
    ``within`` names the one provider that is meant, ``text`` is typed beforehand."""
    from ion_tui.shelf import Habits, Shelf  # start-up: the first choice pays for it

    runtime = await screen.ion.runtime()
    habits = Habits(
        present=_present(screen),
        default=runtime.settings.model,
        favourites=tuple(runtime.favourites),
        recent=tuple(await runtime.recent_models()),
    )
    shelf = Shelf(
        models,
        habits,
        favour=lambda ref, on: screen.do(runtime.favour(ref, on)),
        keys=lambda command: screen.keymap.hint(command, "models"),
        dated=runtime.models_dated,
        within=within,
    )
    here = parted(habits.present)[0]
    choice = await choosing.pick(
        screen,
        shelf,
        chosen=lambda row: row.value == here,
        placeholder=WRITE_IT.format("a model's id" if within else "provider/model"),
        text=text,
    )
    return (shelf.ref(choice), shelf.lasting) if choice else ("", False)


async def pick_effort(screen: MainScreen) -> None:
    """How hard the model of this session thinks."""
    model, present = parted(_present(screen))
    if not model:
        screen.say("There is no model yet.", "warning")
        return
    runtime = await screen.ion.runtime()
    known = next((info for info in await runtime.models() if info.ref == model), None)
    thinks = known is None or known.reasoning or bool(known.efforts)
    offer = Fixed(
        f"How hard {one_line(model)} thinks",
        _rows(levels(known), present),
        "" if thinks else f"{one_line(model)} is not known to think: a level may change nothing.",
    )
    choice = await choosing.pick(screen, offer, chosen=lambda row: row.value == (present or "-"))
    if choice is not None:
        set_model(screen, model if choice.value == "-" else f"{model}:{choice.value}")


def _rows(known: Sequence[str], present: str) -> list[Choice]:
    rows = [Choice(value="-", name="default", detail="what its maker chose")]
    rows += [
        Choice(value=level, name=one_line(level), detail=LEVELS.get(level, "")) for level in known
    ]
    return [_marked(row) if row.value == (present or "-") else row for row in rows]


def _marked(row: Choice) -> Choice:
    return Choice(value=row.value, name=row.name, detail=row.detail, right="now", mark="●")


def _present(screen: MainScreen) -> str:
    return (screen.view.model if screen.view else "") or screen.status.model


def set_model(screen: MainScreen, ref: str) -> None:
    """Let another model answer in this session."""
    screen.grant(lambda session: session.set_model(ref))
