"""A damaged database is set aside, and a new one begins with what could be read of it.

Nothing is deleted: the old file and its log stay beside the new one, under names that say when.
While this goes on no other process can open the database, and it is not begun while one has it
open.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ion_core.errors import SessionBusy, StoreError
from ion_core.sessions.faults import store_error
from ion_core.sessions.salvage import Salvaged, salvage
from ion_core.sessions.writer import connect

_LOCK_BYTE = 128
"""Of the ``-shm`` file: every connection holds it, shared ("DMS" in SQLite's os_unix.c)."""
_WAITS_S = 5.0


def rescue(path: Path) -> str:
    """Replace a damaged file; what was done, in a sentence. Empty when it is whole. Blocking.

    Nobody in this process may have it open. Raises ``SessionBusy`` while another process has, and
    ``StoreError`` when a new file cannot be written; everything is then as before.
    """
    while damage(path):
        with _alone(path) as undisturbed:
            if undisturbed:
                return _replaced(path)
    return ""


def _replaced(path: Path) -> str:
    try:
        aside = _set_aside(path)
    except OSError as error:
        raise _failed(path, error) from error
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        saved = _salvaged(aside, fresh)
        path.with_name(f"{path.name}-wal").unlink(missing_ok=True)
        fresh.replace(path)
    except (OSError, sqlite3.Error) as error:
        _clear(aside)
        raise _failed(path, error) from error
    finally:
        _clear(fresh)
    return said(aside, saved)


def damage(path: Path) -> str:
    """What SQLite says is wrong with a file; empty when nothing is. Blocking, and it reads all."""
    log = path.with_name(f"{path.name}-wal")
    if not _size(path):
        return "it is empty, and its log is not" if _size(log) else ""
    try:
        with closing(sqlite3.connect(path, timeout=_WAITS_S)) as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(5)")]
            return "" if found == ["ok"] else found[0]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error)


def said(aside: Path, saved: Salvaged) -> str:
    """What was done, for people."""
    sessions = "1 session" if saved.sessions == 1 else f"{saved.sessions:,} sessions"
    entries = "1 entry" if saved.entries == 1 else f"{saved.entries:,} entries"
    mended = f" {' '.join(saved.mended[:3])}" if saved.mended else ""
    return (
        f"The session database was damaged. {sessions} with {entries} could be saved.{mended} "
        f"The damaged file is kept as {aside}."
    )


def _salvaged(aside: Path, fresh: Path) -> Salvaged:
    blank = fresh.with_name(f"{fresh.name}.blank")
    try:
        for each in (blank, fresh):
            _clear(each)
            with closing(connect(str(each))):
                pass
        with closing(connect(str(fresh))) as db:
            db.execute("PRAGMA synchronous=OFF")
            saved = salvage(aside, db, blank)
    finally:
        _clear(blank)
        _tidy(aside)
    _sync(fresh)
    return saved


def _set_aside(path: Path) -> Path:
    """Give the file and a copy of its log names of their own; the first one's."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (f"{path.name}.broken-{stamp}{more}" for more in ("", *(f"-{n}" for n in range(2, 99))))
    aside = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    path.touch(mode=0o600)  # only its log may be there
    try:
        os.link(path, aside)
    except OSError:  # there are file systems without
        shutil.copyfile(path, aside)
    log = path.with_name(f"{path.name}-wal")
    if _size(log):
        shutil.copyfile(log, aside.with_name(f"{aside.name}-wal"))
        aside.with_name(f"{aside.name}-wal").chmod(0o600)
    aside.chmod(0o600)
    return aside


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Hold what every connection must share; whether it is still that of ``path``, and not of one
    that another process has replaced meanwhile."""
    shared = path.with_name(f"{path.name}-shm")
    try:
        file = os.open(shared, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        _lock(file, path)
        undisturbed = shared.exists() and os.path.samestat(os.fstat(file), shared.stat())
        yield undisturbed
        if undisturbed:
            shared.unlink(missing_ok=True)
    finally:
        os.close(file)


def _lock(file: int, path: Path) -> None:
    end = time.monotonic() + _WAITS_S
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _LOCK_BYTE)
            return
        except OSError as error:
            if time.monotonic() > end:
                raise SessionBusy(
                    f"{path} is damaged, and another ion has it open. End every ion, then start "
                    "one: it saves what can be read. Nothing was changed."
                ) from error
            time.sleep(0.05)


def _failed(path: Path, error: OSError | sqlite3.Error) -> StoreError:
    if isinstance(error, sqlite3.Error):
        return store_error(str(path), error)
    return StoreError(f"{path} is damaged and could not be mended: {error}. Nothing was changed.")


def _tidy(aside: Path) -> None:
    """Take away what reading a file leaves beside it."""
    aside.with_name(f"{aside.name}-shm").unlink(missing_ok=True)
    log = aside.with_name(f"{aside.name}-wal")
    if not _size(log):
        log.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            path.with_name(name).unlink()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
