"""The one thread of a process that touches the database.

Every call is one hop to that thread and back, however many statements it makes there. Writes are
transactions under ``synchronous=FULL``: what returned survives ``kill -9``, what raised happened
not at all. Cancelling the caller does not undo a write that was already handed over.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite

from ion_core import private
from ion_core.errors import StoreError
from ion_core.sessions.commits import Commits
from ion_core.sessions.faults import store_error
from ion_core.sessions.schema import PATIENCE_S, distrust_schema, prepare, require_sqlite

T = TypeVar("T")
MEMORY = ":memory:"

_SETTINGS = (
    f"PRAGMA busy_timeout={int(PATIENCE_S * 1000)}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)


class Writer(aiosqlite.Connection):
    """An open database: ``await Writer(place)``. Raises ``StoreError`` wherever SQLite fails."""

    def __init__(self, place: str) -> None:
        super().__init__(partial(_connect, place), 64)
        self.place, self._commits = place, Commits()
        self._thread.daemon = True  # a process that ends without aclose must not hang

    @classmethod
    async def open(cls, place: str) -> Writer:
        """Open ``place``, a path or ``:memory:``; its folder and file are created private."""
        writer = cls(place)
        try:
            await writer
        except sqlite3.Error as error:
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
        except sqlite3.Error as error:
            raise store_error(self.place, error) from error
        except ValueError as error:
            if self._connection is None or not self._running:
                raise StoreError("The session store is closed.") from error
            raise
        return found

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """What ``change`` returns, once all of it is durable."""
        return await self.read(partial(self._commits.settle, self._commits.add(change)))


def _connect(place: str) -> sqlite3.Connection:
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


def _make_private(path: Path) -> None:
    if not path.exists():
        private.folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
