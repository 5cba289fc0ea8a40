"""Looking through what tools printed, word for word: the index holds only its beginning.

Slow beside a search, and meant for what a search did not find. It is done in slices, so that nobody
waits long behind it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence

from ion_core.ids import SessionId, entry_id
from ion_core.sessions.base import Hit

SLICE = 400
"""Entries that are looked through at a time: some 20 ms."""
MOST = 20_000
"""Entries, the newest, that are looked through at all."""
AROUND = 60
"""Characters beside what was found."""


class Slice:
    """What one slice gave: ``hits``, and the row ``before`` which the next one begins (None: there
    is no more)."""

    def __init__(self, hits: list[Hit], before: int | None) -> None:
        self.hits, self.before = hits, before


def comb(
    db: sqlite3.Connection, words: Sequence[str], project: str | None, before: int | None
) -> Slice:
    """Results of tools that contain every word, in any case, the newest first. Blocking."""
    rows = db.execute(
        "SELECT e.id, e.session_id, s.title, e.ts_ms, e.codec, e.payload FROM entry e "
        "JOIN session s ON s.id = e.session_id WHERE e.type = 'tool_result' "
        "AND s.deleted_ms IS NULL AND (?1 IS NULL OR s.project_id = ?1) "
        "AND (?2 IS NULL OR e.id < ?2) ORDER BY e.id DESC LIMIT ?3",
        (project, before, SLICE),
    ).fetchall()
    wanted = [word.lower() for word in words]
    hits = []
    for row, session, title, at_ms, codec, payload in rows:
        text = (zlib.decompress(payload) if codec else payload).decode("utf-8", "replace")
        lower = text.lower()
        if all(word in lower for word in wanted):
            hits.append(
                Hit(
                    session=SessionId(session),
                    title=title or "",
                    entry=entry_id(row),
                    branch="",
                    role="tool",
                    at=at_ms / 1000,
                    snippet=_around(text, lower.index(wanted[0]), len(wanted[0])),
                    score=0.0,
                )
            )
    return Slice(hits, rows[-1][0] if len(rows) == SLICE else None)


def _around(text: str, at: int, length: int) -> str:
    """What stands beside a word, on one line; the text is the JSON of a result."""
    cut = text[max(0, at - AROUND) : at + length + AROUND]
    plain = cut.replace("\\n", " ").replace("\\t", " ").replace('\\"', '"')
    return " ".join(f"…{plain}…".split())


def plain_words(query: str) -> list[str]:
    """The words of a query that names nothing but words, as JSON has them; none for any other."""
    if any(sign in query for sign in ':"<>*'):
        return []
    return [json.dumps(word, ensure_ascii=False)[1:-1] for word in query.split()]
