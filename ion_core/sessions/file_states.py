"""What stands at a path, kept so that it can be put back: a file, a link, a folder, or nothing.

Links are recorded as links and never followed. A file over ``LARGEST`` bytes is recognised by its
size and time; its content is not kept.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from contextlib import suppress
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from ion_core.errors import StoreError
from ion_core.sessions.blobs import Blobs

Kind: TypeAlias = Literal["none", "file", "link", "folder", "unkept", "unseen"]
"""``unkept`` is there, but its content was not kept; ``unseen`` is a folder in which changes could
not be seen."""

LARGEST: Final = 20 << 20
UNKNOWN: Final = b""
"""The print of what nobody looked at after an effect."""
_SCRATCH: Final = re.compile(r"\.ion-(\d+)-[0-9a-f]{8}")
_FOLDER: Final = hashlib.sha256(b"folder").digest()


class State(Struct, frozen=True):
    """``digest`` is that of what is kept: a file's bytes or a link's target. ``print`` tells this
    state from others; None: nothing is there."""

    kind: Kind = "none"
    digest: bytes | None = None
    mode: int = 0
    print: bytes | None = None


NOTHING: Final = State()


def look(path: str, blobs: Blobs | None = None, *, durable: bool = True) -> State:
    """What is there now; its content is kept with ``blobs``. Blocking. What cannot be read is
    ``unkept``."""
    try:
        status = os.lstat(path)
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISDIR(status.st_mode):
            return State("folder", None, mode, _FOLDER)
        if stat.S_ISLNK(status.st_mode):
            return _kept("link", os.fsencode(os.readlink(path)), mode, blobs, durable)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            return State("unkept", None, mode, _facts(status))
        return _kept("file", _content(path), mode, blobs, durable)
    except (FileNotFoundError, NotADirectoryError):
        return NOTHING
    except OSError as error:
        going_round = error.errno == errno.ELOOP  # its folder is a link that leads nowhere
        return NOTHING if going_round else State("unkept", None, 0, UNKNOWN)
    except StoreError:
        return State("unkept", None, 0, UNKNOWN)


def _content(path: str) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(LARGEST)


def _kept(
    kind: Literal["file", "link"], data: bytes, mode: int, blobs: Blobs | None, durable: bool
) -> State:
    digest = hashlib.sha256(data).digest()
    if blobs is not None:
        blobs.keep(data, durable=durable)
    mark = digest if kind == "file" else _link(data)
    return State(kind, digest, mode, mark)


def _link(target: bytes) -> bytes:
    return hashlib.sha256(b"link:" + target).digest()


def _facts(status: os.stat_result) -> bytes:
    return hashlib.sha256(f"{status.st_size}:{status.st_mtime_ns}".encode()).digest()


def put_back(path: str, state: State, blobs: Blobs, roots: tuple[str, ...]) -> str:
    """Make ``state`` what stands at ``path``; why it was not done, or nothing. A file is whole at
    every moment. Blocking."""
    if problem := hindrance(path, roots):
        return problem
    try:
        _put_back(path, state, blobs)
    except OSError as error:
        return f"{error.strerror or error}."
    return ""


def expected(state: State, blobs: Blobs) -> bytes | None:
    """The print of a state that is about to be put back. Blocking."""
    if state.kind == "folder":
        return _FOLDER
    if state.kind != "link" or state.digest is None:
        return state.digest
    try:
        return _link(blobs.read(state.digest.hex()))
    except OSError:
        return UNKNOWN


def litter(folder: str) -> list[str]:
    """What an ion that was ended while it restored left in a folder."""
    found = []
    with suppress(OSError):
        for name in os.listdir(folder):
            parts = _SCRATCH.fullmatch(name)
            if parts and not _runs(int(parts[1])):
                found.append(f"{folder}/{name}")
    return found


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def hindrance(path: str, roots: tuple[str, ...]) -> str:
    """Why nothing may be put there: a sentence, or nothing."""
    folder = os.path.dirname(path)
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if os.path.realpath(folder) != folder or not os.path.isdir(folder):
        return "its folder is a link or a file now, which is not followed."
    if not any(path.startswith(f"{root.rstrip('/')}/") for root in roots):
        return "it is outside the workspace."
    try:
        status = os.lstat(path)
    except OSError:
        return ""
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
        return f"it has {status.st_nlink} hard links, and the others would be parted from it."
    if stat.S_IFMT(status.st_mode) not in (stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR):
        return "it is no file now."
    return ""


def _put_back(path: str, state: State, blobs: Blobs) -> None:
    is_folder = os.path.isdir(path) and not os.path.islink(path)
    if state.kind == "none":
        if is_folder:
            os.rmdir(path)
        elif os.path.lexists(path):
            os.unlink(path)
        return
    if state.kind == "folder":
        if os.path.lexists(path) and not is_folder:
            os.unlink(path)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, state.mode)
        return
    data = blobs.read((state.digest or b"").hex())
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if is_folder:
        os.rmdir(path)
    fresh = f"{os.path.dirname(path)}/.ion-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        _write(fresh, state, data)
        os.replace(fresh, path)
    finally:
        if os.path.lexists(fresh):
            os.unlink(fresh)


def _write(fresh: str, state: State, data: bytes) -> None:
    if state.kind == "link":
        os.symlink(os.fsdecode(data), fresh)
        return
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(handle, state.mode)
        os.fsync(handle)
