"""Names that every provider takes, of servers and tools that may be called anything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Final

from ion_core.tools.guests import PREFIX, server_name

LONGEST: Final = 64
"""Characters of a tool's name that every provider accepts."""


def file_name(server: str) -> str:
    """A server's name as the name of a file, another one for each server."""
    plain = server_name(server)
    mark = hashlib.sha256(server.encode()).hexdigest()[:6]
    return plain if plain == server else f"{plain}-{mark}"


def tool_name(server: str, title: str, taken: Collection[str] = ()) -> str:
    """``mcp__server__tool``, at most 64 characters and none of ``taken``."""
    whole = f"{PREFIX}{server_name(server)}__{re.sub(r'[^A-Za-z0-9_-]', '_', title) or 'tool'}"
    name, number = _short(whole), 2
    while name in taken:
        ending = f"_{number}"
        name, number = f"{_short(whole, LONGEST - len(ending))}{ending}", number + 1
    return name


def _short(name: str, longest: int = LONGEST) -> str:
    """A name that is too long, cut, with a few characters that tell it from others cut alike."""
    if len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{name[: longest - 7]}_{mark}"
