"""Texts in a database that are no UTF-8 any more: what cannot be read of them becomes U+FFFD.

SQLite itself does not look at what a text holds, and Python refuses the whole row of one that it
cannot decode.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

TABLES = """SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'
AND sql NOT LIKE '%WITHOUT ROWID%' AND name NOT LIKE 'entry_fts%' AND name NOT LIKE 'sqlite_%'"""


def mended_texts(db: sqlite3.Connection) -> Iterator[str]:
    """Make every text readable; a sentence for each table in which some were not."""
    tables = [name for (name,) in db.execute(TABLES).fetchall()]
    for table in tables:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[2] == "TEXT"]
        broken = [
            (column, row, text)
            for column in columns
            for row, text in _texts(db, table, column)
            if not _reads(text)
        ]
        for column, row, text in broken:
            with suppress(sqlite3.IntegrityError):  # a word that must be one of a few
                db.execute(
                    f"UPDATE {table} SET {column} = ? WHERE rowid = ?",
                    (text.decode("utf-8", "replace"), row),
                )
        if broken:
            yield f"{len(broken):,} of the texts in {table} could not be read whole."


def _texts(db: sqlite3.Connection, table: str, column: str) -> Iterator[tuple[int, bytes]]:
    rows = db.execute(
        f"SELECT rowid, CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL"
    )
    yield from rows


def _reads(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def legible(name: str) -> str:
    """A name for people, whatever damage has made of it."""
    return name if name.isprintable() else ascii(name)
