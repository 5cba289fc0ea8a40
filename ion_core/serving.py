"""The MCP servers of a folder, each made of its parts: how to reach it, what it may ask, its pins.

Imported where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ion_core.ids import CallId
from ion_core.mcp.answering import Answering
from ion_core.mcp.auth import quiet
from ion_core.mcp.declared import Declared
from ion_core.mcp.faults import NotConnected
from ion_core.mcp.pins import Pins
from ion_core.mcp.reach import Reach
from ion_core.mcp.server import Server
from ion_core.mcp.servers import Servers
from ion_core.tools.base import ToolContext
from ion_core.tools.paths import Workspace

if TYPE_CHECKING:
    import asyncio

    from ion_core.tools.process import Launcher

PATIENCE_S = 30.0
Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Serving:
    """Makes them for ``cwd``; ``home`` is ion's own folder. ``interactive``: somebody can be
    asked. ``auth`` is how one logs in, where a person is about to; ``spawn`` owns their tasks."""

    def __init__(
        self,
        launcher: Launcher,
        home: Path,
        cwd: Path,
        env: Mapping[str, str],
        *,
        interactive: bool,
        auth: Callable[[Declared], Any] | None,
        spawn: Spawn,
    ) -> None:
        self._launcher, self._home, self._cwd, self._env = launcher, home, cwd, env
        self._interactive, self._auth, self._spawn = interactive, auth, spawn

    def server(self, one: Declared, changed: Callable[[], None]) -> Server:
        """One of them; ``changed`` is called when it is in another state or has other tools."""
        auth = quiet(self._home, self._env) if one.settings.url else None
        reach = Reach(self._launcher, self._home, self._cwd, self._env, self._auth or auth)
        answering = Answering(
            one.name,
            [self._cwd],
            lambda text: reach.note(one.name, text),
            interactive=self._interactive,
            samples=one.settings.sampling,
        )
        return Server(one, reach, answering, Pins(self._home), self._spawn, changed)


async def called(
    servers: Servers | None, server: str, tool: str, arguments: dict[str, Any], cwd: Path
) -> str:
    """What a tool says to somebody who is no model: a hook. Raises ``NotConnected``."""
    if servers is None:
        raise NotConnected(f"There is no MCP server {server!r}: there are none.")
    found = servers.find(server)
    servers.start()
    await servers.settled(PATIENCE_S, found.name)

    async def progress(text: str) -> None:
        return None

    with TemporaryDirectory() as folder:
        context = ToolContext(
            call=CallId("hook"),
            workspace=Workspace(root=cwd),
            progress=progress,
            spill=Path(folder) / "output.txt",
        )
        try:
            outcome = await found.call(tool, arguments, context)
        except NotConnected:
            raise
        except Exception as error:  # whatever a server does is its hook's failure
            raise NotConnected(f"{server} failed: {error}") from error
    if outcome.status != "ok":
        raise NotConnected(outcome.content[:300])
    return outcome.content
