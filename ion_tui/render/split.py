"""Markdown cut into chunks that can be typeset one by one, as it arrives.

A chunk ends where CommonMark lets nothing of it go on: at a blank line outside of lists and fences,
around a fence, and, so that no chunk grows for ever, between the items of a long list or after many
lines of code. Only whole lines decide, so any way of feeding a text gives the same chunks.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

CODE_LINES = 40
"""Lines of a fence that are highlighted together."""
LIST_LINES = 40
TEXT_LINES = 200

_FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*$)|~{3,})\s*(.*)")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?: |$)")
_ITEM_0 = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?: |$)")
_HEADING = re.compile(r" {0,3}(?:#{1,6}(?: |$)|=+ *$)")
_NESTED = re.compile(r"\s*(?:(?:[-*+]|\d{1,9}[.)]|>) *)*(`{3,}|~{3,})")


class Chunk(NamedTuple):
    """A piece of Markdown (``text``), or lines of a fence (``code``) in the language ``info``.
    ``lead`` is the number of blank rows above it."""

    kind: Literal["text", "code"]
    text: str
    info: str
    lead: int


class Splitter:
    """Takes text in pieces and gives chunks as they become final."""

    def __init__(self) -> None:
        self._partial = ""
        self._lines: list[str] = []
        self._fence: tuple[str, int, str] | None = None
        self._nested = ""
        self._blank = self._list = False
        self._lead = 1
        self._done: list[Chunk] = []

    def feed(self, text: str) -> list[Chunk]:
        """More text; the chunks that became final by it."""
        if "\n" not in text:
            self._partial += text
            return []
        *lines, partial = (self._partial + text).split("\n")
        self._partial = partial
        for line in lines:
            self._take(line)
        return self._taken()

    def tail(self) -> list[Chunk]:
        """What is not final yet, as it would be if the text ended here."""
        copy = Splitter()
        copy._lines, copy._fence, copy._nested = list(self._lines), self._fence, self._nested
        copy._blank, copy._list, copy._lead = self._blank, self._list, self._lead
        copy._partial = self._partial
        return copy.close()

    def close(self) -> list[Chunk]:
        """The chunks that were still open."""
        if self._partial:
            self._take(self._partial)
            self._partial = ""
        if self._fence is None:
            self._end(1)
        elif self._lines or self._lead:
            self._drop_blank_end()
            self._emit_code(1)
        return self._taken()

    def _drop_blank_end(self) -> None:
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()

    def _taken(self) -> list[Chunk]:
        done, self._done = self._done, []
        return done

    def _take(self, line: str) -> None:
        if "\t" in line:
            line = line.expandtabs(4)
        if self._fence is not None:
            self._take_code(line)
        elif not line or line.isspace():
            self._blank = bool(self._lines)
            if self._lines:
                self._lines.append("")
        else:
            self._take_text(line)

    def _take_code(self, line: str) -> None:
        assert self._fence is not None
        char, length, info = self._fence
        bare = line.strip()
        if bare and len(bare) >= length and not bare.strip(char) and len(line) - len(bare) < 4:
            if self._lines or self._lead:
                self._emit_code(1)
            self._fence, self._lead = None, 1
            return
        if len(self._lines) >= CODE_LINES:
            self._done.append(Chunk("code", "\n".join(self._lines), info, self._lead))
            self._lines, self._lead = [], 0
        self._lines.append(line)

    def _emit_code(self, lead: int) -> None:
        info = self._fence[2] if self._fence else ""
        self._done.append(Chunk("code", "\n".join(self._lines), info, self._lead))
        self._lines, self._lead = [], lead

    def _take_text(self, line: str) -> None:
        first = line.lstrip()[0]
        if first in "`~" and not self._nested and self._opens(line):
            return
        if self._lines and self._parts(line):
            self._end(1 if self._blank else 0)
        if first == "|" and not self._lines:
            self._lead = 1
        self._list = self._list or (first in "-*+0123456789" and _ITEM.match(line) is not None)
        if first in "`~-*+>0123456789":
            self._track(line)
        self._blank = False
        self._lines.append(line)

    def _opens(self, line: str) -> bool:
        fence = _FENCE.match(line)
        if fence is None or (self._list and fence[1]):
            return False
        self._end(1)
        self._fence = (fence[2][0], len(fence[2]), fence[3].strip())
        self._blank = False
        return True

    def _parts(self, line: str) -> bool:
        """Whether ``line`` begins a chunk of its own."""
        if self._nested:
            return False
        count = len(self._lines)
        if self._list:
            if _ITEM_0.match(line):
                return count >= LIST_LINES
            return self._blank and line[0] != " "
        return self._blank or (count >= TEXT_LINES and "|" not in line)

    def _track(self, line: str) -> None:
        """Follow a fence inside of a list or quote, whose blank lines part nothing."""
        found = _NESTED.match(line)
        if found is None:
            return
        if not self._nested:
            self._nested = found[1]
        elif found[1].startswith(self._nested):
            self._nested = ""

    def _end(self, lead: int) -> None:
        self._drop_blank_end()
        if self._lines:
            heading = _HEADING.match(self._lines[-1]) is not None
            self._done.append(Chunk("text", "\n".join(self._lines), "", self._lead))
            self._lead = 0 if heading else lead
        self._lines, self._blank, self._list, self._nested = [], False, False, ""


def split(text: str) -> list[Chunk]:
    """All chunks of a whole text."""
    splitter = Splitter()
    return splitter.feed(text) + splitter.close()
