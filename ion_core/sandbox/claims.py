"""Which stand-ins are in use, across all processes that share a folder of ion's.

A claim is a lock on one byte of a file, whose place follows from the path: the kernel lets go of
it when its process ends, however that happens. Commands cannot see the file.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

_PLACE_BYTES = 7  # a place in a file has 63 bits
_OF_DESCRIPTION = hasattr(fcntl, "F_OFD_SETLK")  # fcntl(2); macOS has none, nor stand-ins


class Claims:
    """The claims of one process; two of these in one process count as two. Where the disk knows no
    locks, nobody else is seen."""

    def __init__(self, file: Path) -> None:
        self._file, self._descriptor = file, -1

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else is in here meanwhile: waits for the moment that another takes."""
        if self._descriptor < 0:
            self._descriptor = os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600)
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def lay(self, path: str) -> None:
        """Claim a path; inside :meth:`alone`."""
        self._ask("F_OFD_SETLK", fcntl.F_RDLCK, path)

    def drop(self, path: str) -> None:
        self._ask("F_OFD_SETLK", fcntl.F_UNLCK, path)

    def others_hold(self, path: str) -> bool:
        """Whether somebody else claims a path; inside :meth:`alone`."""
        return self._ask("F_OFD_GETLK", fcntl.F_WRLCK, path) == fcntl.F_RDLCK

    def _ask(self, wish: str, kind: int, path: str) -> int:
        """The kind of the lock in the answer: that of another, when one is asked about."""
        if not _OF_DESCRIPTION:
            return fcntl.F_UNLCK
        place = int.from_bytes(blake2b(os.fsencode(path), digest_size=_PLACE_BYTES).digest(), "big")
        asked = struct.pack("hhqqi0q", kind, os.SEEK_SET, place, 1, 0)
        try:
            answer = fcntl.fcntl(self._descriptor, getattr(fcntl, wish), asked)
        except OSError:
            return fcntl.F_UNLCK
        return int(struct.unpack_from("h", answer)[0])

    def close(self) -> None:
        """Drop all claims."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
