"""How long sessions are kept: which ones leave the list, which go to the trash, which go for good.

These are questions; ``upkeep.py`` acts on the answers. What is pinned, labelled, open somewhere, or
the origin of a session that lives is never among them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ion_core.ids import SessionId
from ion_core.sessions.lease import Leases

DAY_MS = 86_400_000
TRASH_DAYS = 30
"""So long a deleted session can be brought back."""


class Rules(Protocol):
    """What a person set; 0 is never, or no limit. The table ``[sessions]`` of the settings."""

    @property
    def archive_after_days(self) -> int: ...
    @property
    def delete_after_days(self) -> int: ...
    @property
    def max_size_mb(self) -> int: ...
    @property
    def checkpoints_mb(self) -> int: ...


class Named(Struct, frozen=True, kw_only=True):
    """A session as a report has it. ``size_bytes`` is about what its entries take."""

    id: SessionId
    title: str
    size_bytes: int = 0


class Due(Struct, frozen=True, kw_only=True):
    """Sessions whose time has come: to leave the list, to go to the trash, to go for good."""

    archive: tuple[Named, ...] = ()
    trash: tuple[Named, ...] = ()
    purge: tuple[Named, ...] = ()


def due(
    db: sqlite3.Connection, rules: Rules, now_ms: int, held: Collection[SessionId], early: bool
) -> Due:
    """What is due now. ``held`` are left alone whatever their age; with ``early`` the trash does
    not wait for its days."""
    held = {*held, *_open(db, now_ms)}
    cutoff = now_ms - rules.archive_after_days * DAY_MS
    archive: tuple[Named, ...] = ()
    trash: tuple[Named, ...] = ()
    if rules.archive_after_days:
        unused = "s.deleted_ms IS NULL AND s.archived = 0 AND s.updated_ms < ?"
        archive = _found(db, unused, "c.archived = 0", cutoff, held)
    if rules.delete_after_days:
        stale = "s.deleted_ms IS NULL AND s.archived = 1 AND s.updated_ms < ?"
        trash = _found(db, stale, "1", cutoff - rules.delete_after_days * DAY_MS, held)
    thrown = "s.deleted_ms IS NOT NULL AND s.deleted_ms < ?"
    purge = _found(db, thrown, "1", now_ms - (0 if early else TRASH_DAYS * DAY_MS), held)
    return Due(archive=archive, trash=trash, purge=purge)


def _found(
    db: sqlite3.Connection, age: str, living: str, before_ms: int, held: Collection[SessionId]
) -> tuple[Named, ...]:
    """The oldest first. ``living`` says which of its offspring keep a session."""
    rows = db.execute(
        f"SELECT {_NAMED} FROM session s WHERE {age} AND s.pinned = 0 "
        "AND NOT EXISTS(SELECT 1 FROM session c WHERE c.parent_session_id = s.id "
        f"AND c.deleted_ms IS NULL AND {living}) "
        "AND s.id NOT IN (SELECT e.session_id FROM label l JOIN entry e ON e.id = l.entry_id) "
        "ORDER BY s.updated_ms, s.id",
        (before_ms,),
    )
    return tuple(_named(row) for row in rows if row[0] not in held)


def _open(db: sqlite3.Connection, now_ms: int) -> set[SessionId]:
    """The sessions that some ion writes now, this one or another."""
    leases = Leases()
    rows = db.execute("SELECT session_id FROM session_lease WHERE owner <> ''")
    leased = [SessionId(session) for (session,) in rows]
    return {each for each in leased if leases.holder(db, each, now_ms / 1000) is not None}


_NAMED = (
    "s.id, coalesce(s.title, s.preview, ''), "
    "(SELECT coalesce(sum(length(e.payload)), 0) FROM entry e WHERE e.session_id = s.id)"
)


def _named(row: tuple[Any, ...]) -> Named:
    return Named(id=SessionId(row[0]), title=row[1], size_bytes=row[2])


def largest(db: sqlite3.Connection, limit: int) -> tuple[Named, ...]:
    """The sessions that take most, of those that are not in the trash."""
    rows = db.execute(
        "SELECT s.id, coalesce(s.title, s.preview, ''), sum(length(e.payload)) AS size "
        "FROM entry e JOIN session s ON s.id = e.session_id WHERE s.deleted_ms IS NULL "
        "GROUP BY s.id ORDER BY size DESC LIMIT ?",
        (limit,),
    )
    return tuple(_named(row) for row in rows)


def archive(db: sqlite3.Connection, sessions: Sequence[SessionId]) -> None:
    """Take sessions out of the list."""
    db.executemany("UPDATE session SET archived = 1 WHERE id = ?", [(each,) for each in sessions])


def trash(db: sqlite3.Connection, sessions: Sequence[SessionId], now_ms: int) -> None:
    """Put sessions where they can be brought back from for a while."""
    rows = [(now_ms, each) for each in sessions]
    db.executemany("UPDATE session SET deleted_ms = ? WHERE id = ? AND deleted_ms IS NULL", rows)


def known(db: sqlite3.Connection) -> set[str]:
    """The ids of all sessions, also of those in the trash."""
    return {session for (session,) in db.execute("SELECT id FROM session")}
