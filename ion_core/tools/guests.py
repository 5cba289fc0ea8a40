"""Tools that are not ion's own: those of MCP servers, which come and go.

They are found by ``tool_search`` and called like rare tools. Their arguments are not a type but a
JSON schema, which a guest carries as ``schema``; ``args`` is :class:`Foreign`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ion_core.tools.aliases import bare
from ion_core.tools.base import Tool
from ion_core.tools.schema import schema_of

PREFIX = "mcp__"
"""What the names of all guests begin with: ``mcp__server__tool``."""


class Foreign(Struct, frozen=True, kw_only=True):
    """Arguments that only the server understands."""

    arguments: dict[str, Any] = {}


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


def is_foreign(name: str) -> bool:
    """Whether a model that says this name means a tool of a server, and nothing of ion's own."""
    return re.match(r"mcp[_./:-]", name.strip().casefold()) is not None


def guest_named(name: str, known: Mapping[str, Guest]) -> Guest | None:
    """The guest that a name surely means: its own, or with other separators, without ``mcp``."""
    if name in known:
        return known[name]
    asked = bare(name)
    same = [guest for own, guest in known.items() if asked in (bare(own), bare(own[len(PREFIX) :]))]
    return same[0] if len(same) == 1 else None


def said_schema(tool: Tool) -> dict[str, Any]:
    """The schema of a tool's arguments, ion's own or a guest's."""
    schema = getattr(tool, "schema", None) if tool.args is Foreign else None
    return schema if schema is not None else schema_of(tool.args)
