"""A tool of a server as a tool of ion's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from msgspec import Struct

from ion_core.sanitize import sanitize
from ion_core.tools.base import Effect, Outcome, ToolContext, failed
from ion_core.tools.foreign import inlined
from ion_core.tools.guests import Foreign

LONGEST: Final = 4_096
"""Characters of a description that a model reads."""

LONGEST_FIELD: Final = 1_000
"""Characters of what it says of one argument."""

Call = Callable[[str, dict[str, Any], ToolContext], Awaitable[Outcome]]
"""Calls a tool by its title."""


class McpTool:
    """A ``Guest``, of what a server says: ``tool`` is an ``mcp_types.Tool``."""

    args: type[Struct] = Foreign
    effect: Effect = "execute"

    def __init__(self, name: str, server: str, tool: Any, call: Call, timeout_s: float) -> None:
        self.name, self.server, self.title = name, server, str(tool.name)
        self.description = about(tool)
        self.schema = _shown(inlined(tool.input_schema or {}))
        hints = tool.annotations
        self.reads = bool(hints is not None and hints.read_only_hint)
        self._call, self._timeout_s = call, timeout_s

    def target(self, args: Foreign) -> str:
        """The first thing that it is given."""
        shown = (f"{name}={value}" for name, value in args.arguments.items())
        return " ".join(shown)[:200]

    def timeout_s(self, args: Foreign) -> float:
        """The limit of its server."""
        return self._timeout_s

    async def run(self, args: Foreign, ctx: ToolContext) -> Outcome:
        """What the server answers."""
        try:
            return await self._call(self.title, args.arguments, ctx)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            from ion_core.mcp.faults import explained  # start-up: seldom needed

            sentence = f"{self.name} failed: {explained(error)}"
            return failed(sentence)


def about(tool: Any) -> str:
    """What a server says of a tool, safe to show and not too long."""
    said = sanitize(tool.description or tool.title or "").strip()
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def _shown(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema whose descriptions are safe to show and not too long."""
    return {key: _part(key, value) for key, value in schema.items()}


def _part(key: str, value: Any) -> Any:
    match value:
        case dict():
            return _shown(value)
        case list():
            return [_part(key, item) for item in value]
        case str() if key in ("description", "title", "$comment"):
            return sanitize(value)[:LONGEST_FIELD]
        case _:
            return value
