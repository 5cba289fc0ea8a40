"""A message that was copied into forks is found once: where it was said first, or, where that is
not among what was found, in the oldest of the forks.

A copy has the time, the worth, the place on its path and the bytes of what it was made from; that
two others have all of these in common, and one of them in a fork, does not happen.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Hashable, Sequence

from ion_core.sessions.search_matches import Match

SAME_CHARS = 200
"""Characters of a text that are compared, besides its length in bytes."""


def once(db: sqlite3.Connection, found: Sequence[Match]) -> Sequence[Match]:
    """What was found without the copies of what was found as well."""
    alike = Counter((at_ms, worth) for _, at_ms, worth in found)
    twins = [match for match in found if alike[match[1:]] > 1]
    forked = _in_forks(db, [row for row, _, _ in twins])
    if not forked:
        return found
    copies = _copies(db, [row for row, at_ms, _ in twins if at_ms in forked])
    return [match for match in found if match[0] not in copies]


def _in_forks(db: sqlite3.Connection, rows: Sequence[int]) -> set[int]:
    """The times of those that are in forks."""
    sql = (
        "SELECT e.ts_ms FROM entry e JOIN session s ON s.id = e.session_id "
        f"WHERE s.kind = 'fork' AND e.id IN ({_marks(rows)})"
    )
    return {at_ms for (at_ms,) in db.execute(sql, rows)} if rows else set()


def _copies(db: sqlite3.Connection, rows: Sequence[int]) -> set[int]:
    told = db.execute(
        "SELECT e.id, s.kind = 'fork', e.ts_ms, e.depth, e.type, e.role, e.call_id, "
        f"length(e.payload), substr(t.body, 1, {SAME_CHARS}) "
        "FROM entry e JOIN session s ON s.id = e.session_id JOIN entry_text t ON t.id = e.id "
        f"WHERE e.id IN ({_marks(rows)}) ORDER BY s.kind = 'fork', e.id",
        rows,
    )
    first: set[Hashable] = set()
    copies = set()
    for row, in_fork, *said in told:
        if in_fork and tuple(said) in first:
            copies.add(row)
        first.add(tuple(said))
    return copies


def _marks(rows: Sequence[int]) -> str:
    return ", ".join("?" * len(rows))
