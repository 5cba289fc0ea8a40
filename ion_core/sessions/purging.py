"""Deleting a session for good, in pieces, so that no commit of another session waits for long.

It loses its branches first, and so every list and path; then its entries, the last ones first.
What breaks off in between is gone on with the next time.
"""

from __future__ import annotations

import sqlite3

from ion_core.ids import SessionId

PIECE = 200
"""Entries of one transaction. Deleting one deletes those after it, and SQLite follows such a chain
for 1,000 steps only: https://www.sqlite.org/limits.html#max_trigger_depth."""


def begin_purge(db: sqlite3.Connection, session: SessionId) -> bool:
    """Take the branches of a session that is still in the trash; whether it was."""
    thrown = "SELECT 1 FROM session WHERE id = ? AND deleted_ms IS NOT NULL"
    if db.execute(thrown, (session,)).fetchone() is None:
        return False
    db.execute("DELETE FROM branch WHERE session_id = ?", (session,))
    return True


def purge_piece(db: sqlite3.Connection, session: SessionId) -> bool:
    """Delete some of it; whether there is more."""
    deleted = db.execute(
        "DELETE FROM entry WHERE id IN "
        "(SELECT id FROM entry WHERE session_id = ? ORDER BY id DESC LIMIT ?)",
        (session, PIECE),
    )
    if deleted.rowcount:
        return True
    db.execute("DELETE FROM session_lease WHERE session_id = ?", (session,))
    db.execute("DELETE FROM session WHERE id = ?", (session,))
    return False
