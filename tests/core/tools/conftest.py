"""Fixtures of the tools' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from jobs_floor import Floor, a_floor
from tools_bench import Bench, Call

from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.toolbox import Toolbox, standard_tools


@pytest.fixture
def launcher() -> Iterator[ThreadLauncher]:
    launcher = ThreadLauncher()
    yield launcher
    launcher.close()


@pytest.fixture
def bench(tmp_path: Path, launcher: ThreadLauncher) -> Bench:
    root = tmp_path / "ws"
    root.mkdir()
    spill = tmp_path / "spill" / "call-1.txt"
    return Bench(root=root, spill=spill, toolbox=Toolbox(standard_tools(launcher)))


@pytest.fixture
def call(bench: Bench) -> Call:
    return bench.call


@pytest.fixture
async def floor(bench: Bench, launcher: ThreadLauncher) -> AsyncIterator[Floor]:
    async with a_floor(bench, launcher) as floor:
        yield floor
