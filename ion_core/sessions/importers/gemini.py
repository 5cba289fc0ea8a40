"""Gemini CLI's chats: one JSON document, and in newer versions JSON lines that change it.

Types: ``ConversationRecord`` of gemini-cli's chatRecordingService. A line ``$rewindTo`` takes
messages back: what follows branches off before it. An old document is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ion_core.errors import StoreError
from ion_core.messages import Message, answered
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Bad, Began, Found, Imported, LeftOut, Named, Paid
from ion_core.sessions.importers.gemini_parts import answer_of, asked, results_of
from ion_core.sessions.importers.wire import (
    WRONG,
    Record,
    listed,
    reason,
    record,
    seconds,
    told,
    words,
)

LARGEST = 256_000_000
"""Bytes of a document."""


class Gemini:
    """An importer."""

    name = "gemini"

    def recognises(self, begin: bytes, file_name: str) -> bool:
        """By the fields of its head, which come first."""
        head = begin[:4096]
        return (
            head.lstrip().startswith(b"{") and b'"projectHash"' in head and b'"sessionId"' in head
        )

    def read(self, file: Path, blobs: Blobs) -> Iterator[Imported]:
        """Everything in the file."""
        document = _document(file)
        if document is None:
            yield from told(file, _Reading(blobs).line)
            return
        reading = _Reading(blobs)
        yield from reading.head(document)
        for number, message in enumerate(listed(document.get("messages") or []), 1):
            try:
                yield from list(reading.message(number, message))
            except WRONG as error:
                yield Bad(line=number, reason=f"message {number}: {reason(error)}")


def _document(file: Path) -> Record | None:
    """The file as one document, None when it is lines."""
    with file.open("rb") as data:
        first = data.readline(LARGEST)
        try:
            head = msgspec.json.decode(first)
            return record(head) if "messages" in record(head) else None
        except (msgspec.DecodeError, ValueError):
            rest = data.read(LARGEST)
    try:
        return record(msgspec.json.decode(first + rest))
    except (msgspec.DecodeError, ValueError) as error:
        raise StoreError(f"{file} is cut off or damaged: {error}.") from error


class _Reading:
    """One chat, as far as it is read."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._begun = False
        self._last: str | None = None
        self._before: dict[str, str | None] = {}

    def line(self, number: int, line: Record) -> Iterator[Imported]:
        if not self._begun:
            yield from self.head(line)
        elif "$rewindTo" in line:
            self._last = self._before.get(words(line["$rewindTo"]), self._last)
        elif "$set" in line:
            if summary := record(line["$set"]).get("summary"):
                yield Named(title=words(summary))
        else:
            yield from self.message(number, line)

    def head(self, head: Record) -> Iterator[Imported]:
        self._begun = True
        folder = next(iter(head.get("directories") or []), "")
        yield Began(key=words(head["sessionId"]), at=seconds(head["startTime"]), cwd=words(folder))
        if summary := head.get("summary"):
            yield Named(title=words(summary))

    def message(self, number: int, message: Record) -> Iterator[Imported]:
        kind, own, at = message["type"], words(message["id"]), seconds(message["timestamp"])
        if own in self._before:
            yield LeftOut(what="earlier state of a message")
            return
        bodies = self._bodies(message, kind)
        if not bodies:
            yield LeftOut(what=f"message of kind {kind}")
            return
        self._before[own] = self._last
        for index, body in enumerate(bodies):
            name = own if not index else f"{own}#{index}"
            yield Found(line=number, id=name, parent=self._last, at=at, body=body)
            self._last = name
            if body.role == "assistant" and body.usage and body.origin:
                yield Paid(
                    entry=name,
                    provider="google",
                    model=body.origin.model,
                    usage=body.usage,
                    cost_nano=None,
                    at=at,
                )

    def _bodies(self, message: Record, kind: Any) -> list[Message]:
        if kind == "user":
            parts = asked(message["content"], self._blobs)
            return [Message(role="user", parts=parts)] if parts else []
        if kind != "gemini":
            return []
        answer = answer_of(message, self._blobs)
        results = results_of(message, self._blobs)
        return [answer, *map(answered, results)] if answer.parts else []
