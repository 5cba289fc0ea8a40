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
    """A cell of each protection; skipped only where the probe says that the means are missing."""
    means = means_of(request.param, tmp_path / "probe")
    if means.protection != request.param:
        pytest.skip(f"no {request.param} protection here: {' '.join(means.missing)}")
    home = home_of(tmp_path)
    cell = Cell(home=home, root=home / "work", own=tmp_path / "ion", means=means)
    subprocess.run(
        ["git", "init", "-q", "-b", "main", str(cell.root)],
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
    )
    yield cell
    cell.close()


@pytest.fixture
def full(cell: Cell) -> Cell:
    """For what only a full protection promises."""
    if cell.means.protection != "full":
        pytest.skip("promised by the full protection alone")
    return cell
