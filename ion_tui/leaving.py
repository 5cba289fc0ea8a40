"""Leaving a branch with what was found out there: the model is told of it where one goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_core.ids import EntryId
from ion_tui import choosing
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.screens.patience import patiently
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_tui.screens.main import MainScreen

WORDS = "Summing up the branch that is left"


class Focus:
    """An ``Offer``: what the summary should have more of, as it is typed."""

    context = columns = aside = note = foot = ""
    title = "Go on there, and tell the model what was found out here"

    def rows(self, text: str) -> Sequence[Choice]:
        """What Enter does now."""
        focus = one_line(text.strip())
        detail = f"with more of: {focus}" if focus else "the whole branch alike"
        return [Choice(value=text.strip(), name="Sum it up", detail=detail)]

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """There are no keys of its own."""
        return ""


async def leave(screen: MainScreen, session: Session, to: EntryId | None) -> bool:
    """Ask what matters, sum up and go; whether that was done."""
    asked = await choosing.pick(screen, Focus(), placeholder="What matters there; empty: anything")
    if asked is None:
        return False

    async def go() -> bool:
        await session.move_with_summary(to, str(asked.value))
        return True

    return bool(await patiently(screen, WORDS, go()))
