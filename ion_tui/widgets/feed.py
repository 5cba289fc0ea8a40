"""What happens in a session on its way into the transcript: kept for a moment, then told.

Events are told at most thirty times a second and never before a key that was just pressed; while a
tool runs, its seconds are told once a second, and otherwise no timer runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.timer import Timer
from textual.widget import Widget

from ion_core.events import Emitted
from ion_core.ids import SessionId
from ion_core.view import SessionView
from ion_tui.widgets.pace import Pace
from ion_tui.widgets.reading import Reading


class Feed:
    """Tells ``reading`` for a widget. ``told`` is called after that with the rows that it made."""

    def __init__(self, widget: Widget, reading: Reading, told: Callable[[int], None]) -> None:
        self._widget, self._reading, self._told = widget, reading, told
        self._view = SessionView(session=SessionId(""))
        self._waiting: list[Emitted] = []
        self._pace = Pace(widget, self._tell)
        self._seconds: Timer | None = None

    @property
    def waits(self) -> bool:
        """Whether something happened that is not told yet."""
        return self._pace.waits

    def reset(self, view: SessionView) -> None:
        """Tell a session from its beginning; what waited is part of it."""
        self._view, self._waiting = view, []
        self._reading.teller.reset(view)
        self._after(0)

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Tell what happened since the last call, soon."""
        self._view = view
        self._waiting += events
        self._pace.want()

    def give_way(self) -> None:
        """A key was pressed: let it be painted first."""
        self._pace.give_way()

    def _tell(self) -> bool:
        if self._view.busy and self._reading.cold:
            self._reading.cold = False
            self._widget.run_worker(self._reading.warm, thread=True)
        events, self._waiting = self._waiting, []
        before = self._reading.story.heights.total
        more = self._reading.teller.update(self._view, events)
        self._after(self._reading.story.heights.total - before)
        return more

    def _after(self, rows: int) -> None:
        self._told(rows)
        if self._view.running and self._seconds is None:
            self._seconds = self._widget.set_interval(1.0, self._second_passed)
        elif not self._view.running and self._seconds is not None:
            self._seconds.stop()
            self._seconds = None

    def _second_passed(self) -> None:
        self._reading.teller.tick(self._view)
        self._after(0)
