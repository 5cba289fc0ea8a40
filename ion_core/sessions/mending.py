"""A database made whole again: a damaged file is replaced, wrong rows are set right.

Before rows are changed the file is copied beside itself. A check does the same and takes it back.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from ion_core import private
from ion_core.errors import StoreError
from ion_core.sessions.faults import FAILURES, store_error
from ion_core.sessions.repair import repaired
from ion_core.sessions.rescue import damage, rescue
from ion_core.sessions.writer import connect, damage_mark


class Examined(Struct, frozen=True, kw_only=True):
    """What was found, a sentence each; ``damaged`` is what SQLite says of the file itself."""

    damaged: str
    findings: tuple[str, ...]


def examine(path: Path) -> Examined:
    """What is wrong with a database; nothing is changed. Blocking. Raises ``StoreError``."""
    _check_ours(path)
    if complaint := damage(path):
        return Examined(damaged=complaint, findings=())
    with _unbound(path) as db:
        db.execute("BEGIN IMMEDIATE")
        found = repaired(db)
        db.execute("ROLLBACK")
    return Examined(damaged="", findings=tuple(found))


def mend(path: Path) -> list[str]:
    """Set everything right; what was done, a sentence each, none for a database that is whole.
    Blocking, and nobody in this process may have it open. Raises ``StoreError``."""
    _check_ours(path)
    if told := rescue(path):
        damage_mark(path).unlink(missing_ok=True)
        return [told]
    found = examine(path).findings
    if found:
        copy = _copied(path)
        with _unbound(path) as db:
            db.execute("BEGIN IMMEDIATE")
            found = tuple(repaired(db))
            db.execute("COMMIT")
        found = (*found, f"As it was before, the database is kept as {copy}.")
    with suppress(OSError):
        damage_mark(path).unlink(missing_ok=True)
    return list(found)


def _check_ours(path: Path) -> None:
    """Raises ``StoreTooNew``, and ``StoreCorrupt`` for a file of another program."""
    try:
        with suppress(*FAILURES), closing(connect(str(path))):
            pass
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror or error}.") from error


@contextmanager
def _unbound(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, without foreign keys that would stop what mends them."""
    try:
        with closing(connect(str(path))) as db:
            db.execute("PRAGMA foreign_keys=OFF")
            yield db
    except FAILURES as error:
        raise store_error(str(path), error) from error


def _copied(path: Path) -> Path:
    copy = path.with_name(f"{path.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        private.file(copy).close()
        with _unbound(path) as db, closing(sqlite3.connect(copy)) as target:
            db.backup(target)
    except OSError as error:
        raise StoreError(f"No copy of {path} could be made: {error}. Nothing was done.") from error
    return copy
