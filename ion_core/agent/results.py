"""The beginning and the end of calls, as a session records and tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_core.agent.journal import Journal
from ion_core.agent.whole import wholly
from ion_core.events import ToolEnded, ToolStarted
from ion_core.messages import Display, ToolResult, answered
from ion_core.sessions.base import Append, SettleEffect

if TYPE_CHECKING:
    from ion_core.agent.plan import Planned


class Results:
    """Of one session. A result is durable before anybody hears of it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def tell(self, plan: Planned) -> None:
        """A call begins."""
        await self._journal.emit(
            ToolStarted(
                call=plan.call.id,
                name=plan.name,
                arguments=plan.call.arguments,
                target=plan.target,
            )
        )

    async def settle(self, result: ToolResult) -> None:
        """Commit a result, then tell of it, wholly."""
        await wholly(self.record(result))

    async def record(self, result: ToolResult) -> None:
        """The same; whoever is cancelled meanwhile leaves the rest undone."""
        await self._journal.record(Append(body=answered(result)), SettleEffect(call=result.call))
        display = result.display or Display()
        await self._journal.emit(
            ToolEnded(
                call=result.call,
                name=result.name,
                status=result.status,
                duration_ms=display.duration_ms or 0,
                content=result.content,
                display=result.display,
            )
        )
