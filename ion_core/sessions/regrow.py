"""The tree of a session, put together again where its branches broke.

An entry stands on one that came before it in its session. Where that one is gone, it stands on the
nearest one left before it; depths, turns and skip pointers are then those of ``tree.py`` again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from ion_core.sessions.texts import legible

_BROKEN = """SELECT DISTINCT e.session_id FROM entry e LEFT JOIN entry p ON p.id = e.parent_id
WHERE (e.parent_id IS NOT NULL
    AND (p.id IS NULL OR p.session_id <> e.session_id OR p.id >= e.id OR e.depth <> p.depth + 1))
  OR (e.parent_id IS NULL AND e.depth <> 0)
  OR (e.jump_id IS NOT NULL AND NOT EXISTS
    (SELECT 1 FROM entry j WHERE j.id = e.jump_id AND j.session_id = e.session_id))"""


class _Place(NamedTuple):
    depth: int
    jump: int
    turn: int


def regrow(db: sqlite3.Connection) -> Iterator[str]:
    """Mend every tree that is broken; a sentence for each session."""
    for (session,) in db.execute(_BROKEN).fetchall():
        moved = _regrown(db, session)
        if moved:
            yield (
                f"Session {legible(session)}: {moved} of its entries stood on ones that are gone, "
                "and follow what is left before them."
            )
        else:
            yield f"Session {legible(session)}: the depths of its entries were wrong."


def _regrown(db: sqlite3.Connection, session: str) -> int:
    """Place every entry anew, in the order of their making; how many got another parent."""
    placed: dict[int, _Place] = {}
    last, moved = None, 0
    rows = db.execute(
        "SELECT id, parent_id, depth, type = 'message' AND role = 'user' FROM entry "
        "WHERE session_id = ? ORDER BY id",
        (session,),
    )
    for row, parent, depth, asked in rows.fetchall():
        is_lost = parent not in placed if parent is not None else depth > 0
        below, moved = (last, moved + 1) if is_lost else (parent, moved)
        placed[row] = place = _place(row, below, placed, int(asked or 0))
        jump = place.jump if below is not None else None
        db.execute(
            "UPDATE entry SET parent_id = ?, depth = ?, jump_id = ?, turn = ? WHERE id = ?",
            (below, place.depth, jump, place.turn, row),
        )
        last = row
    return moved


def _place(row: int, parent: int | None, placed: dict[int, _Place], asked: int) -> _Place:
    if parent is None:
        return _Place(0, row, asked)
    above = placed[parent]
    near = placed[above.jump]
    far = placed[near.jump]
    jump = near.jump if above.depth - near.depth == near.depth - far.depth else parent
    return _Place(above.depth + 1, jump, above.turn + asked)
