"""Tools of servers that are not there: ``Guests`` in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ion_core.tools.base import Effect, Outcome, ToolContext
from ion_core.tools.guest import Guest
from ion_core.tools.guests import Foreign


class SaidGuest:
    """Says back what it was given."""

    args: type[Struct] = Foreign
    effect: Effect = "execute"

    def __init__(
        self,
        title: str,
        description: str = "",
        schema: Mapping[str, Any] | None = None,
        server: str = "fake",
    ) -> None:
        self.name = f"mcp__{server}__{title}"
        self.title, self.description, self.server, self.reads = title, description, server, False
        self.schema: dict[str, Any] = dict(schema or {"type": "object", "properties": {}})
        self.given: list[dict[str, Any]] = []

    def target(self, args: Foreign) -> str:
        return self.title

    def timeout_s(self, args: Foreign) -> float:
        return 60.0

    async def run(self, args: Foreign, ctx: ToolContext) -> Outcome:
        self.given.append(args.arguments)
        return Outcome(content=f"{self.title} was given {args.arguments}")


class SomeGuests:
    """``at_once`` are told of without asking; ``late`` ones are there once somebody waited."""

    def __init__(
        self,
        guests: Sequence[SaidGuest],
        *,
        at_once: Sequence[str] = (),
        late: Sequence[SaidGuest] = (),
        starting: tuple[str, ...] = (),
    ) -> None:
        self._known: dict[str, Guest] = {guest.name: guest for guest in guests}
        self._at_once, self._late, self._starting = at_once, late, starting
        self.configured, self.waits = True, 0

    def known(self) -> Mapping[str, Guest]:
        return self._known

    def eager(self, window: int) -> Sequence[Guest]:
        return [guest for guest in self._known.values() if guest.title in self._at_once]

    async def settled(self, seconds: float, server: str = "") -> tuple[str, ...]:
        self.waits += 1
        self._known |= {guest.name: guest for guest in self._late}
        return self._starting

    def absent(self, name: str) -> str:
        return f"The server of {name} is gone." if name.startswith("mcp__gone__") else ""
