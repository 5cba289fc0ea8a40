"""Questions about one session as a whole: what stands in the header of an export, and the money.

Each is one story on the writer's thread.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from ion_core import __version__
from ion_core.errors import SessionNotFound
from ion_core.sessions.moving.lineage import told
from ion_core.sessions.moving.lines import Branch, Described, Header, Label, UsageLine, external
from ion_core.sessions.rows import one
from ion_core.sessions.schema import VERSION
from ion_core.usage import Usage

_ROWS = 4000
"""Rows of usage in one page."""


def header(db: sqlite3.Connection, session: str) -> tuple[Header, int]:
    last, count = db.execute(
        "SELECT coalesce(max(id), 0), count(*) FROM entry WHERE session_id = ?", (session,)
    ).fetchone()
    found = Header(
        schema=VERSION,
        version=__version__,
        session=_described(db, session),
        entries=count,
        branches=_branches(db, session),
        labels=_labels(db, session),
        tags=tuple(
            tag
            for (tag,) in db.execute(
                "SELECT tag FROM tag WHERE session_id = ? ORDER BY tag", (session,)
            )
        ),
    )
    return found, last


def _described(db: sqlite3.Connection, session: str) -> Described:
    cursor = db.execute(
        "SELECT s.*, b.name AS branch FROM session s "
        "LEFT JOIN branch b ON b.id = s.active_branch_id WHERE s.id = ?",
        (session,),
    )
    found = cursor.fetchone()
    if found is None:
        raise SessionNotFound(f"There is no session {session}.")
    row: dict[str, Any] = dict(zip((each[0] for each in cursor.description), found, strict=True))
    same = "id cwd git_branch git_head title title_source description preview kind mode agent"
    return Described(
        **{name: row[name] for name in same.split()},
        project=row["project_id"],
        branch=row["branch"] or "main",
        model="/".join(filter(None, (row["provider"], row["model"]))),
        created_at=row["created_ms"] / 1000,
        updated_at=row["updated_ms"] / 1000,
        turns=row["n_user"],
        usage=Usage(
            input=row["tok_in"],
            output=row["tok_out"],
            cache_read=row["tok_cache_r"],
            cache_write=row["tok_cache_w"],
        ),
        cost_nano=row["cost_nano"],
        cost_known=bool(row["cost_known"]),
        pinned=bool(row["pinned"]),
        archived=bool(row["archived"]),
        **told(db, row),
    )


def _branches(db: sqlite3.Connection, session: str) -> tuple[Branch, ...]:
    rows = db.execute(
        "SELECT b.name, b.leaf_id, l.ts_ms, l.ext_uuid, b.base_id, s.ts_ms, s.ext_uuid, "
        "b.created_ms, b.updated_ms "
        "FROM branch b LEFT JOIN entry l ON l.id = b.leaf_id LEFT JOIN entry s ON s.id = b.base_id "
        "WHERE b.session_id = ? ORDER BY b.id",
        (session,),
    )
    return tuple(
        Branch(
            name=name,
            leaf=None if leaf is None else external(session, leaf, leaf_ms, leaf_ext),
            base=None if base is None else external(session, base, base_ms, base_ext),
            created_at=created_ms / 1000,
            updated_at=updated_ms / 1000,
        )
        for name, leaf, leaf_ms, leaf_ext, base, base_ms, base_ext, created_ms, updated_ms in rows
    )


def _labels(db: sqlite3.Connection, session: str) -> tuple[Label, ...]:
    rows = db.execute(
        "SELECT e.id, e.ts_ms, e.ext_uuid, l.label, l.note, l.ts_ms FROM label l "
        "JOIN entry e ON e.id = l.entry_id WHERE e.session_id = ? ORDER BY e.id, l.label",
        (session,),
    )
    return tuple(
        Label(entry=external(session, row, entry_ms, ext), label=label, note=note, at=at_ms / 1000)
        for row, entry_ms, ext, label, note, at_ms in rows
    )


def usage(
    db: sqlite3.Connection, session: str, after: int
) -> list[tuple[int, int | None, UsageLine]]:
    """The next rows of usage: their numbers, their entries' and what they say."""
    rows = db.execute(
        "SELECT u.id, u.entry_id, e.ts_ms, e.ext_uuid, u.purpose, u.provider, u.model, "
        "u.tok_in, u.tok_out, u.tok_cache_r, u.tok_cache_w, u.tok_reason, u.cost_nano, u.ts_ms "
        "FROM usage_event u "
        "LEFT JOIN entry e ON e.id = u.entry_id WHERE u.session_id = ? AND u.id > ? "
        "ORDER BY u.id LIMIT ?",
        (session, after, _ROWS),
    )
    return [(number, row[0], _usage_line(session, *row)) for number, *row in rows]


def _usage_line(
    session: str,
    entry: int | None,
    entry_ms: int,
    ext: str | None,
    purpose: str,
    provider: str,
    model: str,
    *figures: Any,
) -> UsageLine:
    read_in, out, cache_read, cache_write, reasoning, cost_nano, at_ms = figures
    return UsageLine(
        entry=None if entry is None else external(session, entry, entry_ms, ext),
        purpose=purpose,
        provider=provider,
        model=model,
        usage=Usage(
            input=read_in or 0,
            output=out or 0,
            cache_read=cache_read or 0,
            cache_write=cache_write or 0,
            reasoning=reasoning,
        ),
        cost_nano=cost_nano,
        at=at_ms / 1000,
    )


def costs(db: sqlite3.Connection, session: str) -> dict[int, int | None]:
    rows = db.execute(
        "SELECT entry_id, CASE WHEN count(cost_nano) = count(*) THEN sum(cost_nano) END "
        "FROM usage_event WHERE session_id = ? AND entry_id IS NOT NULL GROUP BY entry_id",
        (session,),
    )
    return {entry: cost_nano for entry, cost_nano in rows}


def labels(db: sqlite3.Connection, session: str) -> dict[int, list[str]]:
    """The labels of each entry that has some."""
    return _gathered(
        db,
        "SELECT l.entry_id, l.label FROM label l JOIN entry e ON e.id = l.entry_id "
        "WHERE e.session_id = ? ORDER BY l.label",
        session,
    )


def tips(db: sqlite3.Connection, session: str) -> dict[int, list[str]]:
    """The names of the branches that end at each entry where some do."""
    return _gathered(
        db,
        "SELECT leaf_id, name FROM branch WHERE session_id = ? AND leaf_id IS NOT NULL ORDER BY id",
        session,
    )


def _gathered(db: sqlite3.Connection, sql: str, session: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row, name in db.execute(sql, (session,)):
        found.setdefault(row, []).append(name)
    return found


def path(db: sqlite3.Connection, leaf: int) -> list[int]:
    """The entries from the root to ``leaf``."""
    rows = db.execute(
        "WITH RECURSIVE up(id, n) AS (SELECT ?1, 0 UNION ALL SELECT e.parent_id, up.n + 1 FROM up "
        "JOIN entry e ON e.id = up.id WHERE e.parent_id IS NOT NULL) SELECT id FROM up ORDER BY n",
        (leaf,),
    )
    return [row for (row,) in rows][::-1]


def head(db: sqlite3.Connection, session: str) -> int | None:
    found = one(
        db,
        "SELECT b.leaf_id FROM session s JOIN branch b ON b.id = s.active_branch_id WHERE s.id = ?",
        session,
    )
    return None if found is None else found[0]
