"""The newest entries that match, and what each is worth: the part of a search that must be quick
however common its words and however rare what its filters let through.

Filters that hold for whole sessions are asked of the sessions first. Where few entries are left,
the matches are held against those; where many are, enough of the newest matches are among them.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from ion_core.sessions.search_terms import Terms

NEWEST = 500
"""Matches that are ranked."""
FEW = 6_000
"""Entries up to which it is quicker to look all of them up than to walk through the matches."""
RANKED_WORDS = 3
"""Words for which FTS5 works out bm25: for each it walks through everything that has the word, and
for a phrase through everything that has each word of it."""

Match = tuple[int, int, float]
"""A row, its time in milliseconds, and its worth: the greater the better."""


class _Where(NamedTuple):
    """A condition and its values."""

    sql: str
    values: tuple[Any, ...]


class Matches:
    """What one search looks through; ``project`` None is every project. ``few`` tells which of two
    ways is the quicker one; both find the same."""

    def __init__(
        self, db: sqlite3.Connection, asked: Terms, project: str | None, few: int = FEW
    ) -> None:
        self._db, self._words, self._all, self._few = db, asked.words, asked.all, few
        holds: list[tuple[str, Any]] = [("s.deleted_ms IS NULL", None)]
        if project is not None:
            holds.append(("s.project_id = ?1", project))
        holds += [(each.session, each.value) for each in asked.filters if each.session]
        self._sessions = _where(holds)
        self._entries = _where([(each.entry, each.value) for each in asked.filters if each.entry])
        self._left = self._count() if len(holds) > 1 else -1

    def newest(self, match: str) -> list[Match]:
        """The newest matches of all words, or of any; without words, the newest entries."""
        if self._left == 0:
            return []
        if match and self._quickly_ranked:
            return self._walk(match, "-bm25(entry_fts)")
        found = self._walk(match, "1.0")
        return self._weighed(found) if match != self._all else found

    @property
    def _quickly_ranked(self) -> bool:
        words = (word.removesuffix(" *").strip('"') for word in self._words)
        return len(self._words) <= RANKED_WORDS and not any(" " in word for word in words)

    def _count(self) -> int:
        """How many entries are in the sessions that are left."""
        sql = f"SELECT coalesce(sum(s.n_entries), 0) FROM session s WHERE {self._sessions.sql}"
        return int(self._db.execute(sql, self._sessions.values).fetchone()[0])

    def _walk(self, match: str, worth: str) -> list[Match]:
        """From the newest match back."""
        few = 0 <= self._left <= self._few
        holds = [self._one_of_few("+" if match else "") if few else self._sessions]
        holds += [self._entries] if self._entries.sql else []
        if match:
            holds.insert(0, _Where("entry_fts MATCH ?", (match,)))
        sql = (
            f"SELECT t.rowid, e.ts_ms, {worth} FROM {'entry_fts' if match else 'entry_text'} t "
            "CROSS JOIN entry e ON e.id = t.rowid CROSS JOIN session s ON s.id = e.session_id "
            f"WHERE {' AND '.join(each.sql for each in holds)} ORDER BY t.rowid DESC LIMIT {NEWEST}"
        )
        return self._db.execute(sql, [value for each in holds for value in each.values]).fetchall()

    def _one_of_few(self, walks: str) -> _Where:
        """Looked up one by one, or with ``+`` met on the walk through the matches."""
        sql = (
            f"{walks}t.rowid IN (SELECT i.id FROM session s "
            f"CROSS JOIN entry i ON i.session_id = s.id WHERE {self._sessions.sql})"
        )
        return _Where(sql, self._sessions.values)

    def _weighed(self, found: Sequence[Match]) -> list[Match]:
        """Each worth the words that it has, the rare ones more: rare among what was found."""
        if not found:
            return []
        worth = dict.fromkeys((row for row, _, _ in found), 0.0)
        for word in self._words:
            having = self._having(word, min(worth), max(worth)) & worth.keys()
            weight = math.log(1 + len(found) / (1 + len(having)))
            for row in having:
                worth[row] += weight
        return [(row, at_ms, worth[row]) for row, at_ms, _ in found]

    def _having(self, word: str, first: int, last: int) -> set[int]:
        sql = "SELECT rowid FROM entry_fts WHERE entry_fts MATCH ? AND rowid BETWEEN ? AND ?"
        return {row for (row,) in self._db.execute(sql, (word, first, last))}


def _where(holds: Sequence[tuple[str, Any]]) -> _Where:
    """All of some conditions as one, with a ``?`` for each value."""
    values = [value for sql, value in holds for _ in range(sql.count("?1"))]
    return _Where(" AND ".join(sql for sql, _ in holds).replace("?1", "?"), tuple(values))
