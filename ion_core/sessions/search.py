"""Finding what people and models wrote and ran: the best and the latest of the matching entries.

What a match is worth halves with age, when it is not said again. Old matches of a very common word
are not looked at, which keeps any search short.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ion_core.errors import StoreError
from ion_core.ids import EntryId, SessionId, entry_id, entry_row
from ion_core.sessions.base import Hit, Passage
from ion_core.sessions.queries import path
from ion_core.sessions.rows import one
from ion_core.sessions.search_copies import once
from ion_core.sessions.search_matches import Matches
from ion_core.sessions.search_terms import terms

HALF_LIFE_MS = 90 * 86_400_000
OLDEST = 0.25
"""What is left of the worth of a match, however old it is."""
SNIPPET_WORDS, SNIPPET_LENGTH = 24, 320
OPEN, CLOSE = "«", "»"
"""Around each word of a snippet that matched."""


class _Found(NamedTuple):
    row: int
    at_ms: int
    score: float


def search(
    db: sqlite3.Connection, query: str, now: float, project: str | None, limit: int
) -> list[Hit]:
    """The best ``limit`` entries with all words of ``query``, or else with any of them; with
    filters alone, the newest entries for which they hold. Deleted sessions are left out, and so are
    copies in forks of what was found itself."""
    asked = terms(query, now)
    if not asked.words and not asked.filters:
        return []
    matches = Matches(db, asked, project)
    for match in dict.fromkeys((asked.all, asked.any)):
        found = once(db, matches.newest(match))
        best = sorted(_ranked(found, now), key=lambda each: (-each.score, -each.row))[:limit]
        if best:
            return list(_hits(db, match, best))
    return []


def _ranked(found: Sequence[tuple[int, int, float]], now: float) -> Iterator[_Found]:
    for row, at_ms, worth in found:
        age_ms = max(0, now * 1000 - at_ms)
        recency = OLDEST + (1 - OLDEST) * 0.5 ** (age_ms / HALF_LIFE_MS)
        yield _Found(row, at_ms, worth * recency)


def _hits(db: sqlite3.Connection, match: str, best: Sequence[_Found]) -> Iterator[Hit]:
    snippets = _snippets(db, match, [found.row for found in best])
    for found in best:
        said = one(
            db,
            "SELECT e.session_id, coalesce(s.title, s.preview, ''), e.role, e.depth "
            "FROM entry e JOIN session s ON s.id = e.session_id WHERE e.id = ?",
            found.row,
        )
        session, title, role, depth = said or ("", "", "", 0)
        yield Hit(
            session=SessionId(session),
            title=title,
            entry=entry_id(found.row),
            branch=_branch(db, session, found.row, depth),
            role=role or "",
            at=found.at_ms / 1000,
            snippet=" ".join(snippets.get(found.row, "").split())[:SNIPPET_LENGTH],
            score=round(found.score, 6),
        )


def _snippets(db: sqlite3.Connection, match: str, rows: Sequence[int]) -> dict[int, str]:
    """One walk through the matches; to look up each row would begin the search anew each time."""
    marks = ", ".join("?" * len(rows))
    if not match:
        sql = f"SELECT id, substr(body, 1, {SNIPPET_LENGTH}) FROM entry_text WHERE id IN ({marks})"
        return dict(db.execute(sql, rows).fetchall())
    found = db.execute(
        f"SELECT rowid, snippet(entry_fts, 0, '{OPEN}', '{CLOSE}', '…', {SNIPPET_WORDS}) "
        f"FROM entry_fts WHERE entry_fts MATCH ? AND rowid BETWEEN ? AND ? AND +rowid IN ({marks})",
        (match, min(rows), max(rows), *rows),
    )
    return dict(found.fetchall())


def _branch(db: sqlite3.Connection, session: str, row: int, depth: int) -> str:
    """The branch that the entry is on, the active one first; empty when none leads there."""
    branches = db.execute(
        "SELECT b.name, b.leaf_id FROM branch b JOIN session s ON s.id = b.session_id "
        "WHERE s.id = ? AND b.leaf_id IS NOT NULL ORDER BY b.id <> s.active_branch_id, b.id",
        (session,),
    ).fetchall()
    names = (name for name, leaf in branches if _ancestor(db, leaf, depth) == row)
    return next(names, "")


def _ancestor(db: sqlite3.Connection, row: int, depth: int) -> int | None:
    """The entry at ``depth`` above ``row``, by skips that do not go too far."""
    while True:
        here = one(
            db,
            "SELECT e.depth, e.parent_id, e.jump_id, j.depth FROM entry e "
            "LEFT JOIN entry j ON j.id = e.jump_id WHERE e.id = ?",
            row,
        )
        if here is None or here[0] < depth:
            return None
        if here[0] == depth:
            return row
        row = here[2] if here[2] is not None and here[3] >= depth else here[1]


def passage(db: sqlite3.Connection, entry: EntryId, project: str | None, around: int) -> Passage:
    """An entry with up to ``around`` before it and after it, on the branch where it went on last.

    Raises ``StoreError`` when the project has no such entry.
    """
    found = None
    try:
        row = entry_row(entry)
        found = one(
            db,
            "SELECT s.id, coalesce(s.title, s.preview, ''), s.project_id FROM entry e "
            "JOIN session s ON s.id = e.session_id WHERE e.id = ? AND s.deleted_ms IS NULL",
            row,
        )
    except (ValueError, OverflowError):
        pass
    if found is None or project not in (None, found[2]):
        raise StoreError(f"There is no entry {entry[:40]} here.")
    head = row
    for _ in range(around):
        later = one(db, "SELECT max(id) FROM entry WHERE parent_id = ?", head)
        head = later[0] if later and later[0] is not None else head
    session = SessionId(found[0])
    entries = path(db, session, entry_id(head), 2 * around + 1)
    at = next(n for n, each in enumerate(entries) if each.id == entry)
    return Passage(
        session=session, title=found[1], entry=entry, entries=entries[max(0, at - around) :]
    )
