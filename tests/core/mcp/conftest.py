"""Servers that really run, for the tests of this room."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from ion_core.config.extension_schema import McpServerSettings
from ion_core.mcp.answering import Answering
from ion_core.mcp.declared import Declared
from ion_core.mcp.pins import Pins
from ion_core.mcp.reach import Reach
from ion_core.mcp.server import Server
from ion_core.mcp.servers import Servers
from ion_core.tools.launcher import ThreadLauncher

FAKE = Path(__file__).parents[2] / "fakes" / "mcp" / "server.py"


def fake(how: str = "", name: str = "fake", **settings: object) -> Declared:
    """The server of ``tests/fakes/mcp``, misbehaving in some way."""
    args = (str(FAKE), *([how] if how else []))
    server = McpServerSettings(command=sys.executable, args=args, **settings)  # type: ignore[arg-type]
    return Declared(name=name, settings=server, source="test")


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Callable[..., Servers]]:
    """Makes servers, and ends them."""
    made: list[Servers] = []
    launcher = ThreadLauncher()
    (tmp_path / "ws").mkdir()

    def make(*declared: Declared) -> Servers:
        reach = Reach(launcher, tmp_path / "home", tmp_path / "ws", dict(os.environ))
        pins = Pins(tmp_path / "home")

        def one(said: Declared, changed: Callable[[], None]) -> Server:
            answering = Answering(said.name, [tmp_path / "ws"], lambda text: None, interactive=True)
            spawn = partial(asyncio.get_running_loop().create_task)
            return Server(said, reach, answering, pins, spawn, changed)

        made.append(Servers(declared, one))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()
    launcher.close()
