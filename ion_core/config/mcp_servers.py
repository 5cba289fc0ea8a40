"""Writing MCP servers into the configuration: a table of its own for each, or no longer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import tomlkit

from ion_core.config.edit import put, with_value
from ion_core.config.extension_schema import McpServerSettings
from ion_core.config.paths import FileLayer, Places
from ion_core.errors import ConfigError


def add_server(
    places: Places, layer: FileLayer, name: str, server: McpServerSettings, env: Mapping[str, str]
) -> None:
    """Write a server, in the place of one of that name. Raises ``ConfigError``."""
    table = tomlkit.table()
    for key, value in msgspec.to_builtins(server).items():
        table[key] = value
    text = with_value(_text(places, layer), ("mcp_servers", name), table)
    put(places, layer, text, ("mcp_servers", name), env)


def drop_server(places: Places, layer: FileLayer, name: str, env: Mapping[str, str]) -> bool:
    """Whether the file had such a server, which is gone now. Raises ``ConfigError``."""
    document: Any = tomlkit.parse(_text(places, layer))
    servers = document.get("mcp_servers")
    if servers is None or name not in servers:
        return False
    del servers[name]
    if not servers:
        del document["mcp_servers"]
    put(places, layer, tomlkit.dumps(document), ("mcp_servers", name), env)
    return True


def _text(places: Places, layer: FileLayer) -> str:
    if layer not in places.files:
        raise ConfigError(f"{places.project} is not trusted, or has no file of its own.")
    try:
        return places.files[layer].read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(places.files[layer])) from error
