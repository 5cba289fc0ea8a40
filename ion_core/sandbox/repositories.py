"""Git repositories in a workspace, and which of their files make git run something.

A ``.git`` that points elsewhere is followed only where git's own pointer leads back: what a
repository says of itself must not open a folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from msgspec import Struct

from ion_core.sandbox.known_places import SAMPLES

DEEPEST = 16
"""Folders below the workspace in which repositories and files of keys are looked for."""

_MOST_FOLDERS = 3_000
_PASSED_OVER = frozenset(
    {
        "node_modules",
        "__pycache__",
        ".venv",
        "venv",
        "target",
        ".tox",
        ".mypy_cache",
        ".cache",
        ".git",
    }
)
_SMALL = 4_096
_TICK_NS = 50_000_000


class Repository(Struct, frozen=True, kw_only=True):
    """``mark`` is the ``.git`` in a folder; ``common`` is where objects, references and
    configuration are, ``private`` the folder of a linked worktree. ``apart`` is where a ``.git``
    that is not believed points to: guarded, never opened."""

    mark: str
    common: str
    private: str = ""
    apart: str = ""

    @property
    def steering(self) -> Iterator[str]:
        """The files and folders that say what git runs; each may be absent."""
        commons = (self.common, self.apart) if self.apart else (self.common,)
        for folder in (each for common in commons for each in (common, *modules(common))):
            yield from (f"{folder}/{name}" for name in ("config", "hooks", "config.worktree"))
            yield f"{folder}/info/attributes"
        for folder in (each for common in commons for each in worktrees(common)):
            yield from (f"{folder}/{name}" for name in ("commondir", "config.worktree"))
        if self.apart:
            yield f"{self.apart}/commondir"
        if self.private:
            yield self.mark
            yield from (f"{self.private}/{name}" for name in ("commondir", "gitdir"))
            yield f"{self.private}/config.worktree"
        else:
            yield f"{self.common}/commondir"


class Inside(Struct, frozen=True, kw_only=True):
    """What is in a tree: its repositories, and the files that hold keys by custom."""

    repositories: tuple[Repository, ...] = ()
    keys: tuple[str, ...] = ()


class _Folder(Struct, frozen=True, kw_only=True):
    """What a folder held. ``marks`` are those it had, or None when it could change unnoticed."""

    marks: tuple[int, int] | None
    folders: tuple[str, ...]
    keys: tuple[str, ...]
    is_tree: bool


class Repositories:
    """Finds repositories and files of keys, remembering folders that did not change since."""

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {}

    def inside(self, root: str) -> Inside:
        """What is in ``root`` and, to some depth, below it."""
        trees, keys, level, seen = list[str](), list[str](), [root], 0
        for _ in range(DEEPEST + 1):
            seen += len(level)
            if seen > _MOST_FOLDERS:
                trees += (path for path in level if os.path.lexists(f"{path}/.git"))
                break
            known = [(path, found) for path in level if (found := self._known(path)) is not None]
            trees += (path for path, found in known if found.is_tree)
            keys += (key for _, found in known for key in found.keys)
            level = [below for _, found in known for below in found.folders]
        repositories = (one for path in trees if (one := repository(path)) is not None)
        return Inside(repositories=tuple(repositories), keys=tuple(keys))

    def below(self, root: str) -> tuple[Repository, ...]:
        """The repositories in ``root`` and, to some depth, below it."""
        return self.inside(root).repositories

    def _known(self, path: str) -> _Folder | None:
        try:
            status = os.stat(path)
            known = self._folders.get(path)
            if known is None or known.marks != (status.st_ino, status.st_ctime_ns):
                known = self._folders[path] = _read(path, status)
        except OSError:
            return None
        return known


def _read(path: str, status: os.stat_result) -> _Folder:
    folders, keys, is_tree = [], [], False
    with os.scandir(path) as entries:
        for entry in entries:
            is_tree = is_tree or entry.name == ".git"
            if holds_keys(entry.name):
                keys.append(entry.path)
            elif entry.name not in _PASSED_OVER and entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
    # A command can set a folder's other times back, and the kernel's clock ticks in milliseconds.
    settled = time.time_ns() - status.st_ctime_ns > _TICK_NS
    marks = (status.st_ino, status.st_ctime_ns) if settled else None
    return _Folder(marks=marks, folders=tuple(folders), keys=tuple(keys), is_tree=is_tree)


def holds_keys(name: str) -> bool:
    """Whether a file of this name holds keys by custom, and is no sample of one."""
    is_keys = name == ".env" or name.startswith(".env.") or name.endswith(".pem")
    return is_keys and not name.endswith(SAMPLES)


def repository(folder: str) -> Repository | None:
    """The repository whose work tree ``folder`` is. One whose ``.git`` is a link, or points to
    what does not point back, has no folder of its own: ``common`` is the ``.git`` itself, and
    ``apart`` what it points to."""
    mark = f"{folder}/.git"
    if not os.path.lexists(mark):
        return None
    if os.path.islink(mark) or not os.path.isfile(mark):
        return Repository(mark=mark, common=mark, apart=_apart(mark, os.path.realpath(mark)))
    private = _pointed(mark, "gitdir: ", folder)
    common = os.path.dirname(os.path.dirname(private))
    leads_back = _pointed(f"{private}/gitdir", "", private) == mark and is_of(private, common)
    if os.path.basename(os.path.dirname(private)) == "worktrees" and leads_back:
        return Repository(mark=mark, common=common, private=private)
    return Repository(mark=mark, common=mark, apart=_apart(mark, private))


def is_of(private: str, common: str) -> bool:
    """Whether the folder of a worktree says that it is of this repository."""
    return _pointed(f"{private}/commondir", "", private) == os.path.realpath(common)


def _apart(mark: str, real: str) -> str:
    return real if real not in ("", mark) and os.path.isfile(f"{real}/HEAD") else ""


def enclosing(root: str, home: str) -> str:
    """The work tree around ``root`` that is not ``root`` itself, or nothing. The person's own
    folder and what is above it are none."""
    folder = os.path.dirname(root)
    while folder not in ("/", home) and not home.startswith(folder + "/"):
        if os.path.lexists(f"{folder}/.git"):
            return folder
        folder = os.path.dirname(folder)
    return ""


def worktrees(common: str) -> list[str]:
    """The folders of linked worktrees, wherever these are."""
    try:
        return [entry.path for entry in os.scandir(f"{common}/worktrees") if entry.is_dir()]
    except OSError:
        return []


def modules(common: str) -> Iterator[str]:
    """The folders of submodules; their names may hold slashes."""
    if not os.path.isdir(f"{common}/modules"):
        return
    for folder, names, files in os.walk(f"{common}/modules"):
        if "HEAD" in files:
            yield folder
            names[:] = [name for name in names if name == "modules"]


def _pointed(file: str, prefix: str, base: str) -> str:
    """The real path that a file of git's names; empty where it names none."""
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as opened:
            said = opened.read(_SMALL).strip()
    except OSError:
        return ""
    if not said.startswith(prefix) or "\0" in said or "\n" in said:
        return ""
    return os.path.realpath(os.path.join(base, said.removeprefix(prefix)))
