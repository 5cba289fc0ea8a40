"""What extends ion in one folder, joined for the sessions there: MCP servers so far.

Nothing of it is imported where there is nothing: then a look for a file is all that it costs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ion_core.config.load import Loaded

if TYPE_CHECKING:
    from ion_core.agent.instructing import Catalogue
    from ion_core.mcp.declared import Declared
    from ion_core.mcp.server import Server
    from ion_core.mcp.servers import Servers
    from ion_core.tools.process import Launcher


class Extensions:
    """Of ``cwd``; ``home`` is ion's own folder, ``files`` are further lists of servers that the
    person named; ``interactive``: somebody can be asked."""

    def __init__(
        self,
        loaded: Callable[[], Loaded],
        launcher: Launcher,
        home: Path,
        cwd: Path,
        env: Mapping[str, str],
        *,
        files: Sequence[Path] = (),
        interactive: bool = False,
    ) -> None:
        self._loaded, self._launcher = loaded, launcher
        self._home, self._cwd, self._env = home, cwd, env
        self._files, self._interactive = tuple(files), interactive
        self._tasks: set[asyncio.Task[None]] = set()

    @cached_property
    def servers(self) -> Servers | None:
        """The MCP servers; None where there is none."""
        if not self._has_servers:
            return None
        from ion_core.mcp.servers import Servers  # start-up: few folders have any

        return Servers(self.declared(), self._server)

    def declared(self) -> tuple[Declared, ...]:
        """Every server as it was written down, also those that are not used."""
        from ion_core.mcp.declared import declared  # start-up: as above

        loaded = self._loaded()
        return declared(
            loaded.settings,
            loaded.places.project,
            trusted=loaded.trusted,
            env=self._env,
            more=self._files,
        )

    def catalogues(self, cwd: Path, trusted: bool) -> Sequence[Catalogue]:
        """What models are told of beforehand in a session that works in ``cwd``."""
        return () if self.servers is None else (self.servers.catalogue,)

    def wake(self) -> None:
        """Begin what takes its time and nothing waits for: the servers are connected."""
        if self.servers is not None:
            self.servers.start()

    async def aclose(self) -> None:
        """End what runs; nothing of it outlives this by more than a second or two."""
        if "servers" in self.__dict__ and self.servers is not None:
            await self.servers.aclose()

    @property
    def _has_servers(self) -> bool:
        loaded = self._loaded()
        settings = loaded.settings
        if settings.mcp_servers or self._files:
            return True
        obeyed = loaded.trusted and settings.claude_compat
        return obeyed and os.path.exists(loaded.places.project / ".mcp.json")

    def _server(self, one: Declared, changed: Callable[[], None]) -> Server:
        from ion_core.mcp.answering import Answering  # start-up: as above
        from ion_core.mcp.pins import Pins
        from ion_core.mcp.reach import Reach
        from ion_core.mcp.server import Server

        reach = Reach(self._launcher, self._home, self._cwd, self._env)
        answering = Answering(
            one.name,
            [self._cwd],
            lambda text: reach.note(one.name, text),
            interactive=self._interactive,
        )
        return Server(one, reach, answering, Pins(self._home), self._spawn, changed)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of nobody's group: a server that fails must not take the sessions with it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
