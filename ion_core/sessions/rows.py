"""Values as rows and back: a body and its columns, a session and its columns.

The payload is the whole truth of an entry; the columns beside it repeat what queries filter by.
"""

from __future__ import annotations

import sqlite3
import zlib
from typing import Any

import msgspec

from ion_core.codec import decode_body, encode
from ion_core.entries import Body, Entry, ModelChange
from ion_core.errors import StoreCorrupt, StoreTooNew
from ion_core.ids import SessionId, entry_id
from ion_core.messages import Message
from ion_core.sessions.base import SessionInfo
from ion_core.usage import Usage

COMPRESS_ABOVE = 4096
"""Bytes of payload from which it is worth to try zlib."""

PLAIN, ZLIB = 0, 1

SESSION_COLUMNS = (
    "s.id, s.project_id, s.cwd, s.title, s.title_source, s.preview, s.provider, s.model, s.mode, "
    "b.leaf_id, s.created_ms, s.updated_ms, s.n_entries, s.n_user, "
    "s.tok_in, s.tok_out, s.tok_cache_r, s.tok_cache_w, s.cost_nano, s.cost_known, s.deleted_ms, "
    "s.kind, s.parent_session_id, s.parent_entry_id, s.description, s.pinned, s.archived, b.name"
)

COLUMNS = (
    *("type", "role", "status", "tool", "call_id", "is_error", "latency_ms"),
    *("provider", "model", "stop_reason", "tok_in", "tok_out", "tok_cache_r", "tok_cache_w"),
)
"""Columns of ``entry`` that repeat what is in the body: those of any, a result and an answer."""

_NO_RESULT, _NO_ANSWER = (None,) * 4, (None,) * 7
_ENDED = {"cancelled": "aborted", "indeterminate": "indeterminate"}


def storable(text: str) -> str:
    """``text`` with lone surrogates as U+FFFD: SQLite's text is UTF-8, which has none."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def pack(body: Body) -> tuple[int, bytes]:
    """The codec and the payload of a body."""
    data = encode(body)
    if len(data) > COMPRESS_ABOVE:
        small = zlib.compress(data, 3)
        if len(small) < len(data):
            return ZLIB, small
    return PLAIN, data


def entry_of(row: tuple[int, int | None, int, int, bytes]) -> Entry:
    """The entry of ``(id, parent_id, ts_ms, codec, payload)``. Raises ``StoreCorrupt``, and
    ``StoreTooNew`` for a body that this version does not know."""
    number, parent, at_ms, codec, payload = row
    try:
        body = decode_body(zlib.decompress(payload) if codec == ZLIB else payload)
    except msgspec.ValidationError as error:
        raise StoreTooNew(
            f"Entry {entry_id(number)} was written by a newer ion ({error}). Update ion to read it."
        ) from error
    except (msgspec.DecodeError, zlib.error) as error:
        raise StoreCorrupt(f"Entry {entry_id(number)} is damaged ({error}).") from error
    return Entry(
        id=entry_id(number),
        parent=None if parent is None else entry_id(parent),
        at=at_ms / 1000,
        body=body,
    )


def columns(body: Body) -> tuple[Any, ...]:
    """What is in the body, as the values of :data:`COLUMNS`."""
    match body:
        case Message(role="tool"):
            return ("tool_result", "tool", *_result_columns(body), *_NO_ANSWER)
        case Message(role=role):
            status = "aborted" if body.stop in ("interrupted", "incomplete") else "final"
            return ("message", role, status, *_NO_RESULT, *_answer_columns(body))
        case ModelChange(model=ref):
            answered = (*split_model(ref), *_NO_ANSWER[2:])
            return ("model_change", None, "final", *_NO_RESULT, *answered)
        case _:
            kind = str(body.__struct_config__.tag)
            return (kind, None, "final", *_NO_RESULT, *_NO_ANSWER)


def _answer_columns(message: Message) -> tuple[Any, ...]:
    origin, usage = message.origin, message.usage
    told = (storable(origin.provider), storable(origin.model)) if origin else (None, None)
    if usage is None:
        return (*told, message.stop, None, None, None, None)
    tokens = (usage.input, usage.output, usage.cache_read, usage.cache_write)
    return (*told, message.stop, *tokens)


def _result_columns(message: Message) -> tuple[Any, ...]:
    for result in message.results:
        return (
            _ENDED.get(result.status, "final"),
            storable(result.name),
            storable(result.call),
            int(result.status != "ok"),
            result.display.duration_ms if result.display else None,
        )
    return ("final", *_NO_RESULT)


def split_model(ref: str) -> tuple[str | None, str]:
    """``provider/model`` as two columns; the provider is None where ``ref`` names none."""
    provider, slash, model = storable(ref).partition("/")
    return (provider, model) if slash else (None, provider)


def info_of(row: tuple[Any, ...], tags: tuple[str, ...] = (), branches: int = 1) -> SessionInfo:
    """The session of a row of ``SESSION_COLUMNS``, with its tags and how many branches it has."""
    (session, project, cwd, title, title_source, preview, provider, model, mode) = row[:9]
    leaf, created_ms, updated_ms, entries, turns, read_in, out, cache_read, cache_write = row[9:18]
    cost, known, deleted_ms, kind, parent, parent_entry, description = row[18:25]
    pinned, archived, branch = row[25:]
    return SessionInfo(
        id=SessionId(session),
        project=project,
        cwd=cwd,
        title=title or "",
        title_source=title_source,
        preview=preview or "",
        model=model if provider is None else f"{provider}/{model}",
        mode=mode,
        head=None if leaf is None else entry_id(leaf),
        created_at=created_ms / 1000,
        updated_at=updated_ms / 1000,
        entries=entries,
        turns=turns,
        usage=Usage(input=read_in, output=out, cache_read=cache_read, cache_write=cache_write),
        cost_nano=cost,
        cost_known=bool(known),
        deleted_at=None if deleted_ms is None else deleted_ms / 1000,
        kind=kind,
        parent=parent,
        parent_entry=None if parent_entry is None else entry_id(parent_entry),
        description=description or "",
        tags=tags,
        pinned=bool(pinned),
        archived=bool(archived),
        branch=branch,
        branches=branches,
    )


def one(db: sqlite3.Connection, sql: str, *values: Any) -> tuple[Any, ...] | None:
    """The first row, or None."""
    row: tuple[Any, ...] | None = db.execute(sql, values).fetchone()
    return row


def insert(db: sqlite3.Connection, table: str, **values: Any) -> int:
    """A new row and its number. The names are the program's own; the values may be anybody's."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = db.execute(f"INSERT INTO {table}({names}) VALUES({marks})", tuple(values.values()))
    return int(cursor.lastrowid or 0)
