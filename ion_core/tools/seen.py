"""What a session has seen of files, so that nothing is changed that changed meanwhile.

Kept in memory only. A file that was never read, or not since the session was opened again, counts
as unchanged: text that is found in it was surely known.
"""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import NamedTuple

HASHED_BYTES = 8 << 20
"""Larger files are known by size and time of change alone."""

_KEPT_CHARS, _KEPT_TEXTS = 256_000, 100


class Stale(Exception):
    """The file is not what the session saw last. ``str(error)`` shows the difference."""


class _Sight(NamedTuple):
    version: tuple[int, ...]
    digest: bytes | None
    text: str | None


class Seen:
    """The files that one session has read or written, by their real paths."""

    def __init__(self) -> None:
        self._files: dict[Path, _Sight] = {}
        self._lock = threading.Lock()  # tools work in threads

    def note(
        self, path: Path, status: os.stat_result, data: bytes | None, text: str | None
    ) -> None:
        """The session knows ``path`` as it is now. ``data`` are all its bytes, None when they are
        too many; ``text`` is what they say."""
        kept = text if text is not None and len(text) <= _KEPT_CHARS else None
        sight = _Sight(_version(status), _digest(data), kept)
        with self._lock:
            self._files.pop(path, None)  # the latest stand last
            self._files[path] = sight
            for old in list(self._files)[:-_KEPT_TEXTS]:
                self._files[old] = self._files[old]._replace(text=None)

    def forget(self, path: Path) -> None:
        """The file is gone."""
        with self._lock:
            self._files.pop(path, None)

    def check(
        self, path: Path, status: os.stat_result, data: bytes | None, text: str | None, shown: str
    ) -> None:
        """Raises :class:`Stale` when the file has changed since it was seen; the session has then
        seen the difference, and may go on."""
        known = self._files.get(path)
        if known is None or known.version == _version(status):
            return
        if known.digest is not None and known.digest == _digest(data):
            return
        self.note(path, status, data, text)
        raise Stale(_sentence(shown, known.text, text))


def _sentence(shown: str, before: str | None, now: str | None) -> str:
    lead = f"Nothing was changed: {shown} is not what you read last."
    if before is None or now is None:
        return f"{lead} Read it again, then make your change."
    from ion_core.tools.diff import difference  # start-up: few files change under a model

    change = difference(before, now, shown)
    return f"{lead} Since then ({change.summary}):\n{change.short}\nMake your change to this text."


def _version(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _digest(data: bytes | None) -> bytes | None:
    if data is None or len(data) > HASHED_BYTES:
        return None
    return hashlib.blake2b(data, digest_size=16).digest()
