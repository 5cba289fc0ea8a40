"""The database of the first ion, written in Rust: sessions, and messages by their position.

It is opened for reading only, and may be in use. Its versions 1 to 5 differ in columns that are
not needed here, but for ``provider`` from version 3 on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from ion_core.errors import StoreError
from ion_core.ids import CallId
from ion_core.messages import (
    Message,
    Origin,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    answered,
)
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Bad, Began, Found, Imported, LeftOut
from ion_core.sessions.importers.wire import (
    WRONG,
    Record,
    arguments,
    listed,
    picture,
    reason,
    record,
    words,
)

_MESSAGES = (
    "SELECT id, position, role, content, created_at FROM messages "
    "WHERE session_id = ? ORDER BY position"
)
Row: TypeAlias = tuple[int, int, str, str, int]


class IonOne:
    """An importer. The number of a row stands for the line."""

    name = "ion-1"

    def recognises(self, begin: bytes, file_name: str) -> bool:
        """By the tables that stand in the first page."""
        return begin.startswith(b"SQLite format 3\0") and all(
            column in begin for column in (b"working_dir", b"position", b"messages")
        )

    def read(self, file: Path, blobs: Blobs) -> Iterator[Imported]:
        """Everything in the file."""
        try:
            uri = f"{file.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as db:
                yield from _sessions(db, blobs)
        except sqlite3.Error as error:
            raise StoreError(f"{file} cannot be read: {error}.") from error


def _sessions(db: sqlite3.Connection, blobs: Blobs) -> Iterator[Imported]:
    known = {row[1] for row in db.execute("PRAGMA table_info(sessions)")}
    provider = "provider" if "provider" in known else "''"
    sessions = db.execute(
        f"SELECT id, working_dir, model, {provider}, created_at FROM sessions ORDER BY created_at"
    ).fetchall()
    for session, cwd, model, maker, at in sessions:
        yield Began(key=session, at=float(at), cwd=cwd)
        origin = Origin(protocol="", provider=maker or "ion", base_url="", model=model)
        yield from _Reading(origin, blobs).rows(db.execute(_MESSAGES, (session,)))


class _Reading:
    """One session: a chain of messages, later results without the names of their tools."""

    def __init__(self, origin: Origin, blobs: Blobs) -> None:
        self._origin, self._blobs = origin, blobs
        self._names: dict[str, str] = {}
        self._last: str | None = None

    def rows(self, rows: Iterator[Row]) -> Iterator[Imported]:
        for row in rows:
            try:
                yield from list(self._row(*row))
            except WRONG as error:
                yield Bad(line=row[0], reason=f"message {row[0]}: {reason(error)}")

    def _row(
        self, number: int, position: int, role: str, content: str, at: int
    ) -> Iterator[Imported]:
        bodies = self._bodies(role.lower(), listed(msgspec.json.decode(content)))
        if not bodies:
            yield LeftOut(what=f"message of the {role}")
        for index, body in enumerate(bodies):
            name = f"{position}.{index}" if index else str(position)
            yield Found(line=number, id=name, parent=self._last, at=float(at), body=body)
            self._last = name

    def _bodies(self, role: str, blocks: list[Record]) -> list[Message]:
        if role == "system" or not blocks:
            return []
        parts = [self._part(*_told(block)) for block in blocks]
        if role == "user":
            return [Message(role="user", parts=tuple(parts))]
        if role == "assistant":
            called = any(isinstance(part, ToolCall) for part in parts)
            return [
                Message(
                    role="assistant",
                    parts=tuple(parts),
                    origin=self._origin,
                    stop="tool_use" if called else "end_turn",
                )
            ]
        return [answered(part) for part in parts if isinstance(part, ToolResult)]

    def _part(self, kind: str, block: Record) -> Part:
        match kind:
            case "text":
                return Text(text=words(block["text"]))
            case "thinking":
                return Reasoning(text=words(block["thinking"]))
            case "image":
                return picture(block["data"], self._blobs)
            case "tool_call" | "toolcall":
                told, malformed = arguments(block["arguments"])
                call, name = CallId(words(block["id"])), words(block["name"])
                self._names[call] = name
                return ToolCall(id=call, name=name, arguments=told, malformed=malformed)
            case "tool_result" | "toolresult":
                call = CallId(words(block["tool_call_id"]))
                return ToolResult(
                    call=call,
                    name=self._names.get(call, ""),
                    status="error" if block.get("is_error") else "ok",
                    content=words(block["content"]),
                )
            case _:
                raise ValueError(f"{kind!r} is no known content")


def _told(block: Record) -> tuple[str, Record]:
    """The kind of a block and its fields: Rust's enums are written with a ``type`` beside the
    fields, or as one name above them."""
    if "type" in block:
        return words(block["type"]).lower(), block
    (name, fields), *_ = block.items() or [("", {})]
    told: Any = fields
    return name.lower(), record(told)
