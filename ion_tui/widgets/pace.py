"""How often something is drawn: at once when it can be, and never more than thirty times a second.

A draw that has more to show gets its next turn soon, after the keys that wait; that is how a large
backlog drains without holding up the prompt. A key that was just pressed is painted before more is
drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

FRAME_S = 1 / 30
REST_S = 1 / 250
HOLD_S = 0.015
"""How long a key needs to be painted when nothing else is."""
LONGEST_HOLD_S = 0.1
"""How long somebody who types can hold up a frame."""


class Pace:
    """Calls ``draw`` for a widget; ``draw`` answers whether it has more to show."""

    def __init__(self, widget: Widget, draw: Callable[[], bool]) -> None:
        self._widget, self._draw = widget, draw
        self._timer: Timer | None = None
        self._last = self._held_until = 0.0

    @property
    def waits(self) -> bool:
        """Whether a draw is due."""
        return self._timer is not None

    def want(self) -> None:
        """Something changed: draw now, or when the next frame is due."""
        if self._timer is not None:
            return
        due = self._last + FRAME_S - time.monotonic()
        if due <= 0:
            self._turn()
        else:
            self._timer = self._widget.set_timer(due, self._turn)

    def give_way(self) -> None:
        """A key was pressed: let it be painted first."""
        self._held_until = min(time.monotonic() + HOLD_S, self._last + LONGEST_HOLD_S)

    def _turn(self) -> None:
        self._timer = None
        if (held := self._held_until - time.monotonic()) > 0:
            self._timer = self._widget.set_timer(held, self._turn)
            return
        more = self._draw()
        self._last = time.monotonic()
        if more:
            self._timer = self._widget.set_timer(REST_S, self._turn)
