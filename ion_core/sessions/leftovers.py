"""Files of ion's own folder that belong to nothing any more, or are old.

Long output of sessions that are gone, logs, copies from before a migration, and pictures that no
entry names. Links are never followed. Blocking: call it in a thread.
"""

from __future__ import annotations

import math
import re
import shutil
import sqlite3
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from msgspec import Struct

from ion_core.sessions.rows import ZLIB

DAY_S = 86_400.0
OLD_DAYS = 30
"""Days after which a log, a copy or a long output has served."""
FRESH_DAYS = 1
"""What is younger may belong to something that is not written yet."""
UNNAMED_DAYS = 7
"""Days that a picture, or a file as it was, waits for somebody to name it: a session may be open
for long before it does."""
ROWS = 500
"""Entries that are looked through at once."""

_SHA256 = re.compile("[0-9a-f]{64}")
_NAME = re.compile(rb'"sha256":"([0-9a-f]{64})"')


class Leftover(Struct, frozen=True, kw_only=True):
    """A file or a folder, and what it takes."""

    path: Path
    size_bytes: int


def leftovers(home: Path, sessions: Collection[str] | None, now: float) -> list[Leftover]:
    """What can go, pictures apart. ``sessions`` are the ids of all that there are; None: nobody
    knows, and long output is left where it is."""
    old, fresh = now - OLD_DAYS * DAY_S, now - FRESH_DAYS * DAY_S
    found = [] if sessions is None else list(_spilt(home, sessions, old, fresh))
    found += [each for each in _entries(home / "logs") if _modified(each) < old]
    found += [each for each in home.glob("sessions.db.bak-*") if _modified(each) < old]
    found += [each for each in home.glob(".sessions.db.bak-*") if _modified(each) < fresh]
    return [Leftover(path=each, size_bytes=size(each)) for each in found]


def _spilt(home: Path, sessions: Collection[str], old: float, fresh: float) -> Iterator[Path]:
    for folder in spills(home):
        if folder.name in sessions:
            yield from (each for each in _entries(folder) if _modified(each) < old)
        elif _newest(folder) < fresh:
            yield folder


def spills(home: Path) -> list[Path]:
    """The folders of long output, each named by its session's id."""
    return list(_entries(home / "cache" / "spill"))


def pictures(home: Path, now: float, days: float = UNNAMED_DAYS) -> list[Path]:
    """The pictures that are ``days`` old, enough to be looked for, by their SHA-256."""
    fresh = now - days * DAY_S
    files = [each for folder in _entries(home / "blobs") for each in _entries(folder)]
    return [each for each in files if _SHA256.fullmatch(each.name) and _modified(each) < fresh]


def named(db: sqlite3.Connection, after: int) -> tuple[set[str], int]:
    """The pictures that some entries after a row name, and the last of these rows: 0 at the end."""
    rows = db.execute(
        "SELECT id, codec, payload FROM entry WHERE id > ? AND role IS NOT NULL "
        "ORDER BY id LIMIT ?",
        (after, ROWS),
    ).fetchall()
    found: set[str] = set()
    for _, codec, payload in rows:
        body = zlib.decompress(payload) if codec == ZLIB else payload
        found.update(name.decode() for name in _NAME.findall(body))
    return found, rows[-1][0] if len(rows) == ROWS else 0


def kept_for_files(db: sqlite3.Connection) -> set[str]:
    """What going back to an earlier state of files needs."""
    rows = db.execute(
        "SELECT hash FROM blob UNION SELECT before_hash FROM checkpoint_file "
        "UNION SELECT after_hash FROM checkpoint_file"
    )
    return {_written(digest) for (digest,) in rows if digest is not None}


def _written(digest: bytes | str) -> str:
    if isinstance(digest, str):
        return digest
    return digest.hex() if len(digest) == 32 else digest.decode("ascii", "replace")


def remove(leftover: Leftover, before: float) -> bool:
    """Remove it, unless it was used since the time ``before``; whether it is gone."""
    try:
        if _newest(leftover.path) >= before:
            return False
        if leftover.path.is_dir() and not leftover.path.is_symlink():
            shutil.rmtree(leftover.path)
        else:
            leftover.path.unlink()
    except OSError:
        return False
    return True


def size(path: Path) -> int:
    """The bytes of a file, or of all files of a folder; 0 of what is not there."""
    try:
        if path.is_dir() and not path.is_symlink():
            return sum(size(each) for each in _entries(path))
        return path.lstat().st_size
    except OSError:
        return 0


def _newest(path: Path) -> float:
    if path.is_dir() and not path.is_symlink():
        return max((_newest(each) for each in _entries(path)), default=_modified(path))
    return _modified(path)


def _modified(path: Path) -> float:
    """Now and for ever, of what is gone meanwhile: nothing is to be done about it."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return math.inf


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return iter(())
    return iter(sorted(folder.iterdir()))
