"""What is wrong among the rows of a database that can be read, and setting it right.

Everything is done inside the caller's transaction, so that a rollback makes of it a check. An entry
is never deleted: what cannot be read of it is said in its place, and what it stood on and is gone
is replaced by what is left before it.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator

import msgspec

from ion_core.entries import SystemEvent
from ion_core.sessions.regrow import regrow
from ion_core.sessions.rows import ZLIB, pack
from ion_core.sessions.texts import legible, mended_texts

GONE = "This entry could not be read any more, and nothing is known of what it said."

_ORPHANED = "SELECT DISTINCT session_id FROM entry WHERE session_id NOT IN (SELECT id FROM session)"
_LOST_TIPS = """SELECT b.id, b.name, b.session_id FROM branch b
WHERE b.leaf_id IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM entry e WHERE e.id = b.leaf_id AND e.session_id = b.session_id)"""
_LOST_BASES = """UPDATE branch SET base_id = NULL
WHERE base_id IS NOT NULL AND base_id NOT IN (SELECT id FROM entry)"""
_INACTIVE = """SELECT id FROM session s WHERE NOT EXISTS
  (SELECT 1 FROM branch b WHERE b.id = s.active_branch_id AND b.session_id = s.id)"""
_COUNTS = """SELECT s.id, count(e.id), coalesce(sum(e.type = 'message' AND e.role = 'user'), 0)
FROM session s LEFT JOIN entry e ON e.session_id = s.id GROUP BY s.id
HAVING count(e.id) <> s.n_entries
  OR coalesce(sum(e.type = 'message' AND e.role = 'user'), 0) <> s.n_user"""


def repaired(db: sqlite3.Connection) -> list[str]:
    """Set right what is wrong; a sentence for each thing. Needs a transaction with foreign keys
    deferred or off."""
    return [
        *mended_texts(db),
        *_payloads(db),
        *_sessions(db),
        *regrow(db),
        *_branches(db),
        *_dangling(db),
        *_counters(db),
        *_search(db),
    ]


def _payloads(db: sqlite3.Connection) -> Iterator[str]:
    """What is no JSON. An unknown kind of entry is of a newer ion, and stays."""
    broken = [
        row
        for row, codec, payload in db.execute("SELECT id, codec, payload FROM entry")
        if not _readable(codec, payload)
    ]
    codec, payload = pack(SystemEvent(what="error", text=GONE))
    for row in broken:
        db.execute(
            "UPDATE entry SET type = 'system_event', role = NULL, codec = ?, payload = ? "
            "WHERE id = ?",
            (codec, payload, row),
        )
    if broken:
        yield f"{_several(len(broken), 'entry', 'entries')} could not be read; this is said there."


def _readable(codec: int, payload: bytes) -> bool:
    try:
        msgspec.json.decode(zlib.decompress(payload) if codec == ZLIB else payload)
    except (msgspec.DecodeError, zlib.error, TypeError, ValueError):
        return False
    return True


def _sessions(db: sqlite3.Connection) -> Iterator[str]:
    """Entries whose session is gone get one again."""
    lost = [session for (session,) in db.execute(_ORPHANED)]
    for session in lost:
        db.execute(
            "INSERT INTO session(id, project_id, cwd, title, created_ms, updated_ms) "
            "SELECT ?1, '', '', 'Recovered session', min(ts_ms), max(ts_ms) FROM entry "
            "WHERE session_id = ?1",
            (session,),
        )
    if lost:
        yield f"{_several(len(lost), 'session', 'sessions')} had entries and nothing more."


def _branches(db: sqlite3.Connection) -> Iterator[str]:
    """Every tip is an entry, and every session has a branch that is active."""
    for branch, name, session in db.execute(_LOST_TIPS).fetchall():
        db.execute(
            "UPDATE branch SET rev = rev + 1, leaf_id = coalesce("
            "(SELECT max(id) FROM entry WHERE session_id = ?1 AND id <= branch.leaf_id), "
            "(SELECT max(id) FROM entry WHERE session_id = ?1)) WHERE id = ?2",
            (session, branch),
        )
        yield (
            f"Branch {legible(name)} of {legible(session)} led nowhere; it ends at the last entry "
            "before that."
        )
    lost = db.execute(_LOST_BASES).rowcount
    if lost:
        yield f"{_several(lost, 'branch', 'branches')} began at an entry that is gone."
    for (session,) in db.execute(_INACTIVE).fetchall():
        _activate(db, session)
        yield f"Session {legible(session)} had no active branch; its newest one is active now."


def _activate(db: sqlite3.Connection, session: str) -> None:
    db.execute(
        "INSERT INTO branch(session_id, name, leaf_id, created_ms, updated_ms) "
        "SELECT s.id, 'main', (SELECT max(id) FROM entry WHERE session_id = s.id), "
        "s.created_ms, s.updated_ms FROM session s WHERE s.id = ? "
        "AND NOT EXISTS (SELECT 1 FROM branch WHERE session_id = s.id)",
        (session,),
    )
    db.execute(
        "UPDATE session SET active_branch_id = (SELECT id FROM branch WHERE session_id = ?1 "
        "ORDER BY updated_ms DESC, id DESC LIMIT 1) WHERE id = ?1",
        (session,),
    )


def _dangling(db: sqlite3.Connection) -> Iterator[str]:
    """Rows about entries or sessions that are gone: lineage is forgotten, the rest deleted."""
    db.execute(
        "UPDATE session SET parent_session_id = NULL WHERE parent_session_id IS NOT NULL "
        "AND parent_session_id NOT IN (SELECT id FROM session)"
    )
    found = {(table, row) for table, row, _, _ in db.execute("PRAGMA foreign_key_check") if row}
    for table, row in found:
        db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
    db.execute("DELETE FROM checkpoint_file WHERE checkpoint_id NOT IN (SELECT id FROM checkpoint)")
    for table in sorted({table for table, _ in found}):
        count = sum(each == table for each, _ in found)
        yield f"{_several(count, 'row', 'rows')} of {table} belonged to nothing any more."


def _counters(db: sqlite3.Connection) -> Iterator[str]:
    wrong = db.execute(_COUNTS).fetchall()
    for session, entries, asked in wrong:
        db.execute(
            "UPDATE session SET n_entries = ?, n_user = ? WHERE id = ?", (entries, asked, session)
        )
    if wrong:
        yield f"{_several(len(wrong), 'session', 'sessions')} did not count all entries rightly."


def _search(db: sqlite3.Connection) -> Iterator[str]:
    """The full-text index says what the texts say (https://www.sqlite.org/fts5.html, 6)."""
    lost = db.execute("DELETE FROM entry_text WHERE id NOT IN (SELECT id FROM entry)").rowcount
    try:
        db.execute("INSERT INTO entry_fts(entry_fts, rank) VALUES('integrity-check', 1)")
    except sqlite3.DatabaseError:
        db.execute("INSERT INTO entry_fts(entry_fts) VALUES('rebuild')")
        yield "The search index did not fit the entries; it was made anew."
    if lost:
        yield f"{_several(lost, 'text', 'texts')} to search in belonged to no entry."


def _several(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
