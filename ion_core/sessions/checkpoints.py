"""What files were before each effect of a session, in the order of the effects.

A checkpoint names the entry that was the head, and per path what stood there before and the print
of what stood there afterwards. The time line of the disk is one, whatever branches there are: the
state just before a message is what the first checkpoint since then found. What agents of a
session did in the same folder is part of its time line.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, TypeVar, get_args

from ion_core.errors import StoreError
from ion_core.ids import EntryId, SessionId, entry_id, entry_row
from ion_core.sessions.file_states import UNKNOWN, Kind, State

T = TypeVar("T")

Cause: TypeAlias = Literal["write", "shell", "conversation", "files", "both", "redo"]
"""What a checkpoint was taken for: an effect of a call, a scope that was gone back in, or that
taken back again."""

Prints: TypeAlias = tuple[bytes | None, ...]
"""What may stand at a path without anybody else having been there."""

Changes: TypeAlias = Mapping[str, tuple[State, bytes | None]]
"""By absolute path: what stood there before, and the print of what stood there afterwards."""

GOING_BACK = ("conversation", "files", "both")

_FAMILY = (
    "WITH RECURSIVE family(id, cwd) AS (SELECT id, cwd FROM session WHERE id = ?1 UNION ALL "
    "SELECT s.id, s.cwd FROM family f JOIN session s ON s.parent_session_id = f.id "
    "WHERE s.kind = 'subagent' AND s.cwd = f.cwd) "
)
"""A session and the agents that worked in its folder."""


class Shelf(Protocol):
    """Where checkpoints are: a store that runs stories of this room."""

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T: ...

    async def change_session(
        self, session: SessionId, story: Callable[[sqlite3.Connection], T]
    ) -> T: ...


class Last(NamedTuple):
    """The newest checkpoint of a session."""

    id: int
    entry: EntryId
    cause: str


def record(
    db: sqlite3.Connection,
    session: SessionId,
    head: EntryId,
    cause: Cause,
    changes: Changes,
    now: float,
) -> int:
    """Add a checkpoint, inside a transaction; its row."""
    made = db.execute(
        "INSERT INTO checkpoint(session_id, entry_id, kind, ts_ms) VALUES(?, ?, ?, ?)",
        (session, entry_row(head), cause, round(now * 1000)),
    ).lastrowid
    if made is None:
        raise StoreError("The checkpoint has no row.")
    db.executemany(
        "INSERT OR REPLACE INTO checkpoint_file VALUES(?, ?, ?, ?, ?, ?)",
        [_row(made, path, before, after) for path, (before, after) in changes.items()],
    )
    return made


def _row(made: int, path: str, before: State, after: bytes | None) -> tuple[Any, ...]:
    try:
        path.encode()
    except UnicodeEncodeError:  # no text: such a name is told of, and not restored
        named = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return made, named, None, UNKNOWN, 0, "unkept"
    return made, path, before.digest, after, before.mode, before.kind


def settle(db: sqlite3.Connection, checkpoint: int, prints: Mapping[str, bytes | None]) -> None:
    """Say what stands at the paths of a checkpoint after its effect."""
    db.executemany(
        "UPDATE checkpoint_file SET after_hash = ? WHERE checkpoint_id = ? AND path = ?",
        [(mark, checkpoint, path) for path, mark in prints.items()],
    )


def before(db: sqlite3.Connection, session: SessionId, entry: EntryId) -> dict[str, State]:
    """What stood at each path, that was changed since, when an entry was appended."""
    first = db.execute(
        f"{_FAMILY} SELECT min(c.id) FROM family f JOIN checkpoint c ON c.session_id = f.id WHERE "
        "CASE f.id WHEN ?1 THEN c.entry_id >= ?2 "
        "ELSE c.ts_ms >= (SELECT ts_ms FROM entry WHERE id = ?2) END",
        (session, entry_row(entry)),
    ).fetchone()[0]
    return {} if first is None else _found(db, session, first)


def effects(db: sqlite3.Connection, session: SessionId, entry: EntryId) -> int | None:
    """When the first call since an entry began that may have changed anything, in nanoseconds;
    None when none did."""
    first = db.execute(
        f"{_FAMILY} SELECT min(e.started_ms) FROM family f JOIN effect e ON e.session_id = f.id "
        "WHERE e.recovery <> 'replay_safe' "
        "AND e.started_ms >= (SELECT ts_ms FROM entry WHERE id = ?2)",
        (session, entry_row(entry)),
    ).fetchone()[0]
    return None if first is None else int(first) * 1_000_000


def found_by(db: sqlite3.Connection, session: SessionId, checkpoint: int) -> dict[str, State]:
    """What stood at each path when a checkpoint was taken, of what was changed since."""
    return _found(db, session, checkpoint)


def _found(db: sqlite3.Connection, session: SessionId, first: int) -> dict[str, State]:
    rows = db.execute(
        f"{_FAMILY} SELECT f.path, f.before_hash, f.mode, f.ftype FROM checkpoint c "
        "JOIN checkpoint_file f ON f.checkpoint_id = c.id "
        "WHERE c.session_id IN (SELECT id FROM family) AND c.id >= ?2 ORDER BY c.id DESC",
        (session, first),
    )
    return {path: State(_kind(kind), digest, mode) for path, digest, mode, kind in rows}


def _kind(kind: str) -> Kind:
    for known in get_args(Kind):
        if kind == known:
            found: Kind = known
            return found
    return "unkept"


def left(db: sqlite3.Connection, session: SessionId) -> dict[str, Prints]:
    """The print of what the session left at each path that it changed; of a going back that may
    have been cut off, also that of what it found there."""
    rows = db.execute(
        f"{_FAMILY} SELECT f.path, f.after_hash, f.before_hash, f.ftype, c.kind FROM checkpoint c "
        "JOIN checkpoint_file f ON f.checkpoint_id = c.id "
        "WHERE c.session_id IN (SELECT id FROM family) ORDER BY c.id",
        (session,),
    )
    found: dict[str, Prints] = {}
    own: dict[str, list[bytes | None]] = {}
    for path, after, digest, kind, cause in rows:
        if cause not in (*GOING_BACK, "redo"):
            own.setdefault(path, [digest]).append(after)
        elif cause == "redo" and after not in own.get(path, (after,)):
            found[path] = tuple(own[path])  # what the person had made of it is theirs again
            continue
        is_whole = cause not in (*GOING_BACK, "redo") or kind not in ("file", "none")
        found[path] = (after,) if is_whole else (after, digest)
    return found


def last(db: sqlite3.Connection, session: SessionId) -> Last | None:
    """The newest checkpoint of a session, without those that went back and were redone."""
    rows = db.execute(
        f"{_FAMILY} SELECT id, entry_id, kind FROM checkpoint "
        "WHERE session_id IN (SELECT id FROM family) ORDER BY id DESC",
        (session,),
    )
    redone = 0
    for number, entry, cause in rows:
        if cause == "redo":
            redone += 1
        elif cause in GOING_BACK and redone:
            redone -= 1
        else:
            return Last(number, entry_id(entry), cause)
    return None


def touched(db: sqlite3.Connection, session: SessionId) -> Sequence[str]:
    """Every path that the session changed."""
    return list(left(db, session))


def copy(
    db: sqlite3.Connection, session: SessionId, made: SessionId, rows: Mapping[int, int]
) -> None:
    """Give a fork what its copy of the path may go back to. ``rows`` are the entries that were
    copied, and their copies."""
    found = db.execute(
        "SELECT id, entry_id, kind, git_tree, ts_ms FROM checkpoint "
        "WHERE session_id = ? ORDER BY id",
        (session,),
    ).fetchall()
    for checkpoint, entry, *facts in found:
        if entry in rows:
            copied = db.execute(
                "INSERT INTO checkpoint(session_id, entry_id, kind, git_tree, ts_ms) "
                "VALUES(?, ?, ?, ?, ?)",
                (made, rows[entry], *facts),
            ).lastrowid
            db.execute(
                "INSERT INTO checkpoint_file SELECT ?, path, before_hash, after_hash, mode, ftype "
                "FROM checkpoint_file WHERE checkpoint_id = ?",
                (copied, checkpoint),
            )
