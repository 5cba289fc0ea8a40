"""Bytes that entries name by their SHA-256: pictures in prompts and results.

A file each under ``$ION_HOME/blobs``, written once and never changed; the same bytes are the same
file. Blocking: call it in a thread.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

from ion_core import private
from ion_core.errors import StoreError

_SHA256 = re.compile("[0-9a-f]{64}")


class Blobs:
    """``folder`` is made when the first bytes are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes, *, durable: bool = True) -> str:
        """Keep ``data``; its SHA-256. Durable when this returns, unless a power failure may take
        it. Raises ``StoreError``."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        try:
            if path.exists():
                os.utime(path)  # it is wanted again: what clears away must not think it forgotten
                if durable:  # whoever kept it first may not have waited
                    _settle(path)
                    _settle(path.parent)
                return sha256
        except OSError as error:
            raise StoreError(f"Bytes could not be kept: {error}.") from error
        scratch = path.with_name(f".{sha256}.{os.getpid()}")
        try:
            with private.file(scratch) as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            scratch.replace(path)
            if durable:
                _settle(path.parent)
        except OSError as error:
            with suppress(OSError):
                scratch.unlink(missing_ok=True)
            raise StoreError(f"Bytes could not be kept: {error}.") from error
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes. Raises ``OSError`` when they are gone or damaged, and for what is no SHA-256:
        a session that came from elsewhere may name any file so."""
        if not _SHA256.fullmatch(sha256):
            raise FileNotFoundError(f"{sha256!r} is no SHA-256")
        data = self._path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise OSError(errno.EIO, "The kept bytes are damaged", str(self._path(sha256)))
        return data

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _settle(path: Path) -> None:
    """Wait until a file, or the names in a folder, outlive a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
