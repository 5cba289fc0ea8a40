"""The tags of one session or of several: a list from which they are given and taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ion_core.ids import SessionId
from ion_tui.choosing import pick
from ion_tui.fuzzy import matching
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice
from ion_tui.widgets.tree_rows import SessionItem

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

LONGEST = 40


class Tags:
    """An ``Offer``: every tag of every session, those that all of ``items`` have marked; and
    another one, as it is typed."""

    context = columns = aside = note = ""
    foot = "enter gives or takes a tag"

    def __init__(self, items: Sequence[SessionItem], everything: Sequence[SessionItem]) -> None:
        self._counts = Counter(tag for item in everything for tag in item.tags)
        self._given = set.intersection(*(set(item.tags) for item in items))
        name = one_line(items[0].title) or "the session"
        self.title = f"Tags of {name if len(items) == 1 else f'{len(items)} sessions'}"

    def rows(self, text: str) -> Sequence[Choice]:
        """Tags that are given first, then by how many sessions have them."""
        order = sorted(
            {*self._counts, *self._given},
            key=lambda tag: (tag not in self._given, -self._counts[tag], tag),
        )
        rows = [
            Choice(
                value=tag,
                name=f"#{one_line(tag)}",
                mark="✓" if tag in self._given else "",
                right=str(self._counts[tag] or ""),
            )
            for tag in order
        ]
        typed = tag_of(text)
        anew = [Choice(value=typed, name=f"#{typed}", detail="a new tag")]
        return [*matching(rows, text.lstrip("#")), *(anew if typed not in ["", *order] else [])]

    def turn(self, tag: str) -> bool:
        """Give the tag, or take it when all of them have it; whether it is given now."""
        self._given ^= {tag}
        return tag in self._given

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """There are no keys of its own."""
        return ""


def tag_of(text: str) -> str:
    """A tag as it is kept: one word, without ``#``."""
    return "-".join(one_line(text).lstrip("#").split())[:LONGEST]


def _is(tag: str) -> Callable[[Choice], bool]:
    return lambda row: row.value == tag


async def pick_tags(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """Give and take tags until the list is closed."""
    runtime = await screen.ion.runtime()
    offer, last = Tags(items, screen.sidebar.sessions.items), ""
    while choice := await pick(screen, offer, chosen=_is(last), placeholder="Type a tag"):
        last = str(choice.value)
        on = offer.turn(last)
        for item in items:
            await runtime.tag(SessionId(item.id), last, on)
            screen.ion.refresh_sessions(item.id)
