"""Server-sent events, parsed from bytes as they arrive.

The grammar of https://html.spec.whatwg.org/multipage/server-sent-events.html §9.2.6, and no other:
a line ends at LF, CRLF or CR (never at U+2028 or its like, which JSON may hold unescaped), and an
event that no blank line ended is dropped. Pure: it reads no socket.
"""

from __future__ import annotations

import codecs
import re

from msgspec import Struct

_FIELDS = frozenset({"", "data", "event", "id", "retry"})
"""The names of lines; a comment has none."""
_LINE_END = re.compile(r"\r\n|\n|\r")


class SseEvent(Struct, frozen=True):
    """One event: its ``data`` lines joined by LF, and its name ("" for a plain message)."""

    data: str
    name: str = ""


class SseParser:
    """Feed it bytes in any cut; it answers with the events that they completed. ``recognised``
    tells whether any line yet was one of the grammar."""

    def __init__(self) -> None:
        self.recognised = False
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._pieces: list[str] = []
        self._after_cr = False
        self._name, self._data = "", list[str]()

    def feed(self, data: bytes) -> list[SseEvent]:
        """The events that end within ``data``."""
        events = []
        for line in self._lines(self._decoder.decode(data)):
            event = self._take(line)
            if event is not None:
                events.append(event)
        return events

    def _lines(self, text: str) -> list[str]:
        if self._after_cr and text:
            # The CR ended its line already; this LF belongs to the same end.
            text = text.removeprefix("\n")
            self._after_cr = False
        self._after_cr = self._after_cr or text.endswith("\r")
        first, *rest = _LINE_END.split(text) if "\r" in text else text.split("\n")
        self._pieces.append(first)
        if not rest:
            return []
        lines = ["".join(self._pieces), *rest[:-1]]
        self._pieces = [rest[-1]]
        return lines

    def _take(self, line: str) -> SseEvent | None:
        if not line:
            return self._dispatched()
        field, _, value = line.partition(":")
        self.recognised = self.recognised or field in _FIELDS
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "error" and value.startswith("{"):
            # Older servers of llama.cpp write their errors so.
            self._name, self._data, self.recognised = "error", [value], True
        return None

    def _dispatched(self) -> SseEvent | None:
        name, data = self._name, self._data
        self._name, self._data = "", []
        return SseEvent("\n".join(data), name) if data else None
