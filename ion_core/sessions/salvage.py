"""What can still be read of a damaged database, row by row, into a new one.

It walks each table in the order of its rows and steps over pages that cannot be read. A file whose
first page is gone, with the list of its tables, is read with that of a new database: ion makes its
tables in one order, at the same places.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from ion_core.errors import StoreError
from ion_core.sessions.faults import FAILURES
from ion_core.sessions.repair import repaired
from ion_core.sessions.rows import entry_of
from ion_core.sessions.wording import searchable

_TABLES = """SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'
AND name NOT LIKE 'entry_fts%' AND name NOT LIKE 'sqlite_%' ORDER BY rootpage"""
_NEAR, _FURTHEST = 2048, 1 << 48
_PAGE_BYTES = 4096
_PAGES = slice(28, 32)
"""Where the header counts the pages; 0 for: as many as there are
(https://www.sqlite.org/fileformat.html, 1.3.8)."""


class Salvaged(NamedTuple):
    """How much was saved, and what had to be set right in it."""

    sessions: int
    entries: int
    mended: list[str]


def salvage(source: Path, target: sqlite3.Connection, blank: Path) -> Salvaged:
    """Fill the empty database ``target`` from the damaged file ``source`` and its log. ``blank`` is
    a file that holds nothing but the tables. Raises ``sqlite3.Error`` where ``target`` fails."""
    tables = [name for (name,) in target.execute(_TABLES)]
    target.execute("PRAGMA foreign_keys=OFF")
    target.execute("BEGIN IMMEDIATE")
    if source.stat().st_size:  # else SQLite would delete its log
        _fill(source, target, tables)
    if not _count(target, "entry"):
        scratch = source.with_name(f"{source.name}.page1")
        try:
            _with_first_page(source, scratch, blank)
            _fill(scratch, target, tables)
        finally:
            for name in (scratch.name, f"{scratch.name}-wal", f"{scratch.name}-shm"):
                scratch.with_name(name).unlink(missing_ok=True)
    mended = repaired(target)
    _index(target)
    target.execute("COMMIT")
    return Salvaged(_count(target, "session"), _count(target, "entry"), mended)


def _with_first_page(source: Path, scratch: Path, blank: Path) -> None:
    """A copy of a file, and of its log, with the first page of another."""
    shutil.copyfile(source, scratch)
    log = source.with_name(f"{source.name}-wal")
    if log.exists():
        shutil.copyfile(log, scratch.with_name(f"{scratch.name}-wal"))
    with scratch.open("r+b") as file, blank.open("rb") as other:
        page = bytearray(other.read(_PAGE_BYTES))
        page[_PAGES] = bytes(4)
        file.write(page)


def _fill(source: Path, target: sqlite3.Connection, tables: Sequence[str]) -> None:
    uri = f"file:{quote(str(source))}?mode=ro"
    with suppress(*FAILURES), closing(sqlite3.connect(uri, uri=True)) as db:
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        # Read on although the header says that there is more of the file than there is.
        db.execute("PRAGMA writable_schema=ON")
        for table in tables:
            with suppress(*FAILURES):
                _copy(db, target, table)


def _copy(db: sqlite3.Connection, target: sqlite3.Connection, table: str) -> None:
    there = _columns(db, table)
    names = [name for name in _columns(target, table) if name in there]
    listed, marks = ", ".join(names), ", ".join("?" * len(names))
    insert = f"INSERT OR IGNORE INTO {table}({listed}) VALUES({marks})"
    is_keyed = "WITHOUT ROWID" in _made_by(target, table)
    rows = _forwards(db, table, listed) if is_keyed else _walk(db, table, listed)
    for row in rows:
        with suppress(sqlite3.IntegrityError, sqlite3.InterfaceError):  # garbage, or told before
            target.execute(insert, row)


def _forwards(db: sqlite3.Connection, table: str, listed: str) -> Iterator[Sequence[Any]]:
    with suppress(*FAILURES):
        yield from db.execute(f"SELECT {listed} FROM {table}")


def _walk(db: sqlite3.Connection, table: str, listed: str) -> Iterator[Sequence[Any]]:
    """Every row that can be read, in the order of their numbers."""
    sql = f"SELECT rowid, {listed} FROM {table} NOT INDEXED WHERE rowid >= ? ORDER BY rowid"
    at: int | None = -_FURTHEST
    while at is not None:
        try:
            for number, *row in db.execute(sql, (at,)):
                if number < at:
                    raise sqlite3.DatabaseError("the rows go round in a circle")
                yield row
                at = number + 1
            return
        except FAILURES:
            at = _beyond(db, f"{sql} LIMIT 1", at)


def _beyond(db: sqlite3.Connection, sql: str, at: int) -> int | None:
    """The next number from which rows can be read; None when there is none."""

    def reads(number: int) -> bool:
        try:
            db.execute(sql, (number,)).fetchall()
        except FAILURES:
            return False
        return True

    at = max(at, 0)
    near = next((at + step for step in range(1, _NEAR) if reads(at + step)), None)
    if near is not None:
        return near
    bad, step = at + _NEAR, _NEAR
    while not reads(at + step):
        bad, step = at + step, step * 2
        if step > _FURTHEST:
            return None
    good = at + step
    while good - bad > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if reads(middle) else (good, middle)
    return good


def _index(db: sqlite3.Connection) -> None:
    """Make every entry searchable whose text was lost."""
    rows = db.execute(
        "SELECT e.id, e.parent_id, e.ts_ms, e.codec, e.payload, e.session_id FROM entry e "
        "WHERE NOT EXISTS (SELECT 1 FROM entry_text t WHERE t.id = e.id)"
    )
    for *row, session in rows.fetchall():
        with suppress(StoreError):
            kind, text = searchable(entry_of((row[0], row[1], row[2], row[3], row[4])).body)
            if text:
                db.execute(
                    "INSERT INTO entry_text(id, session_id, kind, body) VALUES(?, ?, ?, ?)",
                    (row[0], session, kind, text),
                )


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def _made_by(db: sqlite3.Connection, table: str) -> str:
    found = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return str(found[0])


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
