"""What arrived of an answer that is not complete yet, kept in case the process dies meanwhile.

Pieces are added as they come, so that a long answer is written once and not again and again. They
go with the entry that the answer becomes; where none came, recovery makes one of them, marked as
interrupted.
"""

from __future__ import annotations

import sqlite3

import msgspec

from ion_core.codec import encode
from ion_core.ids import SessionId
from ion_core.messages import Message, Reasoning, Text
from ion_core.sessions.pieces import Piece, Pieces
from ion_core.sessions.rows import insert

_MINE = "session_id = ? AND settled_ms IS NULL AND state = 'partial'"


def keep(db: sqlite3.Connection, session: SessionId, pieces: Pieces, now: float) -> None:
    """Add to what is kept of the running answer."""
    insert(
        db,
        "effect",
        session_id=session,
        kind="answer",
        recovery="replay_safe",
        state="partial",
        detail=encode(pieces).decode(),
        started_ms=round(now * 1000),
    )


def forget(db: sqlite3.Connection, session: SessionId) -> None:
    """The answer is an entry, or was discarded."""
    db.execute(f"DELETE FROM effect WHERE {_MINE}", (session,))


def kept(db: sqlite3.Connection, session: SessionId) -> Message | None:
    """The answer as far as it was kept, or None. Its thoughts have no signature, since no provider
    accepts half a thought."""
    origin, parts = None, dict[int, list[Piece]]()
    rows = db.execute(f"SELECT detail FROM effect WHERE {_MINE} ORDER BY id", (session,))
    for (detail,) in rows:
        more = msgspec.json.decode(detail, type=Pieces)
        origin = more.origin
        for piece in more.pieces:
            parts.setdefault(piece.part, []).append(piece)
    if not parts:
        return None
    said = tuple(_part(parts[number]) for number in sorted(parts))
    return Message(role="assistant", parts=said, origin=origin, stop="interrupted")


def _part(pieces: list[Piece]) -> Text | Reasoning:
    text = "".join(piece.text for piece in pieces)
    return Text(text=text) if pieces[0].channel == "text" else Reasoning(text=text)
