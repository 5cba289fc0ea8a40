"""A new session from the path to an entry of another one, which does not change.

Rows are copied: each session can then be deleted, exported and read by itself. Money is not: what a
fork costs is what is spent in it.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from ion_core import __version__
from ion_core.errors import SessionNotFound
from ion_core.ids import Clock, EntryId, SessionId, new_session_id
from ion_core.sessions import checkpoints
from ion_core.sessions.rows import insert, one, storable
from ion_core.sessions.tree import row_of

_ENTRY = (
    "type, role, ts_ms, turn, depth, status, tool, call_id, is_error, provider, model, "
    "stop_reason, latency_ms, tok_in, tok_out, tok_cache_r, tok_cache_w, cost_nano, est_tok, "
    "codec, payload"
)
_SESSION = "project_id, cwd, git_branch, git_head, preview, provider, model, mode, agent"


def fork(
    db: sqlite3.Connection,
    session: SessionId,
    at: EntryId | None,
    title: str,
    clock: Clock,
    agent: str = "",
) -> SessionId:
    """The id of the new session, of that kind of agent unless that is empty. Raises
    ``SessionNotFound``, or ``StoreError`` for an entry of another session."""
    made, now_ms = new_session_id(clock), round(clock() * 1000)
    row = None if at is None else row_of(db, session, at)
    _begin(db, session, made, row, title, now_ms, agent)
    copies = _copy_path(db, row, made)
    leaf = next(reversed(copies.values()), None)
    if not agent:  # what an agent does to files is part of the time line that it is forked from
        checkpoints.copy(db, session, made, copies)
    branch = insert(
        db,
        "branch",
        session_id=made,
        name="main",
        leaf_id=leaf,
        created_ms=now_ms,
        updated_ms=now_ms,
    )
    db.execute(
        "UPDATE session SET active_branch_id = ?2, "
        "n_entries = (SELECT count(*) FROM entry WHERE session_id = ?1), "
        "n_user = (SELECT count(*) FROM entry WHERE session_id = ?1 AND type = 'message' "
        "AND role = 'user') WHERE id = ?1",
        (made, branch),
    )
    return made


def _begin(
    db: sqlite3.Connection,
    session: SessionId,
    made: SessionId,
    row: int | None,
    title: str,
    now_ms: int,
    agent: str,
) -> None:
    found = one(db, f"SELECT title, title_source, {_SESSION} FROM session WHERE id = ?", session)
    if found is None:
        raise SessionNotFound(f"There is no session {session}.")
    known, source, *values = found
    insert(
        db,
        "session",
        id=made,
        **dict(zip(_SESSION.split(", "), values, strict=True)),
        title=storable(title) or known,
        title_source="user" if title else source,
        kind="subagent" if agent else "fork",
        description=agent,
        parent_session_id=session,
        parent_entry_id=row,
        created_ms=now_ms,
        updated_ms=now_ms,
        ion_version=__version__,
    )


def _copy_path(db: sqlite3.Connection, row: int | None, made: SessionId) -> dict[int, int]:
    """The rows of the path from the root to ``row``, and those of their copies, in order."""
    path: list[tuple[Any, ...]] = db.execute(
        "WITH RECURSIVE up(id) AS (SELECT ?1 UNION ALL SELECT e.parent_id FROM up "
        "JOIN entry e ON e.id = up.id WHERE e.parent_id IS NOT NULL) "
        f"SELECT e.id, e.jump_id, {_ENTRY} FROM up CROSS JOIN entry e WHERE e.id = up.id "
        "ORDER BY e.depth",
        (row,),
    ).fetchall()
    copies: dict[int, int] = {}
    last: int | None = None
    for old, jump, *values in path:
        placed = dict(zip(_ENTRY.split(", "), values, strict=True))
        placed |= {"session_id": made, "parent_id": last, "jump_id": copies.get(jump)}
        last = insert(db, "entry", **placed)
        copies[old] = last
        db.execute(
            "INSERT INTO entry_text(id, session_id, kind, body) "
            "SELECT ?, ?, kind, body FROM entry_text WHERE id = ?",
            (last, made, old),
        )
    return copies
