"""Commands for what a model has in front of it: see it, make it short, pin, bring back, hand over.

What they do is imported when it is first asked for: nobody needs it before the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_tui.command import Command

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen


async def _compact(screen: MainScreen, argument: str) -> None:
    from ion_tui import window

    await window.compact(screen, argument)


async def _context(screen: MainScreen) -> None:
    from ion_tui import window

    await window.show(screen)


async def _pin(screen: MainScreen, text: str) -> None:
    from ion_tui import window

    await window.pin(screen, text)


async def _expand(screen: MainScreen, entry: str) -> None:
    from ion_tui import window

    await window.expand(screen, entry)


async def _handoff(screen: MainScreen, goal: str) -> None:
    from ion_tui import window

    await window.hand_over(screen, goal)


COMPACTING: tuple[Command, ...] = (
    Command(
        id="context.show",
        title="What fills the model's window",
        slash=("context",),
        run=lambda screen, _: _context(screen),
    ),
    Command(
        id="context.compact",
        title="Make the conversation short",
        slash=("compact",),
        takes="what matters, or preview, or undo",
        run=_compact,
    ),
    Command(
        id="context.pin",
        title="Pin words that no summary may lose",
        slash=("pin",),
        takes="words",
        run=_pin,
    ),
    Command(
        id="context.expand",
        title="Put an earlier entry in front of the model again",
        slash=("expand",),
        takes="id of an entry",
        run=_expand,
    ),
    Command(
        id="session.handoff",
        title="Go on with another goal in a new session",
        slash=("handoff",),
        takes="goal",
        run=_handoff,
    ),
)
