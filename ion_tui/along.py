"""A session that another ion writes, taken over by the one that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_tui.screens.main import MainScreen


def take_over(screen: MainScreen) -> None:
    """Write the session on screen here from now on."""

    async def errand(session: Session) -> None:
        if session.can_take_over:
            await session.take_over()
        else:
            screen.say(session.reading_along or "This session is written here already.")

    screen.grant(errand)
