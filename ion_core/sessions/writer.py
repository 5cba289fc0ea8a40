"""The one thread of a process that touches the database.

Every call is one hop to that thread and back, however many statements it makes there. Writes are
transactions under ``synchronous=FULL``: what returned survives ``kill -9``, what raised happened
not at all. Cancelling the caller does not undo a write that was already handed over.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite

from ion_core import private
from ion_core.errors import StoreCorrupt, StoreError
from ion_core.sessions.commits import Commits
from ion_core.sessions.faults import FAILURES, store_error
from ion_core.sessions.schema import PATIENCE_S, distrust_schema, prepare, require_sqlite

T = TypeVar("T")
MEMORY = ":memory:"

_SETTINGS = (
    f"PRAGMA busy_timeout={int(PATIENCE_S * 1000)}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16384",  # KiB at most, as they are used: a list of 5,000 in half the time
)


class Writer(aiosqlite.Connection):
    """An open database: ``await Writer(place)``. Raises ``StoreError`` wherever SQLite fails."""

    def __init__(self, place: str, refusal: StoreError | None = None) -> None:
        super().__init__(partial(_look if refusal else connect, place), 64)
        self.place, self._commits, self.refusal = place, Commits(), refusal
        self._thread.daemon = True  # a process that ends without aclose must not hang

    @classmethod
    async def open(cls, place: str, refusal: StoreError | None = None) -> Writer:
        """Open ``place``, a path or ``:memory:``; its folder and file are created private. With a
        ``refusal`` it is opened for reading alone, and that is raised by every write."""
        writer = cls(place, refusal)
        try:
            await writer
        except FAILURES as error:
            raise store_error(place, error) from error
        except OSError as error:
            raise StoreError(f"{place} cannot be opened: {error.strerror or error}.") from error
        finally:
            writer._join_if_stopped()
        return writer

    def _join_if_stopped(self) -> None:
        """After a failed opening, wait for the thread, which has no more than that to end: it
        would otherwise report to an event loop that may be gone."""
        if not self._running:
            self._thread.join()

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """What ``query`` returns."""
        try:
            # The class has a public coroutine for each statement and none for a story of several;
            # this protected one is what they all call.
            found: T = await self._execute(partial(query, self._conn))  # type: ignore[no-untyped-call]  # untyped there
        except FAILURES as error:
            raise _marked(self.place, store_error(self.place, error)) from error
        except ValueError as error:
            if self._connection is None or not self._running:
                raise StoreError("The session store is closed.") from error
            raise
        return found

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """What ``change`` returns, once all of it is durable."""
        if self.refusal is not None:
            raise self.refusal
        return await self.read(partial(self._commits.settle, self._commits.add(change)))

    async def write_soon(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """What ``change`` returns, in a transaction of its own that survives ``kill -9`` and is
        given to the disk with the next one that is durable: for what may be lost with the power.
        """
        if self.refusal is not None:
            raise self.refusal
        return await self.read(partial(_lightly, change))


def _lightly(change: Callable[[sqlite3.Connection], T], db: sqlite3.Connection) -> T:
    """Under ``synchronous=NORMAL`` a commit in WAL mode does not wait for the disk."""
    db.execute("PRAGMA synchronous=NORMAL")
    try:
        with db:
            db.execute("BEGIN IMMEDIATE")
            return change(db)
    finally:
        db.execute("PRAGMA synchronous=FULL")


def connect(place: str) -> sqlite3.Connection:
    """An open database of this version, made when it is absent. Raises ``sqlite3.Error``,
    ``OSError`` and ``StoreError``."""
    require_sqlite()
    if place != MEMORY:
        _make_private(Path(place))
    db = sqlite3.connect(place, isolation_level=None, cached_statements=128)
    try:
        for setting in _SETTINGS:
            db.execute(setting)
        prepare(db, place)
        distrust_schema(db)
    except BaseException:
        db.close()
        raise
    return db


def _look(place: str) -> sqlite3.Connection:
    """A database that is there, for reading alone, of whatever version."""
    require_sqlite()
    db = sqlite3.connect(f"{Path(place).as_uri()}?mode=ro", uri=True, isolation_level=None)
    db.execute(_SETTINGS[0])
    return db


def _make_private(path: Path) -> None:
    status = path.stat() if path.exists() else None
    log = path.with_name(f"{path.name}-wal")
    if (status is None or not status.st_size) and log.exists() and log.stat().st_size:
        # SQLite would delete a log whose file is empty, and what was committed into it.
        lost = sqlite3.DatabaseError("its log holds what the file itself has lost")
        lost.sqlite_errorname = "SQLITE_CORRUPT"
        raise lost
    if status is None:
        private.folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def damage_mark(path: Path) -> Path:
    """The file whose presence says that ``path`` was found damaged, to whoever opens it next."""
    return path.with_name(f"{path.name}.damaged")


def _marked(place: str, error: StoreError) -> StoreError:
    if isinstance(error, StoreCorrupt) and place != MEMORY:
        with suppress(OSError):
            damage_mark(Path(place)).touch(mode=0o600)
    return error
