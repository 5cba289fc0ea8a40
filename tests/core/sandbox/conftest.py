"""A home, a workspace and the launcher, once for each protection that this machine has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_cell import Cell, home_of, means_of


@pytest.fixture(params=["full", "reduced"])
def cell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cell]:
    """A cell of each protection."""
    yield from _cell(request.param, tmp_path)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Cell]:
    """For what only a full protection promises."""
    yield from _cell("full", tmp_path)


@pytest.fixture
def reduced(tmp_path: Path) -> Iterator[Cell]:
    """For what holds without bubblewrap alone."""
    yield from _cell("reduced", tmp_path)


def _cell(protection: str, folder: Path) -> Iterator[Cell]:
    """Skips only where the probe says that the means are missing."""
    means = means_of(protection, folder / "probe")
    if means.protection != protection:
        pytest.skip(f"no {protection} protection here: {' '.join(means.missing)}")
    home = home_of(folder)
    cell = Cell(home=home, root=home / "work", own=folder / "ion", means=means)
    subprocess.run(
        ["git", "init", "-q", "-b", "main", str(cell.root)],
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
    )
    yield cell
    cell.close()
