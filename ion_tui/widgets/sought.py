"""The message that somebody was led to: where it is in the transcript, and its mark.

A transcript may be told anew just after it was opened; until the mark goes, the message is found
again each time. Whoever scrolls away meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.timer import Timer
from textual.widget import Widget

from ion_core.ids import EntryId
from ion_tui.widgets.reading import Reading

SHOWN_S = 2.5
"""So long is the message marked."""
ABOVE = 2
"""Rows of what was said before it that stay visible."""


class Sought:
    """``widget`` is drawn anew when the mark comes and goes."""

    def __init__(self, widget: Widget, reading: Reading) -> None:
        self._widget, self._reading = widget, reading
        self._entry: EntryId | None = None
        self._words: tuple[str, ...] = ()
        self._timer: Timer | None = None
        self.block: int | None = None

    def seek(self, entry: EntryId, words: Sequence[str] = ()) -> bool:
        """Go to an entry, and there to the first row with one of ``words``; whether it is told
        already. One that is not is waited for as long as a mark is shown."""
        self.leave()
        self._entry, self._words = entry, tuple(word.lower() for word in words)
        self._timer = self._widget.set_timer(SHOWN_S, self.leave)
        return self.again()

    def again(self) -> bool:
        """After something was told: find the entry anew."""
        if self._entry is None or not self._reading.begun:
            return False
        blocks = self._reading.teller.blocks_of(self._entry)
        if not blocks:
            return False
        self.block, row = self._row(blocks)
        self._reading.place.go(self.block, row)
        self._reading.place.move(-ABOVE)
        return True

    def leave(self) -> None:
        """No mark, and nothing to find."""
        if self._timer is not None:
            self._timer.stop()
        if self.block is not None:
            self._widget.refresh()
        self._entry = self._timer = self.block = None

    def _row(self, blocks: range) -> tuple[int, int]:
        """Where one of the words is; in what is folded too, which is opened then."""
        for block in blocks:
            if (row := self._has(block)) is not None:
                return block, row
        for block in blocks if self._words else ():
            if self._reading.story.turn(block):
                if (row := self._has(block)) is not None:
                    return block, row
                self._reading.story.turn(block)
        return blocks[0], 0

    def _has(self, block: int) -> int | None:
        if not self._words:
            return None
        for at, row in enumerate(self._reading.story.draw(block)):
            text = row.strip.text.lower()
            if any(word in text for word in self._words):
                return at
        return None
