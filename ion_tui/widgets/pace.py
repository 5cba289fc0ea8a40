"""How often something is drawn: at once when it can be, and never more than thirty times a second.

A draw that has more to show gets its next turn soon, after the keys that wait; that is how a large
backlog drains without holding up the prompt.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

FRAME_S = 1 / 30
REST_S = 1 / 250


class Pace:
    """Calls ``draw`` for a widget; ``draw`` answers whether it has more to show."""

    def __init__(self, widget: Widget, draw: Callable[[], bool]) -> None:
        self._widget, self._draw = widget, draw
        self._timer: Timer | None = None
        self._last = 0.0

    def want(self) -> None:
        """Something changed: draw now, or when the next frame is due."""
        if self._timer is not None:
            return
        due = self._last + FRAME_S - time.monotonic()
        if due <= 0:
            self._turn()
        else:
            self._timer = self._widget.set_timer(due, self._turn)

    def _turn(self) -> None:
        self._timer = None
        more = self._draw()
        self._last = time.monotonic()
        if more:
            self._timer = self._widget.set_timer(REST_S, self._turn)
