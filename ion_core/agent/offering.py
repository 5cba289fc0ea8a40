"""Tells models of servers' tools: those that are offered without asking, and those they asked for.

Each definition becomes a part of the session when it is offered, so that what is sent stays the
same for ever: after reopening, and when a server is gone or says something else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ion_core.agent.journal import Journal
from ion_core.entries import Entry, Offered, ToolDefinition
from ion_core.errors import IonError
from ion_core.messages import Message, ToolCall
from ion_core.sessions.base import Append
from ion_core.tools.guests import is_foreign
from ion_core.tools.wanted import named

if TYPE_CHECKING:
    from ion_core.tools.guest import Guest, Guests

PATIENCE_S = 30.0
"""How long a call waits for the server of its tool, which is starting."""


class Offering:
    """Of one session. ``guests`` are the tools of servers; None: there is no server."""

    def __init__(self, journal: Journal, guests: Guests | None) -> None:
        self._journal, self._guests = journal, guests

    async def offer(self, window: int) -> None:
        """Append what a model with a window of so many tokens is told of from now on."""
        if self._guests is None:
            return
        entries = self._journal.bus.view.entries
        before = {tool.name for tool in _offered(entries)}
        new = [tool for tool in self._due(self._guests, entries, window) if tool.name not in before]
        if new:
            tools = {tool.name: _definition(tool) for tool in new}
            await self._journal.record(Append(body=Offered(tools=tuple(tools.values()))))

    def _due(self, guests: Guests, entries: Sequence[Entry], window: int) -> Iterator[Guest]:
        yield from guests.eager(window)
        known = guests.known()
        yield from (known[name] for name in _asked_for(entries) if name in known)

    async def ready(self, calls: Sequence[ToolCall]) -> None:
        """Wait, with patience, for the servers of these calls."""
        if self._guests is None:
            return
        missing = [call for call in calls if self._is_missing(self._guests, call.name)]
        if missing:
            waits = (self._settled(self._guests, call.name) for call in missing)
            await asyncio.gather(*waits)

    async def _settled(self, guests: Guests, name: str) -> None:
        server = name.removeprefix("mcp__").partition("__")[0]
        try:
            await guests.settled(PATIENCE_S, server)
        except IonError:  # it is called in another way
            await guests.settled(PATIENCE_S)

    def _is_missing(self, guests: Guests, name: str) -> bool:
        return is_foreign(name) and name not in guests.known()


def _offered(entries: Sequence[Entry]) -> Iterator[ToolDefinition]:
    for entry in entries:
        if isinstance(entry.body, Offered):
            yield from entry.body.tools


def _asked_for(entries: Sequence[Entry]) -> Iterator[str]:
    """The tools of servers that searches found, or that were called."""
    for entry in entries:
        if isinstance(entry.body, Message) and entry.body.role == "tool":
            for result in entry.body.results:
                yield from filter(is_foreign, named(result))


def _definition(tool: Guest) -> ToolDefinition:
    return ToolDefinition(name=tool.name, description=tool.description, schema=tool.schema)
