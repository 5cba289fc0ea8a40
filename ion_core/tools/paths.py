"""Which paths file tools may touch: the workspace.

A path is followed component by component, as the kernel would, before anything is opened: links,
``..`` behind links and files that are no folders cannot lead out unseen. What this does not cover
yet is a component that is swapped between the check and the use; opening relative to a held
descriptor closes that gap later.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

from ion_core.tools.protected import guards_write, holds_secrets, is_kernel_path

Operation: TypeAlias = Literal["read", "write", "list"]

_MOST_LINKS = 40  # as many as Linux follows (path_resolution(7))
_LONGEST_PATH, _LONGEST_NAME = 4095, 255


class PathRefused(Exception):
    """The path may not be used so. ``str(error)`` is a sentence that says why."""


class PathMissing(PathRefused):
    """Nothing is there."""


class PathOutside(PathRefused):
    """The path leads out of the workspace: to ``real``."""

    def __init__(self, reason: str, real: Path) -> None:
        super().__init__(reason)
        self.real = real


class _Found(NamedTuple):
    path: str
    status: os.stat_result | None  # None: nothing is there


class Workspace(Struct, frozen=True):
    """The folder a session works in, ``extra`` folders that it may use, and ``readable`` ones.

    Everything outside is refused, and so are kernel interfaces, devices, pipes, places of secrets
    and, for writing, files that steer git, ion, editors or shells. With a ``plan`` (a real path)
    that one file may be written although it is among those, and no other.
    """

    root: Path
    extra: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    plan: Path | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "root", Path(os.path.realpath(self.root)))
        for name in ("extra", "readable"):
            folders = tuple(Path(os.path.realpath(folder)) for folder in getattr(self, name))
            force_setattr(self, name, folders)

    def resolve(self, path: str, operation: Operation) -> Path:
        """The real path behind ``path`` (absolute, ``~/…``, or relative to the root).

        A path to ``read`` or ``list`` exists; one to ``write`` may not exist yet, nor its
        folders. Raises :class:`PathRefused` or :class:`PathMissing`.
        """
        _check_text(path)
        found = self._walk(self._absolute(path), path)
        real = Path(found.path)
        self._check_place(real, path, operation)
        if found.status is None and operation != "write":
            raise PathMissing(f"{path} does not exist.")
        if found.status is not None:
            _check_kind(found.status, path, operation)
        return real

    def shown(self, path: Path) -> str:
        """``path`` as the model should see it: relative to the root where it is inside."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def _absolute(self, path: str) -> str:
        if path == "~" or path.startswith("~/"):
            return os.path.expanduser("~") + path[1:]
        return path if path.startswith("/") else f"{self.root}/{path}"

    def _walk(self, absolute: str, path: str) -> _Found:
        current, status = "/", os.stat("/")
        pieces, links = _pieces(absolute), 0
        while pieces:
            if not stat.S_ISDIR(status.st_mode):
                raise PathRefused(f"{path}: {current} is a file, not a folder.")
            self._check_kernel(current, path)
            name = pieces.pop()
            following = _following(current, name)
            found = _status(following, path)
            if found is None:
                return _Found(_unmade(following, pieces, path), None)
            if stat.S_ISLNK(found.st_mode):
                links += 1
                if links > _MOST_LINKS:
                    raise PathRefused(f"{path} goes through too many symbolic links.")
                target = os.readlink(following)
                pieces.extend(_pieces(target))
                current = "/" if target.startswith("/") else current
            else:
                current, status = following, found
        return _Found(current, status)

    def _roots(self, operation: Operation) -> tuple[Path, ...]:
        return (self.root, *self.extra, *(() if operation == "write" else self.readable))

    def _check_kernel(self, current: str, path: str) -> None:
        if is_kernel_path(current) and not any(is_kernel_path(str(r)) for r in self._roots("read")):
            raise PathRefused(f"{path} leads to an interface of the kernel, not to a file.")

    def _check_place(self, real: Path, path: str, operation: Operation) -> None:
        roots = [root for root in self._roots(operation) if real.is_relative_to(root)]
        if not roots:
            raise PathOutside(
                f"{path} is outside the workspace {self.root}.",
                real,
            )
        self._check_kernel(str(real), path)
        names = real.relative_to(roots[0]).parts
        if holds_secrets(names):
            raise PathRefused(f"{path} is a place of keys and passwords; it is not for tools.")
        if operation == "write" and real != self.plan:
            self._check_write(names, path)

    def _check_write(self, names: tuple[str, ...], path: str) -> None:
        if self.plan is not None:
            plan = self.shown(self.plan)
            raise PathRefused(f"{path} may not be written: the plan alone may be, {plan}.")
        if guard := guards_write(names):
            raise PathRefused(f"{path} may not be written: {guard}")


def _check_text(path: str) -> None:
    if not path:
        raise PathRefused("The path is empty.")
    if "\0" in path:
        raise PathRefused("The path holds a NUL character.")
    if "://" in path:
        raise PathRefused(f"{path} is a URL, not a path.")
    try:
        size = len(os.fsencode(path))
    except UnicodeEncodeError as error:
        raise PathRefused("The path holds characters that no file name can hold.") from error
    if size > _LONGEST_PATH:
        raise PathRefused(f"The path is too long ({size} bytes).")


def _pieces(path: str) -> list[str]:
    """The components, last first. A slash at the end leaves an empty one: a folder is meant."""
    return path.split("/")[::-1]


def _following(current: str, name: str) -> str:
    if name in ("", "."):
        return current
    return os.path.dirname(current) if name == ".." else os.path.join(current, name)


def _status(path: str, asked: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PathRefused(f"{asked[:200]}: {error.strerror}.") from error


def _unmade(missing: str, pieces: list[str], path: str) -> str:
    """The path that would be made of a missing component and what follows it."""
    if ".." in pieces:
        raise PathMissing(f"{path}: {missing} does not exist.")
    names = [missing, *(name for name in reversed(pieces) if name not in ("", "."))]
    if any(len(os.fsencode(os.path.basename(name))) > _LONGEST_NAME for name in names):
        raise PathRefused(f"{path} holds a name that is too long.")
    return os.path.join(*names)


def _check_kind(status: os.stat_result, path: str, operation: Operation) -> None:
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder and not stat.S_ISREG(status.st_mode):
        raise PathRefused(f"{path} is a pipe, socket or device, not a file.")
    if operation == "list" and not is_folder:
        raise PathRefused(f"{path} is a file, not a folder.")
    if operation == "write" and is_folder:
        raise PathRefused(f"{path} is a folder, not a file.")
    if operation == "write" and status.st_nlink > 1:
        raise PathRefused(
            f"{path} has {status.st_nlink} hard links; writing it would part it from the others "
            "or change them. Make it a file of its own first (cp it to a new name, mv it back)."
        )
