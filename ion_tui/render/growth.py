"""One part of an answer while it is being written.

A growth takes the text so far, again and again, and says which contents are final and which are
still changing. It reads a limited number of characters at a time, so that a backlog drains over
several frames and keys are painted in between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ion_core.events import Channel
from ion_core.ids import CallId
from ion_tui.render.deeds import Deed, Deeds
from ion_tui.render.sanitize import Sanitizer
from ion_tui.render.speech import Piece, Thought
from ion_tui.render.split import Splitter

if TYPE_CHECKING:
    from ion_tui.render.story import Content

SLICE = 16_000
"""Characters that are read in one go: about 1 ms."""

_TARGET = re.compile(r'"(?:path|command|pattern|url|query)"\s*:\s*"((?:[^"\\]|\\.)*)')


class Growth:
    """A growing part. ``read`` is the number of characters that were taken so far."""

    def __init__(self, channel: Channel, tool: str = "") -> None:
        self._channel, self._tool = channel, tool
        self.read = 0
        self._text = ""
        self._sanitizer, self._splitter = Sanitizer(), Splitter()

    def take(self, text: str) -> list[Content]:
        """The part's text so far, of which a slice is read; the contents that became final."""
        new = text[self.read : self.read + SLICE]
        if self._channel != "text":
            new, self._text = text[self.read :], text
        self.read += len(new)
        if self._channel != "text":
            return []
        return [Piece(chunk) for chunk in self._splitter.feed(self._sanitizer.feed(new))]

    def tail(self, seconds: float | None) -> list[Content]:
        """What is still changing."""
        if self._channel == "text":
            chunks = self._splitter.tail()
            return [Piece(chunk, growing=chunk is chunks[-1]) for chunk in chunks]
        return self._other(seconds, live=True)

    def close(self, text: str, seconds: float | None) -> list[Content]:
        """The part is complete: everything that was not final yet."""
        final: list[Content] = []
        while self.read < len(text):
            final += self.take(text)
        if self._channel != "text":
            return self._other(seconds, live=False)
        rest = self._splitter.feed(self._sanitizer.close()) + self._splitter.close()
        return final + [Piece(chunk) for chunk in rest]

    def _other(self, seconds: float | None, *, live: bool) -> list[Content]:
        if self._channel == "reasoning":
            return [Thought(self._text, seconds, live)]
        return [Deeds((self._deed(),))]

    def _deed(self) -> Deed:
        found = _TARGET.search(self._text)
        target = found[1].replace("\\n", "\n").replace('\\"', '"') if found else ""
        return Deed(
            call=CallId(""), name=self._tool, arguments={}, target=target, written=len(self._text)
        )
