"""The door to tools that are not ion's own. For annotations alone: nothing of it is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ion_core.tools.base import Tool


class Guest(Tool, Protocol):
    """A tool of a server. ``server`` is the server's name, ``title`` what the tool is called there;
    ``reads`` is what the server says of itself and proves nothing."""

    schema: dict[str, Any]
    server: str
    title: str
    reads: bool


class Guests(Protocol):
    """The tools of all servers."""

    @property
    def configured(self) -> bool:
        """Whether there is any server at all."""
        ...

    def known(self) -> Mapping[str, Guest]:
        """Those that can be called now, by name (``mcp__server__tool``), in a fixed order. One
        whose definition changed, and was not accepted yet, is not among them."""
        ...

    def eager(self, window: int) -> Sequence[Guest]:
        """Those that a model with a window of so many tokens (0: unknown) is told of without
        asking: of servers with ``eager = true``, and of servers all of whose definitions are below
        5 % of it."""
        ...

    async def settled(self, seconds: float, server: str = "") -> tuple[str, ...]:
        """Wait until every server (or that one) is connected or given up, at most so long. The
        names of those that are still starting."""
        ...

    def absent(self, name: str) -> str:
        """Why a tool of such a name cannot be called, as a sentence for a model: its server starts,
        failed or is not there, or the tool is held back since its definition changed. Empty when
        nothing is known of it."""
        ...
