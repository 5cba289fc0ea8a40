"""The ``tool_search`` tool: rare tools and those of servers, which are not in the request until
somebody wants them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, Tool, ToolContext
from ion_core.tools.wanted import FOUND, SEARCH

if TYPE_CHECKING:
    from ion_core.tools.guest import Guests

PATIENCE_S = 30.0
"""How long a search waits for servers that are starting."""


class ToolSearchArgs(Struct, frozen=True):
    """What a tool should be able to do."""

    example: ClassVar[dict[str, Any]] = {"query": "read a web page"}

    query: str
    limit: int = 5


class ToolSearch:
    """Finds among ``rare`` tools, and those of servers, the ones that a query means."""

    name = SEARCH
    args: type[Struct] = ToolSearchArgs
    effect: Effect = "read"

    def __init__(self, rare: Sequence[Tool], guests: Guests | None = None) -> None:
        self._rare, self._guests = tuple(rare), guests
        names = ", ".join(tool.name for tool in rare)
        self.description = (
            f"Get rarer tools by what they do, for the next step on. There are: {names}."
        )

    def target(self, args: ToolSearchArgs) -> str:
        return args.query

    def timeout_s(self, args: ToolSearchArgs) -> float:
        return PATIENCE_S + 10.0

    async def run(self, args: ToolSearchArgs, ctx: ToolContext) -> Outcome:
        tools, missing = await self._all()
        from ion_core.tools.ranking import ranked  # start-up: few sessions search

        found = ranked(tools, args.query)[: max(1, args.limit)]
        if not found:
            names = ", ".join(tool.name for tool in self._rare)
            display = Display(target=args.query, summary="nothing found")
            said = f"No tool does that. There are: {names}.{missing}"
            return Outcome(content=said, display=display)
        names = ", ".join(tool.name for tool in found)
        lines = [f"{tool.name}: {tool.description}" for tool in found]
        return Outcome(
            content="\n".join([f"{FOUND}{names}", *lines]) + missing,
            display=Display(target=args.query, summary=names),
        )

    async def _all(self) -> tuple[list[Tool], str]:
        """Every tool that can be found now, and a sentence about servers that are not there yet."""
        if self._guests is None or not self._guests.configured:
            return list(self._rare), ""
        starting = await self._guests.settled(PATIENCE_S)
        known: list[Tool] = list(self._guests.known().values())
        missing = f"\n[Still starting, not searched: {', '.join(starting)}]" if starting else ""
        return [*self._rare, *known], missing
