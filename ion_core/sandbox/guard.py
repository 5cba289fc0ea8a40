"""Comparing guarded paths after a command, and putting back what it changed.

For what no mount protects: everything guarded where only Landlock holds, and links and names that
were missing elsewhere. Runs when nothing of the command is left, so that nobody changes the paths
meanwhile.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import TypeAlias

from msgspec import Struct

_MOST_BYTES = 8 << 20
_MOST_FILES = 2_000
_TICK_NS = 50_000_000


class _Nothing(Struct, frozen=True):
    pass


class _Link(Struct, frozen=True):
    target: str


class _File(Struct, frozen=True):
    mode: int
    content: bytes


class _Folder(Struct, frozen=True):
    mode: int
    names: dict[str, _State]


class _Other(Struct, frozen=True):
    """A socket, a device, or more than is kept: known by its marks, not restorable."""

    marks: tuple[int, ...]


Contents: TypeAlias = dict[str, tuple[tuple[int, ...], _File]]
"""Files by their paths, with the marks that they had when they were read."""

_State: TypeAlias = _Nothing | _Link | _File | _Folder | _Other


class Guard:
    """What some paths are now. ``root`` is the folder below which no part of their way may become
    a link; ``contents`` remembers files that did not change since."""

    def __init__(self, paths: Iterable[str], root: str, contents: Contents | None = None) -> None:
        self._root, self._contents = root, {} if contents is None else contents
        self._room = _Room(self._contents)
        real = cache(os.path.realpath)
        self._before = {path: self._state(path, real) for path in dict.fromkeys(paths)}

    def _state(self, path: str, real: Callable[[str], str]) -> _State:
        return _Nothing() if _through_link(path, real) else _state(path, self._room)

    def restore(self) -> tuple[str, ...]:
        """Put back what differs; a sentence for each."""
        self._room = _Room(self._contents)
        told = []
        real = cache(os.path.realpath)
        for path, before in self._before.items():
            if before != _Nothing() and _through_link(path, real):
                told.append(self._straighten(path))
                real = cache(os.path.realpath)
            if self._state(path, real) != before:
                told.append(_restored(path, before))
        return tuple(told)

    def _straighten(self, path: str) -> str:
        """Remove the link that took the place of a folder above ``path``."""
        folder = os.path.dirname(path)
        while folder.startswith(self._root + "/"):
            if os.path.islink(folder):
                os.unlink(folder)
                return f"{folder} had become a link, which was removed."
            folder = os.path.dirname(folder)
        return f"{path} is reached through a link now; look at it."


def _through_link(path: str, real: Callable[[str], str]) -> bool:
    above = path.rpartition("/")[0] or "/"
    return real(above) != above


class _Room:
    """How much is still kept in memory."""

    def __init__(self, contents: Contents) -> None:
        self.bytes, self.files, self._contents = _MOST_BYTES, _MOST_FILES, contents

    def file(self, path: str, status: os.stat_result) -> _File:
        """The file, read again only if it may have changed: nobody but root sets its ctime."""
        marks = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        known = self._contents.get(path)
        if known is None or known[0] != marks or _is_recent(status):
            with open(path, "rb") as file:
                known = (marks, _File(stat.S_IMODE(status.st_mode), file.read()))
            self._contents[path] = known
        self.bytes -= status.st_size
        return known[1]


def _is_recent(status: os.stat_result) -> bool:
    """Whether another change could carry the same time: the kernel's clock ticks in
    milliseconds."""
    return time.time_ns() - status.st_ctime_ns < _TICK_NS


def _state(path: str, room: _Room) -> _State:
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return _Link(os.readlink(path))
        room.files -= 1
        if stat.S_ISDIR(status.st_mode) and room.files > 0:
            inside = {name: _state(f"{path}/{name}", room) for name in sorted(os.listdir(path))}
            return _Folder(stat.S_IMODE(status.st_mode), inside)
        if stat.S_ISREG(status.st_mode) and status.st_size <= room.bytes and room.files > 0:
            return room.file(path, status)
    except FileNotFoundError:
        return _Nothing()
    except OSError:
        return _Other(())
    return _Other((status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns))


def _restored(path: str, before: _State) -> str:
    if isinstance(before, _Other):
        return f"{path} was changed and could not be put back; look at it."
    try:
        _remove(path)
        if isinstance(before, _Nothing):
            return f"{path} was made, which is not allowed; it was removed."
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _write(path, before)
    except OSError as error:
        return f"{path} was changed and could not be put back ({error.strerror}); look at it."
    return f"{path} was changed, which is not allowed; it was put back as it was."


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with suppress(FileNotFoundError):
            os.unlink(path)


def _write(path: str, state: _State) -> None:
    match state:
        case _Link():
            os.symlink(state.target, path)
        case _File():
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW
            with open(os.open(path, flags, 0o600), "wb") as file:
                file.write(state.content)
            os.chmod(path, state.mode)
        case _Folder():
            os.mkdir(path)
            for name, inside in state.names.items():
                _write(f"{path}/{name}", inside)
            os.chmod(path, state.mode)
        case _Nothing() | _Other():
            pass
