"""The MCP servers of a folder, each made of its parts: how to reach it, what it may ask, its pins.

Imported where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ion_core.mcp.answering import Answering
from ion_core.mcp.auth import quiet
from ion_core.mcp.declared import Declared
from ion_core.mcp.pins import Pins
from ion_core.mcp.reach import Reach
from ion_core.mcp.server import Server

if TYPE_CHECKING:
    import asyncio

    from ion_core.tools.process import Launcher

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
