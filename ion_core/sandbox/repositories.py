"""Git repositories in a workspace, and which of their files make git run something.

A ``.git`` that points elsewhere is followed only where git's own pointer leads back: what a
repository says of itself must not open a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec import Struct

from ion_core.sandbox.known_places import SAMPLES

DEEPEST = 3
"""Folders below the workspace in which repositories are looked for."""

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


class Repository(Struct, frozen=True, kw_only=True):
    """``mark`` is the ``.git`` in a folder; ``common`` is where objects, references and
    configuration are, ``private`` the folder of a linked worktree."""

    mark: str
    common: str
    private: str = ""

    @property
    def steering(self) -> Iterator[str]:
        """The files and folders that say what git runs; each may be absent."""
        for folder in (self.common, *_modules(self.common)):
            yield from (f"{folder}/{name}" for name in ("config", "hooks", "config.worktree"))
            yield f"{folder}/info/attributes"
        if self.private:
            yield self.mark
            yield from (f"{self.private}/{name}" for name in ("commondir", "gitdir"))
            yield f"{self.private}/config.worktree"
        else:
            yield f"{self.common}/commondir"


class Repositories:
    """Finds repositories and files of keys, remembering folders that did not change since."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {}

    def below(self, root: str) -> list[Repository]:
        """Those in ``root`` and, to some depth, below it."""
        found, level, seen = [], [root], 0
        for _ in range(DEEPEST + 1):
            seen += len(level)
            found += [known for folder in level if (known := repository(folder)) is not None]
            if seen > _MOST_FOLDERS:
                break
            level = [below for folder in level for below in self._inside(folder)]
        return found

    def keys_below(self, root: str) -> list[str]:
        """The files in ``root``, and in folders as far below as repositories are looked for, that
        hold keys by custom."""
        found, level, seen = [], [root], 0
        for _ in range(DEEPEST + 1):
            seen += len(level)
            if seen > _MOST_FOLDERS:
                break
            inside = [(self._inside(folder), self._keys(folder)) for folder in level]
            found += [key for _, keys in inside for key in keys]
            level = [below for folders, _ in inside for below in folders]
        return found

    def _keys(self, folder: str) -> tuple[str, ...]:
        known = self._folders.get(folder)
        return () if known is None else known[2]

    def _inside(self, folder: str) -> tuple[str, ...]:
        try:
            changed = os.stat(folder).st_mtime_ns
            known = self._folders.get(folder)
            if known is None or known[0] != changed:
                known = self._folders[folder] = (changed, *_read(folder))
        except OSError:
            return ()
        return known[1]


def _read(folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folders in a folder that are looked into, and its files of keys."""
    folders, keys = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if holds_keys(entry.name):
                keys.append(entry.path)
            elif entry.name not in _PASSED_OVER and entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
    return tuple(folders), tuple(keys)


def holds_keys(name: str) -> bool:
    """Whether a file of this name holds keys by custom, and is no sample of one."""
    is_keys = name == ".env" or name.startswith(".env.") or name.endswith(".pem")
    return is_keys and not name.endswith(SAMPLES)


def repository(folder: str) -> Repository | None:
    """The repository whose work tree ``folder`` is. One whose ``.git`` is a link, or points to
    what does not point back, has no folder of its own: ``common`` is the ``.git`` itself."""
    mark = f"{folder}/.git"
    if not os.path.lexists(mark):
        return None
    if os.path.islink(mark) or not os.path.isfile(mark):
        return Repository(mark=mark, common=mark)
    private = _pointed(mark, "gitdir: ", folder)
    common = os.path.dirname(os.path.dirname(private))
    leads_back = os.path.realpath(_pointed(f"{private}/gitdir", "", private)) == mark
    if os.path.basename(os.path.dirname(private)) == "worktrees" and leads_back:
        return Repository(mark=mark, common=common, private=private)
    return Repository(mark=mark, common=mark)


def enclosing(root: str, home: str) -> str:
    """The work tree around ``root`` that is not ``root`` itself, or nothing. The person's own
    folder and what is above it are none."""
    folder = os.path.dirname(root)
    while folder not in ("/", home) and not home.startswith(folder + "/"):
        if os.path.lexists(f"{folder}/.git"):
            return folder
        folder = os.path.dirname(folder)
    return ""


def _modules(common: str) -> Iterator[str]:
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
