"""Fixtures of the tools' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
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
