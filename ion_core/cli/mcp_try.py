"""``ion mcp test|tools|accept NAME``: one server, really connected."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ion_core.config.load import Loaded
from ion_core.config.paths import ion_home
from ion_core.confined import ConfinedLauncher
from ion_core.extensions import Extensions
from ion_core.mcp.faults import NotConnected
from ion_core.mcp.guest import about
from ion_core.mcp.names import tool_name
from ion_core.mcp.server import Server
from ion_core.sanitize import sanitize


async def obey(word: str, loaded: Loaded, name: str, *, as_json: bool) -> int:
    """Do what the word says; the exit code. Raises ``IonError``."""
    began = time.monotonic()
    async with _connected(loaded, name) as server:
        spent_ms = round((time.monotonic() - began) * 1000)
        if word == "accept":
            return await _accept(server)
        told = _told(server, spent_ms)
        if as_json:
            print(json.dumps(told))
        elif word == "tools":
            print("\n".join(_lines(told["tools"])) or "It has no tools.")
        else:
            _say(server, spent_ms)
        if server.state != "connected" and word == "tools" and not as_json:
            print(f"ion: {name}: {sanitize(server.problem)}", file=sys.stderr)
        return 0 if server.state == "connected" else 1


@asynccontextmanager
async def _connected(loaded: Loaded, name: str) -> AsyncIterator[Server]:
    """The server once it is settled. Raises ``NotConnected`` where there is none of that name."""
    home = ion_home()
    launcher = ConfinedLauncher(loaded.settings.sandbox, home, os.environ)
    extensions = Extensions(lambda: loaded, launcher, home, Path.cwd(), os.environ)
    try:
        if extensions.servers is None:
            raise NotConnected(f"There is no MCP server {name!r}: none is configured here.")
        server = extensions.servers.find(name)
        if not server.declared.usable:
            problem = server.problem or "it is switched off"
            raise NotConnected(f"{name} cannot be used: {problem}")
        await extensions.servers.settled(60, server.name)
        yield server
    finally:
        await extensions.aclose()
        launcher.close()


async def _accept(server: Server) -> int:
    if server.state != "connected":
        raise NotConnected(f"{server.name} could not be connected: {server.problem}")
    for title, difference in server.held.items():
        print(f"{sanitize(title)}:\n{sanitize(difference)}\n")
    count = len(server.held)
    await server.accept()
    print(f"Accepted: {count} changed of {len(server.tools)} tools." if count else "Nothing new.")
    return 0


def _told(server: Server, spent_ms: int) -> dict[str, Any]:
    tools = [
        {
            "name": tool_name(server.name, str(tool.name)),
            "title": tool.name,
            "description": about(tool),
            "held": tool.name in server.held,
        }
        for tool in server.tools
    ]
    return {
        "name": server.name,
        "state": server.state,
        "problem": server.problem or None,
        "server": server.version,
        "protocol": server.protocol,
        "connected_ms": spent_ms,
        "tools": tools,
        "prompts": [prompt.name for prompt in server.prompts],
        "log": str(server.log) if server.declared.settings.command else None,
    }


def _lines(tools: list[dict[str, Any]]) -> list[str]:
    lines = []
    for tool in tools:
        first = sanitize(tool["description"]).partition("\n")[0]
        held = " (held back: it changed; ion mcp accept)" if tool["held"] else ""
        lines.append(f"{tool['name']}{held}\n  {first[:150]}")
    return lines


def _say(server: Server, spent_ms: int) -> None:
    if server.state != "connected":
        print(f"{server.name}: {server.state}. {sanitize(server.problem)}")
        if server.declared.settings.command:
            print(f"What it said: {server.log}")
        return
    version = sanitize(server.version) or "a server"
    print(f"{server.name}: connected in {spent_ms} ms to {version}")
    print(f"  protocol {server.protocol}, {len(server.tools)} tools, {len(server.prompts)} prompts")
    if server.held:
        print(f"  held back, since they changed: {sanitize(', '.join(server.held))}")
        print(f"  Look and accept: ion mcp accept {server.name}")
