"""Ways to die: each makes one point of the harness and says which laws it broke.

A point is a number, so that the same seed gives the same points; what cannot be done on a machine
raises ``Impossible`` with the reason.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.crash import ruins, screens
from tests.crash.house import House, Said
from tests.crash.laws import after_death
from tests.crash.play import Play

FULL = """mount -t tmpfs -o size=%dk,mode=700 none "$1" || exit 99
cp -a "$2"/. "$1"/ && shift 2 && "$@"; code=$?
cp -a "$ION_HOME"/. "$OUT"/; exit $code"""
READ_ONLY = """mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99
shift; exec "$@\""""
OWN_FAULT = "this is a fault of ion's own"


class Impossible(Exception):
    """This machine does not let it be done; ``str(error)`` says why."""


class Scene(NamedTuple):
    """What every point needs: a folder of its own, the play, how long it takes undisturbed and how
    many lines it prints, and a database in which it came to its end."""

    root: Path
    play: Play
    seconds: float
    lines: int
    whole: Path


def killed(scene: Scene, chance: random.Random) -> list[str]:
    """``kill -9``, half of them at a line that was printed, half at any time."""
    house = House(scene.root, scene.play)
    if chance.random() < 0.5:
        line = chance.randrange(scene.lines + 1)
        said = house.killed_after(lines=line, seconds=chance.uniform(0, 0.01))
    else:
        said = house.killed_after(seconds=chance.uniform(0.05, scene.seconds))
    return after_death(house, said)


def full(scene: Scene, chance: random.Random) -> list[str]:
    """A home on a disk that is full sooner or later."""
    house, out, seed = House(scene.root, scene.play), scene.root / "out", scene.root / "seed"
    out.mkdir()
    shutil.copytree(house.home, seed)
    script = f"OUT={out}; {FULL % chance.randrange(60, 1500)}"
    wrap = (*unshared(), "sh", "-c", script, "sh", str(house.home), str(seed))
    child = house.begin(wrap=wrap)
    printed, err = child.communicate(timeout=120)
    said = Said(child.returncode, printed, err)
    shutil.copytree(out, house.home, dirs_exist_ok=True)
    broken = [f"it broke: {err[-400:]}"] if OWN_FAULT in err else []
    if said.code and not err.strip():
        broken.append("it ended without a word")
    return broken + after_death(house, said)


def read_only(scene: Scene, chance: random.Random) -> list[str]:
    """A home that nothing can be written to."""
    house = House(scene.root, scene.play)
    if chance.random() < 0.5:
        shutil.copy(scene.whole, house.file)
    wrap = (*unshared(), "sh", "-c", READ_ONLY, "sh", str(house.home))
    said = house.ion("run", "hello", wrap=wrap)
    found = [f"it broke: {said.err[-400:]}"] if OWN_FAULT in said.err else []
    if said.code in (0, 99) or not said.err.startswith("ion: "):
        found.append(f"it ended with {said.code}: {said.err[-300:]}")
    kept = house.ion("run", "--no-session", "do all of it", wrap=wrap)
    if kept.code:
        found.append(f"without a session it ended with {kept.code}: {kept.err[-300:]}")
    return found


def damaged(scene: Scene, chance: random.Random) -> list[str]:
    """A database with pages of garbage, or without its end."""
    house = House(scene.root, scene.play)
    shutil.copy(scene.whole, house.file)
    ruins.spoil(house.file, chance)
    return ruins.after_damage(house, scene.whole)


def torn(scene: Scene, chance: random.Random) -> list[str]:
    """A killed process whose log then loses its end, or is spoilt within."""
    house = House(scene.root, scene.play)
    house.killed_after(lines=chance.randrange(scene.lines // 4, scene.lines))
    log = house.file.with_name(f"{house.file.name}-wal")
    if log.exists():
        ruins.spoil(log, chance)
    return ruins.after_damage(house, None)


def begun_again(scene: Scene, chance: random.Random) -> list[str]:
    """The app after any of it: it starts, and says what it did."""
    house = House(scene.root, scene.play)
    way = chance.choice(("killed", "newer", "damaged", "readonly"))
    if way == "killed":
        house.killed_after(lines=chance.randrange(8, scene.lines - 40))
        return _said(house, "Ask ion", "play/script", words=("-c",))
    if way == "readonly":
        wrap = (*unshared(), "sh", "-c", READ_ONLY, "sh", str(house.home))
        return _said(house, "nothing", "kept.", wrap=wrap)
    if way == "newer":
        house.ion("run", "do all of it")
        with closing(sqlite3.connect(house.file)) as db:
            db.execute("PRAGMA user_version=999")
        return _said(house, "All of it is done.", "newer ion", words=("-c",))
    shutil.copy(scene.whole, house.file)
    with house.file.open("r+b") as data:
        data.write(chance.randbytes(100))
    return _said(house, "damaged", "saved")


def _said(
    house: House, *wanted: str, words: Sequence[str] = (), wrap: Sequence[str] = ()
) -> list[str]:
    missing = screens.shown(house, *wanted, words=words, wrap=wrap)
    return [missing] if missing else []


def unshared() -> tuple[str, ...]:
    """A command of its own for mounts. Raises ``Impossible``."""
    command = ("unshare", "-rm")
    try:
        probe = subprocess.run(
            [*command, "mount", "-t", "tmpfs", "none", "/mnt"],
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
    except OSError as error:
        raise Impossible(f"unshare: {error.strerror}") from error
    if probe.returncode:
        raise Impossible(f"no mounts here: {probe.stderr.strip()}")
    return command


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes that do nothing but use a processor."""
    burning = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(processes)]
    try:
        yield
    finally:
        for each in burning:
            each.send_signal(signal.SIGKILL)
            each.wait()


Death = Callable[[Scene, random.Random], list[str]]
DEATHS: dict[str, Death] = {
    "kill": killed,
    "load": killed,
    "full": full,
    "readonly": read_only,
    "damage": damaged,
    "log": torn,
    "app": begun_again,
}
SHARES = {
    "kill": 0.5,
    "load": 0.15,
    "full": 0.1,
    "readonly": 0.05,
    "damage": 0.1,
    "log": 0.06,
    "app": 0.04,
}
"""How many of the points each kind is."""
