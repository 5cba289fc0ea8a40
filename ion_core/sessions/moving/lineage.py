"""Where a session came from, across homes: its parent may be in this store, come later, or never.

A parent that is not here is remembered in the session's ``meta`` by its names outside the store;
whichever of the two arrives last finds the other.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from ion_core.sessions.moving.lines import Described, external, native
from ion_core.sessions.rows import one

_CAME_FROM = "came_from"


def told(db: sqlite3.Connection, row: dict[str, Any]) -> dict[str, Any]:
    """What an export says of the lineage of a row of ``session``: ``parent``, ``parent_entry`` and
    the ``meta`` without it."""
    meta: dict[str, Any] = json.loads(row["meta"])
    absent = meta.pop(_CAME_FROM, None) or {}
    parent = row["parent_session_id"]
    if parent is None:
        return {"parent": absent.get("session"), "parent_entry": absent.get("entry"), "meta": meta}
    entry = one(
        db,
        "SELECT id, ts_ms, ext_uuid FROM entry WHERE id = ? AND session_id = ?",
        row["parent_entry_id"],
        parent,
    )
    return {
        "parent": parent,
        "parent_entry": external(parent, *entry) if entry else absent.get("entry"),
        "meta": meta,
    }


def remembered(session: Described) -> dict[str, Any]:
    """The ``meta`` of a session that arrives."""
    meta = {name: value for name, value in session.meta.items() if name != _CAME_FROM}
    if session.parent is not None and session.parent != session.id:
        meta[_CAME_FROM] = {"session": session.parent, "entry": session.parent_entry}
    return meta


def join(db: sqlite3.Connection, session: str) -> None:
    """Join a session that arrived to its parent, and to the children that wait for it."""
    waiting = db.execute(
        "SELECT id, json_extract(meta, '$.came_from.session'), "
        "json_extract(meta, '$.came_from.entry') FROM session "
        "WHERE parent_session_id IS NULL AND json_extract(meta, '$.came_from.session') IS NOT NULL "
        "AND ?1 IN (id, json_extract(meta, '$.came_from.session'))",
        (session,),
    ).fetchall()
    for child, parent, entry in waiting:
        if one(db, "SELECT 1 FROM session WHERE id = ?", parent):
            db.execute(
                "UPDATE session SET parent_session_id = ?, parent_entry_id = ? WHERE id = ?",
                (parent, None if entry is None else _row(db, parent, entry), child),
            )


def _row(db: sqlite3.Connection, session: str, ext: str) -> int | None:
    found = one(db, "SELECT id FROM entry WHERE ext_uuid = ? AND session_id = ?", ext, session)
    own = native(ext) if found is None else None
    if own is not None:
        sql = "SELECT id FROM entry WHERE id = ? AND session_id = ? AND ts_ms = ?"
        found = one(db, sql, own[1], session, own[2])
    return None if found is None else int(found[0])
