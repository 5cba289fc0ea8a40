"""Pi's sessions: JSON lines of versions 1 to 3, a tree by ``id`` and ``parentId``.

Version 1 is a line without ids; a line's number is its id there. Fields: Pi's docs/session.md.
A compaction's summary stays as the message that the model read in its place; nothing is cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ion_core.entries import Body, ModelChange
from ion_core.messages import Message, user
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import (
    Began,
    Found,
    Imported,
    Labelled,
    LeftOut,
    Named,
)
from ion_core.sessions.importers.pi_messages import message_of, payment_of
from ion_core.sessions.importers.wire import Record, record, seconds, told, words

_SUMMARY = "The conversation up to here was summarised:\n\n"
_BRANCH = "Another branch of this conversation was left. Its summary:\n\n"


class Pi:
    """An importer."""

    name = "pi"

    def recognises(self, begin: bytes, file_name: str) -> bool:
        """By the header in the first line."""
        first = begin.partition(b"\n")[0].replace(b" ", b"")
        return b'"type":"session"' in first and b'"timestamp"' in first

    def read(self, file: Path, blobs: Blobs) -> Iterator[Imported]:
        """Everything in the file."""
        return told(file, _Reading(blobs).line)


class _Reading:
    """One file. ``_instead`` names, for a line that is no entry here, the one before it."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._last: str | None = None
        self._instead: dict[str, str | None] = {}

    def line(self, number: int, line: Record) -> list[Imported]:
        match line["type"]:
            case "session":
                self._last = None
                at = seconds(line["timestamp"])
                return [Began(key=words(line["id"]), at=at, cwd=words(line.get("cwd", "")))]
            case "session_info":
                name = line.get("name")
                self._pass(number, line)
                return [Named(title=words(name), by_person=True)] if name else []
            case "label":
                marked = [self._label(line)] if line.get("label") else []
                self._pass(number, line)
                return [*marked]
            case kind:
                return self._entry(number, line, words(kind))

    def _label(self, line: Record) -> Labelled:
        entry, at = words(line["targetId"]), seconds(line["timestamp"])
        return Labelled(entry=entry, label=words(line["label"]), at=at)

    def _entry(self, number: int, line: Record, kind: str) -> list[Imported]:
        body = self._body(line, kind)
        if body is None:
            self._pass(number, line)
            return [LeftOut(what=kind if kind != "message" else "message without words")]
        name, at = self._name(number, line), seconds(line["timestamp"])
        found = Found(line=number, id=name, parent=self._parent(line), at=at, body=body)
        self._last = name
        if not isinstance(body, Message) or body.usage is None:
            return [found]
        paid = payment_of(record(line["message"]), body.usage, name, at)
        return [found] if paid is None else [found, paid]

    def _body(self, line: Record, kind: str) -> Body | None:
        match kind:
            case "message":
                return message_of(record(line["message"]), self._blobs)
            case "custom_message":
                return message_of({"role": "custom", **line}, self._blobs)
            case "model_change":
                return ModelChange(model=f"{words(line['provider'])}/{words(line['modelId'])}")
            case "compaction":
                return user(_SUMMARY + words(line["summary"]))
            case "branch_summary":
                return user(_BRANCH + words(line["summary"]))
            case _:
                return None

    def _pass(self, number: int, line: Record) -> None:
        self._instead[self._name(number, line)] = self._parent(line)

    def _name(self, number: int, line: Record) -> str:
        return words(line["id"]) if "id" in line else str(number)

    def _parent(self, line: Record) -> str | None:
        if "parentId" not in line:
            return self._last
        parent = line["parentId"]
        while parent in self._instead:
            parent = self._instead[parent]
        return None if parent is None else words(parent)
