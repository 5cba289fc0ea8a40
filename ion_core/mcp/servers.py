"""All servers of a folder, and their tools as guests of the toolbox."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ion_core.mcp.declared import Declared
from ion_core.mcp.faults import NotConnected, explained
from ion_core.mcp.guest import McpTool
from ion_core.mcp.names import tool_name
from ion_core.mcp.server import Server
from ion_core.tools.guest import Guest
from ion_core.tools.guests import PREFIX, server_name

SHARE: Final = 0.05
"""Servers whose tools take less of a window than this, all together, are told of at once."""
_CHARACTERS: Final = 3.5
"""Of a token, about (see ``context/increment.py``)."""


class Servers:
    """``Guests``. ``make`` makes a server of what is declared and what to call when it changes;
    ``declared`` are all that were found, those that are not used too."""

    def __init__(
        self,
        declared: Sequence[Declared],
        make: Callable[[Declared, Callable[[], None]], Server],
    ) -> None:
        self.declared = tuple(declared)
        usable = [one for one in declared if not one.shadowed]
        self._servers = {one.name: make(one, self._forget) for one in usable}
        self._guests: dict[str, Guest] | None = None
        self.followers: list[Callable[[], None]] = []

    def __iter__(self) -> Any:
        return iter(self._servers.values())

    @property
    def configured(self) -> bool:
        return any(server.declared.usable for server in self._servers.values())

    def find(self, name: str) -> Server:
        """A server by its name, also as its tools have it. Raises ``NotConnected``."""
        for known, server in self._servers.items():
            if name in (known, server_name(known)):
                return server
        names = ", ".join(self._servers) or "none"
        raise NotConnected(f"There is no MCP server {name!r}. There are: {names}.")

    def start(self) -> None:
        """Begin to connect to all of them, at once."""
        for server in self._servers.values():
            server.start()

    async def aclose(self) -> None:
        """End them; within a second or two nothing of them runs."""
        await asyncio.gather(*(server.stop() for server in self._servers.values()))

    def known(self) -> Mapping[str, Guest]:
        """See ``Guests``."""
        if self._guests is None:
            self._guests = self._made()
        return self._guests

    def eager(self, window: int) -> Sequence[Guest]:
        """See ``Guests``."""
        known = list(self.known().values())
        if not known:
            return ()
        size = sum(map(_tokens, known))
        if window and size < SHARE * window:
            return known
        return [guest for guest in known if self.find(guest.server).declared.settings.eager]

    async def settled(self, seconds: float, server: str = "") -> tuple[str, ...]:
        """See ``Guests``; begins to connect where that was not done yet."""
        awaited = [self.find(server)] if server else list(self._servers.values())
        for one in awaited:
            one.start()
        waits = [asyncio.ensure_future(one.settled()) for one in awaited if one.declared.usable]
        if waits:
            _, late = await asyncio.wait(waits, timeout=seconds)
            for wait in late:
                wait.cancel()
        return tuple(one.name for one in awaited if one.state == "starting")

    def absent(self, name: str) -> str:
        """See ``Guests``."""
        if not name.startswith(PREFIX):
            return ""
        server, _, title = name.removeprefix(PREFIX).partition("__")
        try:
            found = self.find(server)
        except NotConnected as error:
            return str(error)
        held = {tool_name(found.name, one): one for one in found.held}
        if name in held or title in found.held:
            return (
                f"{name} is held back: its definition is not the one that the person accepted. "
                f"They can look at the difference with /mcp, or: ion mcp accept {found.name}"
            )
        if found.state == "connected":
            near = [own for own, guest in self.known().items() if guest.server == found.name]
            return f"The MCP server {found.name} has no tool {title!r}. It has: {', '.join(near)}."
        why = f" {found.problem}" if found.problem else ""
        return f"The MCP server {found.name} is not there ({found.state}).{why}"

    def catalogue(self) -> Mapping[str, str]:
        """What a model is told of the servers: their names."""
        names = sorted(s.name for s in self._servers.values() if s.declared.usable)
        if not names:
            return {}
        said = f"MCP servers: {', '.join(names)}. Find their tools with tool_search; a tool is "
        return {"mcp": f"{said}called mcp__server__tool."}

    def _made(self) -> dict[str, Guest]:
        made: dict[str, Guest] = {}
        for server in self._servers.values():
            for tool in server.tools if server.state == "connected" else ():
                if tool.name in server.held:
                    continue
                name = tool_name(server.name, str(tool.name), made)
                limit = server.declared.settings.timeout_s or math.inf
                made[name] = McpTool(name, server.name, tool, server.call, limit)
        return made

    def _forget(self) -> None:
        self._guests = None
        for follow in self.followers:
            follow()


def _tokens(guest: Guest) -> float:
    return (len(guest.description) + len(str(guest.schema)) + len(guest.name)) / _CHARACTERS


async def read_resource(servers: Servers, source: str, spill: Any) -> str:
    """What ``server:uri`` says. Raises ``NotConnected`` with what went wrong."""
    name, _, uri = source.partition(":")
    server = servers.find(name)
    await servers.settled(30.0, server.name)
    try:
        return await server.resource(uri, spill)
    except Exception as error:
        raise NotConnected(f"{source} could not be read: {explained(error)}") from error
