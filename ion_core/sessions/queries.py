"""The questions that are asked of the database, each one story on the writer's thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from ion_core.entries import Entry
from ion_core.errors import SessionNotFound, StoreError
from ion_core.events import Queued
from ion_core.ids import EntryId, SessionId
from ion_core.sessions.base import OpenedEffect, SessionInfo
from ion_core.sessions.rows import SESSION_COLUMNS, entry_of, info_of, one, storable
from ion_core.sessions.tree import row_of
from ion_core.sessions.uncollected import uncollected

_SESSIONS = f"SELECT {SESSION_COLUMNS} FROM session s JOIN branch b ON b.id = s.active_branch_id"
_CANDIDATES = 5
_FEW = 100


class Shelf(NamedTuple):
    """Which sessions are listed: those in use, unless one of these is true."""

    deleted: bool = False
    archived: bool = False


_effect = msgspec.json.Decoder(OpenedEffect)


def info(db: sqlite3.Connection, session: str) -> SessionInfo:
    """The session whose id is or begins with ``session``, also a deleted one.

    Raises ``SessionNotFound``, or ``StoreError`` when several ids begin so.
    """
    session = storable(session)
    found = _exact(db, session) or _beginning(db, session)
    if not found:
        raise SessionNotFound(
            f"There is no session {session or '(empty)'}. `ion sessions list` shows them."
        )
    if len(found) > 1:
        raise StoreError(_ambiguous(session, found))
    return found[0]


def _exact(db: sqlite3.Connection, session: str) -> list[SessionInfo]:
    return _infos(db, db.execute(f"{_SESSIONS} WHERE s.id = ?", (session,)))


def _beginning(db: sqlite3.Connection, prefix: str) -> list[SessionInfo]:
    rows = db.execute(
        f"{_SESSIONS} WHERE ?1 <> '' AND s.id >= ?1 AND s.id < ?1 || char(1114111) "
        "ORDER BY s.id LIMIT ?2",
        (prefix.lower(), _CANDIDATES + 1),
    )
    return _infos(db, rows)


def agents(db: sqlite3.Connection, session: SessionId) -> list[SessionInfo]:
    """The agents of a session and theirs, the oldest first."""
    rows = db.execute(
        "WITH RECURSIVE family(id) AS (SELECT ?1 UNION SELECT c.id FROM family f "
        "JOIN session c ON c.parent_session_id = f.id AND c.kind = 'subagent') "
        f"{_SESSIONS} WHERE s.id IN family AND s.id <> ?1 ORDER BY s.id",
        (session,),
    ).fetchall()
    return _infos(db, rows) if rows else []


def _infos(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> list[SessionInfo]:
    """The sessions of rows; their tags and branches are read at once, since few have several."""
    rows = list(rows)
    tags: dict[str, tuple[str, ...]] = {}
    for session, tag in db.execute("SELECT session_id, tag FROM tag ORDER BY tag"):
        tags[session] = (*tags.get(session, ()), tag)
    branches = _branched(db, [row[0] for row in rows])
    return [info_of(row, tags.get(row[0], ()), branches.get(row[0], 1)) for row in rows]


def _branched(db: sqlite3.Connection, sessions: list[str]) -> dict[str, int]:
    """How many branches those sessions have that have several."""
    few = len(sessions) <= _FEW
    chosen = f"WHERE session_id IN ({', '.join('?' * len(sessions))})" if few else ""
    rows = db.execute(
        f"SELECT session_id, count(*) FROM branch {chosen} GROUP BY session_id HAVING count(*) > 1",
        sessions if few else (),
    )
    return dict(rows.fetchall())


def _ambiguous(prefix: str, found: list[SessionInfo]) -> str:
    shown = "".join(f"\n  {each.id}  {each.title}" for each in found[:_CANDIDATES])
    more = "\n  …" if len(found) > _CANDIDATES else ""
    return f"Several sessions begin with {prefix}. Write more of the id:{shown}{more}"


def path(
    db: sqlite3.Connection, session: SessionId, head: EntryId | None, limit: int
) -> list[Entry]:
    """The last ``limit`` entries (0: all) of the path from the root to ``head``."""
    row = _leaf(db, session) if head is None else row_of(db, session, head)
    with uncollected():
        entries = [] if row is None else list(_upwards(db, session, row, limit))
    entries.reverse()
    return entries


def _leaf(db: sqlite3.Connection, session: SessionId) -> int | None:
    found = one(
        db,
        "SELECT b.leaf_id FROM session s JOIN branch b ON b.id = s.active_branch_id WHERE s.id = ?",
        session,
    )
    if found is None:
        raise SessionNotFound(f"There is no session {session}.")
    leaf: int | None = found[0]
    return leaf


def _upwards(db: sqlite3.Connection, session: SessionId, row: int, limit: int) -> Iterator[Entry]:
    """From ``row`` to the root; CROSS JOIN keeps SQLite to that order."""
    rows = db.execute(
        "WITH RECURSIVE up(id, n) AS (SELECT ?1, 1 UNION ALL "
        "SELECT e.parent_id, up.n + 1 FROM up JOIN entry e ON e.id = up.id "
        "WHERE e.parent_id IS NOT NULL AND (?2 = 0 OR up.n < ?2)) "
        "SELECT e.id, e.parent_id, e.ts_ms, e.codec, e.payload FROM up CROSS JOIN entry e "
        "WHERE e.id = up.id",
        (row, limit),
    )
    return (entry_of(found) for found in rows)


def queue(db: sqlite3.Connection, session: SessionId) -> tuple[Queued, ...]:
    """The messages that wait, oldest first."""
    rows = db.execute(
        "SELECT id, kind, payload FROM inbox WHERE session_id = ? AND state = 'queued' ORDER BY id",
        (session,),
    )
    return tuple(Queued(id=row, kind=kind, text=text.decode()) for row, kind, text in rows)


def open_effects(db: sqlite3.Connection, session: SessionId) -> tuple[OpenedEffect, ...]:
    """What was opened and never settled, in that order."""
    rows = db.execute(
        "SELECT detail FROM effect WHERE session_id = ? AND settled_ms IS NULL AND state = 'open' "
        "ORDER BY id",
        (session,),
    )
    return tuple(_effect.decode(detail) for (detail,) in rows)


def sessions(
    db: sqlite3.Connection, project: str | None, limit: int, shelf: Shelf
) -> list[SessionInfo]:
    """The sessions of a shelf, the newest first."""
    chosen = "s.deleted_ms IS NULL AND s.archived = " + ("1" if shelf.archived else "0")
    if shelf.deleted:
        chosen = "s.deleted_ms IS NOT NULL"
    if project is not None:
        chosen += " AND s.project_id = :project"
    rows = db.execute(
        f"{_SESSIONS} WHERE {chosen} ORDER BY s.updated_ms DESC, s.id DESC LIMIT :limit",
        {"project": project, "limit": limit or -1},
    )
    with uncollected():
        return _infos(db, rows)


def history(db: sqlite3.Connection, project: str, limit: int) -> list[str]:
    """The newest ``limit`` different prompts of a project, oldest first."""
    rows = db.execute(
        "SELECT text FROM input_history WHERE project_id = ? GROUP BY text "
        "ORDER BY max(id) DESC LIMIT ?",
        (project, limit),
    )
    return [text for (text,) in rows][::-1]
