"""A session's tree in outline: every entry as one line, without its content.

Ten thousand entries are read for a screen in one question, so that nothing but the line is decoded.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from ion_core.ids import EntryId, SessionId, entry_id
from ion_core.sessions.branches import branches
from ion_core.sessions.rows import ZLIB
from ion_core.sessions.uncollected import uncollected
from ion_core.trees import Node, SessionTree

LINE = 200
"""Characters."""

_LIMIT = 2 * LINE
"""Characters that are looked at for it: what is not words is left out."""


class _Part(Struct):
    """As much of a part as a line shows; what is not text has none."""

    kind: str = ""
    text: str = ""
    name: str = ""


class _Outline(Struct):
    """As much of a body: a message has parts, other entries a text, a model or a mode."""

    parts: list[_Part] = []
    text: str = ""
    model: str = ""
    mode: str = ""


_decoder = msgspec.json.Decoder(_Outline)


def outline(db: sqlite3.Connection, session: SessionId) -> SessionTree:
    """Every entry of a session, and its branches."""
    labels: dict[int, tuple[str, ...]] = {}
    for row, label in db.execute(
        "SELECT l.entry_id, l.label FROM label l JOIN entry e ON e.id = l.entry_id "
        "WHERE e.session_id = ? ORDER BY l.ts_ms, l.label",
        (session,),
    ):
        labels[row] = (*labels.get(row, ()), label)
    with uncollected():
        nodes = tuple(_nodes(db, session, labels))
    return SessionTree(nodes=nodes, branches=branches(db, session))


def _nodes(
    db: sqlite3.Connection, session: SessionId, labels: dict[int, tuple[str, ...]]
) -> Iterator[Node]:
    rows = db.execute(
        "SELECT e.id, e.parent_id, e.depth, e.ts_ms, e.type, e.role, e.status, e.tool, e.codec, "
        "CASE WHEN e.type = 'tool_result' THEN "
        "(SELECT substr(t.body, 1, ?2) FROM entry_text t WHERE t.id = e.id) END, "
        "CASE WHEN e.type <> 'tool_result' THEN e.payload END "
        "FROM entry e WHERE e.session_id = ?1 ORDER BY e.id",
        (session, _LIMIT),
    )
    ids: dict[int | None, EntryId] = {}
    for row, parent, depth, at_ms, kind, role, status, tool, codec, said, payload in rows:
        text, tools = (
            (said or "", (tool,) if tool else ()) if payload is None else _read(codec, payload)
        )
        ids[row] = entry_id(row)
        yield Node(
            id=ids[row],
            parent=ids.get(parent),
            depth=depth,
            at=at_ms / 1000,
            kind=kind,
            role=role or "",
            status=status,
            text=_line(text),
            tools=tools,
            labels=labels.get(row, ()),
        )


def _read(codec: int, payload: bytes) -> tuple[str, tuple[str, ...]]:
    """What is said in a body, and the tools that it calls; nothing of one that cannot be read."""
    try:
        body = _decoder.decode(zlib.decompress(payload) if codec == ZLIB else payload)
    except (msgspec.MsgspecError, zlib.error):
        return "", ()
    if len(body.parts) == 1 and body.parts[0].kind == "text":
        return body.parts[0].text, ()
    said = " ".join(part.text[:_LIMIT] for part in body.parts if part.kind == "text")
    names = tuple(part.name for part in body.parts if part.kind == "tool_call")
    return said or body.text or body.model or body.mode, names


def _line(text: str) -> str:
    text = text[:_LIMIT]
    if text.isprintable() and "  " not in text:  # most are a line already
        return text.strip()[:LINE]
    return " ".join(text.split())[:LINE]
