"""What takes a missing name while commands run, whichever ion started them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sandbox_cell import Cell

from ion_core.sandbox.places import Guarded
from ion_core.sandbox.stand_ins import StandIns


def test_stand_ins_are_removed_unless_somebody_filled_them(tmp_path: Path) -> None:
    stand_ins = StandIns(tmp_path)
    paths = [tmp_path / name for name in ("a", "b", "c", "d")]
    kinds = ("folder", "file", "folder", "name")
    guarded = [Guarded(path=str(p), stand_in=k) for p, k in zip(paths, kinds, strict=True)]
    first, second = stand_ins.take(guarded), stand_ins.take(guarded)
    stand_ins.give_back(first)
    assert all(path.exists() for path in paths)
    (paths[2] / "mine").write_text("x")
    stand_ins.give_back(second)
    assert [path.exists() for path in paths] == [False, False, True, False]


KINDS = {"folder": "folder", "file": "file", "name": "name", "filled": "file"}

TAKING = f"""
import os, signal, sys
from pathlib import Path
from ion_core.sandbox.places import Guarded
from ion_core.sandbox.stand_ins import StandIns
own, at = map(Path, sys.argv[1:])
mine = StandIns(own)
taken = mine.take(Guarded(path=f"{{at}}/{{n}}", stand_in=k) for n, k in {KINDS}.items())
print(len(taken), flush=True)
if sys.stdin.readline() == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
mine.give_back(taken)
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Where processes note what stands in."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def at(tmp_path: Path) -> Path:
    """A folder where names are missing."""
    folder = tmp_path / "at"
    folder.mkdir()
    return folder


def missing(at: Path) -> list[Guarded]:
    return [Guarded(path=f"{at}/{name}", stand_in=kind) for name, kind in KINDS.items()]


@contextmanager
def another_ion(own: Path, at: Path, most: int = 4) -> Iterator[subprocess.Popen[str]]:
    """One that uses ``most`` stand-ins until it is told to go on, or to kill itself."""
    argv = [sys.executable, "-c", TAKING, str(own), str(at)]
    with subprocess.Popen(argv, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == f"{most}\n"
        yield other


def test_what_a_killed_process_left_is_removed_by_the_next(own: Path, at: Path) -> None:
    with another_ion(own, at) as other:
        other.communicate("kill")
    assert len(list(at.iterdir())) == 4
    (at / "filled").write_text("mine")
    StandIns(own).sweep()
    assert [path.name for path in at.iterdir()] == ["filled"]


def test_what_a_living_process_uses_is_left_to_it(own: Path, at: Path) -> None:
    stand_ins = StandIns(own)
    taken = stand_ins.take([Guarded(path=f"{at}/a", stand_in="name")])
    StandIns(own).sweep()
    stand_ins.close()
    assert [path.name for path in at.iterdir()] == ["a"]
    stand_ins.give_back(taken)
    stand_ins.close()
    assert list(at.iterdir()) == []


def test_the_first_to_finish_leaves_what_another_process_relies_upon(own: Path, at: Path) -> None:
    mine = StandIns(own)
    with another_ion(own, at) as other:
        taken = mine.take(missing(at))
        assert len(taken) == 4
        other.communicate("go on")
        assert len(list(at.iterdir())) == 4
    mine.give_back(taken)
    assert list(at.iterdir()) == []


def test_the_last_to_finish_removes_what_another_process_made(own: Path, at: Path) -> None:
    mine = StandIns(own)
    with another_ion(own, at) as other:
        mine.give_back(mine.take(missing(at)))
        assert len(list(at.iterdir())) == 4
        other.communicate("go on")
    assert list(at.iterdir()) == []


def test_a_sweep_leaves_what_a_living_process_relies_upon(own: Path, at: Path) -> None:
    mine = StandIns(own)
    with another_ion(own, at) as other:
        taken = mine.take(missing(at))
        other.communicate("kill")
    StandIns(own).sweep()
    assert len(list(at.iterdir())) == 4
    mine.give_back(taken)
    assert list(at.iterdir()) == []


def test_what_was_there_before_is_nobodys_stand_in(own: Path, at: Path) -> None:
    (at / "folder").mkdir()
    (at / "file").touch()
    with another_ion(own, at, 2) as other:
        mine = StandIns(own)
        mine.give_back(mine.take(missing(at)))
        other.communicate("go on")
    assert sorted(path.name for path in at.iterdir()) == ["file", "folder"]


async def test_two_ions_in_one_folder_protect_it_to_the_end_of_both(full: Cell) -> None:
    second = Cell(home=full.home, root=full.root, own=full.own, means=full.means)

    def until(name: str) -> str:
        return f"touch {name}-runs; until [ -e {name}-goes ]; do sleep 0.02; done"

    async with asyncio.TaskGroup() as both:
        first = both.create_task(full.run(until("first")))
        await _made(full.root / "first-runs")
        evil = "mkdir -p .vscode; echo x > .envrc; echo x > .mcp.json; rm -f .ion"
        then = both.create_task(second.run(f"{until('second')}; {evil}; test -S .ion"))
        await _made(full.root / "second-runs")
        (full.root / "first-goes").touch()
        await first
        (full.root / "second-goes").touch()
    second.close()
    assert then.result().code == 0, then.result().output
    left = [name for name in os.listdir(full.root) if not name.startswith(("first", "second"))]
    assert left == [".git"]


async def _made(path: Path) -> None:
    async with asyncio.timeout(10):
        while not path.exists():  # noqa: ASYNC110 (the kernel tells nobody)
            await asyncio.sleep(0.01)
