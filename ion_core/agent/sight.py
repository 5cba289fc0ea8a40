"""Which files a folder holds, and what can be seen of them without reading: before and after a
command, so that what it changed is known.

In a repository git says which files are its own or new (what it ignores is left out); elsewhere the
folder is walked. Both within limits: where they are met, nothing is seen, and that is told. Git
runs nothing here: it lists names and compares no content, so that no filter, hook or monitor of the
repository is started, and its index is not written.
"""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from ion_core.policy.shell.programs import LOOKING

MOST_NAMES: Final = 20_000
"""Names of a folder that is walked."""
MOST_LISTED: Final = 200_000
"""Names that git lists."""
MOST_S: Final = 0.3
SKIPPED: Final = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache"}
)

_COUNT: Final = int(LOOKING["GIT_CONFIG_COUNT"])
_OWNED: Final = {
    "GIT_CONFIG_COUNT": str(_COUNT + 1),
    f"GIT_CONFIG_KEY_{_COUNT}": "safe.directory",
    f"GIT_CONFIG_VALUE_{_COUNT}": "*",
}
"""Git lists the files of somebody else's repository too, since it starts nothing of it."""


class Look(NamedTuple):
    """What ``lstat`` says of a path; two that are equal are of the same content."""

    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


Seen: TypeAlias = dict[str, Look]


def seen(root: Path) -> Seen | None:
    """Every file, link and folder under a real path; None where that takes too long. Blocking."""
    end = time.monotonic() + MOST_S
    names = _listed(root) if in_repository(root) else _walked(str(root), end)
    return None if names is None else _looks(names, end + MOST_S)


def in_repository(root: Path) -> bool:
    """Whether git knows what belongs to a folder."""
    return any((folder / ".git").exists() for folder in (root, *root.parents))


def _listed(root: Path) -> set[str] | None:
    """What git does not ignore, and the folders on the way there."""
    listed = git_names(root, "--cached", "--others", "--exclude-standard")
    if listed is None:
        return None
    names: set[str] = set()
    top = str(root)
    for path in listed:
        name = path.rstrip("/")
        while name != top and name not in names:
            names.add(name)
            name = os.path.dirname(name)
    return names


def git_names(root: Path, *which: str) -> list[str] | None:
    """The paths that ``git ls-files`` lists, folders with a slash behind them; None where it takes
    too long, or there are too many."""
    command = ["git", "--no-optional-locks", "-C", str(root), "ls-files"]
    environment = {**LOOKING, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [*command, "-z", *which],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, **_OWNED},
            timeout=MOST_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.stdout.count(b"\0") > MOST_LISTED:
        return None
    return [f"{root}/{name}" for name in os.fsdecode(done.stdout).split("\0") if name]


def ignored(root: Path, paths: Sequence[str]) -> set[str]:
    """Those of the paths that git would ignore if they were new; all of them where it cannot say.
    Blocking."""
    if not paths:
        return set()
    environment = {**LOOKING, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "check-ignore", "--no-index", "-z", "--stdin"],
            input=b"".join(os.fsencode(path) + b"\0" for path in paths),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, **_OWNED},
            timeout=MOST_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return set(paths)
    return set(os.fsdecode(done.stdout).split("\0")) if done.returncode in (0, 1) else set(paths)


def _walked(root: str, end: float) -> set[str] | None:
    names: set[str] = set()
    waiting = [root]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.name in SKIPPED:
                        continue
                    names.add(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue
        if len(names) > MOST_NAMES or time.monotonic() > end:
            return None
    return names


def _looks(names: set[str], end: float) -> Seen | None:
    found: Seen = {}
    for name in names:
        try:
            status = os.lstat(name)
        except OSError:
            continue
        if stat.S_ISSOCK(status.st_mode):  # of programs that run, or of ion's own sandbox
            continue
        found[name] = Look(
            status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
        )
    return found if time.monotonic() < end else None


def differs(old: Look | None, new: Look | None) -> bool:
    """Whether something other than what a folder holds may have changed."""
    if old is None or new is None:
        return old is not new
    if stat.S_ISDIR(old.mode) and stat.S_ISDIR(new.mode):
        return old.mode != new.mode
    return old != new
