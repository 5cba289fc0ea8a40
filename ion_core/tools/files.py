"""Files as tools hold them: opened only when regular, replaced whole or not at all.

A replacement is written beside the file, flushed to the disk and renamed over it, so that a reader
sees the old bytes or the new ones and a crash leaves one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from ion_core.tools.paths import PathRefused

T = TypeVar("T")


class FileChanged(PathRefused):
    """Somebody else wrote the file between reading and replacing it."""


def open_regular(path: Path) -> BinaryIO:
    """A regular file, for reading. Never follows a last link and never waits for a pipe. Raises
    ``OSError`` or :class:`PathRefused`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise PathRefused(f"{path} is not a regular file.")
    return file


def replace_file(
    path: Path,
    data: bytes,
    before: os.stat_result | None,
    rights: os.stat_result | None = None,
) -> None:
    """Put ``data`` at ``path``, creating its folders. ``before`` is the file as it was read (None:
    it was not there): its mode and owner are kept, or those of ``rights``. Raises ``OSError`` or
    :class:`FileChanged`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    draft = f".{path.name[:40]}.{os.urandom(6).hex()}.ion"
    try:
        _write_draft(draft, folder, data, rights or before, path if before else None)
        try:
            _check_unchanged(path, folder, before)
            os.rename(draft, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(draft, dir_fd=folder)
            raise
        with contextlib.suppress(OSError):  # the file is in place; some file systems refuse this
            os.fsync(folder)
    finally:
        os.close(folder)


def remove_file(path: Path, before: os.stat_result) -> None:
    """Take away the file that was read as ``before``. Raises ``OSError`` or
    :class:`FileChanged`."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check_unchanged(path, folder, before)
        os.unlink(path.name, dir_fd=folder)
        with contextlib.suppress(OSError):  # the file is gone; some file systems refuse this
            os.fsync(folder)
    finally:
        os.close(folder)


def _write_draft(
    name: str, folder: int, data: bytes, before: os.stat_result | None, like: Path | None
) -> None:
    mode = 0o666 if before is None else stat.S_IMODE(before.st_mode)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, mode & 0o777, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if before is not None:
                _keep_rights(descriptor, before)
            if like is not None:
                _keep_attributes(descriptor, like)
            os.fsync(descriptor)
    except BaseException:
        os.unlink(name, dir_fd=folder)
        raise


def _keep_rights(descriptor: int, before: os.stat_result) -> None:
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _keep_attributes(descriptor: int, like: Path) -> None:
    """Extended attributes, as far as the file system and one's rights go; Linux only."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(like, follow_symlinks=False):
            with contextlib.suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(like, name, follow_symlinks=False))


def _check_unchanged(path: Path, folder: int, before: os.stat_result | None) -> None:
    try:
        now = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        now = None
    if _version(now) != _version(before):
        raise FileChanged(f"{path.name} was changed by somebody else just now. Read it again.")


def _version(status: os.stat_result | None) -> tuple[int, ...] | None:
    if status is None:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


async def uninterrupted(work: Callable[[], T]) -> T:
    """Run blocking work in a thread. A cancel waits for its end, so that nothing is written after
    its call was said to be over."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        task.exception()  # what it met is of no interest any more
        raise
