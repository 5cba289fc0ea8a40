"""Tools that are not ion's own: those of MCP servers, which come and go.

They are found by ``tool_search`` and called like rare tools. Their arguments are not a type but a
JSON schema, which a guest carries as ``schema``; ``args`` is :class:`Foreign`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ion_core.tools.aliases import bare
from ion_core.tools.schema import schema_of

if TYPE_CHECKING:
    from ion_core.tools.base import Tool
    from ion_core.tools.guest import Guest

PREFIX = "mcp__"
"""What the names of all guests begin with: ``mcp__server__tool``."""


class Foreign(Struct, frozen=True, kw_only=True):
    """Arguments that only the server understands."""

    arguments: dict[str, Any] = {}


def server_name(name: str) -> str:
    """A server's name as a part of its tools' names."""
    return re.sub(r"_{2,}", "_", re.sub(r"[^A-Za-z0-9_-]", "_", name)).strip("_") or "server"


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
