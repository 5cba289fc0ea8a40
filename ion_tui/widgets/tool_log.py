"""The tool log on the right: every call of the path on one row, drawn line by line.

Time, sign, what was done to what, how it ended, how long it took. Running rows count the seconds;
when nothing runs, no timer does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Static

from ion_core.events import Emitted, HeadMoved
from ion_core.ids import Clock
from ion_core.view import SessionView
from ion_tui.chords import Chords
from ion_tui.figures import clockwork, duration
from ion_tui.intents import CommandWanted, RevealWanted
from ion_tui.phrases import one_line, verb, wanted
from ion_tui.render.cells import cells, shorten
from ion_tui.widgets.cursor import under_cursor
from ion_tui.widgets.log_rows import Log, LogRow

SIGNS = {"waiting": "·", "running": "◐", "ok": "✓", "failed": "✗", "stopped": "■"}


class LogList(ScrollView, can_focus=True):
    """A panel: the rows and a cursor, at the newest row unless somebody moved it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--time",
        "log--verb",
        "log--target",
        "log--ok",
        "log--failed",
        "log--running",
        "log--dim",
        "log--cursor",
    }

    class Changed(Message):
        """Other rows are shown."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="log")
        self.only_failed = False
        self._chords, self._clock = chords, clock
        self.log_rows = Log()
        self.shown: list[LogRow] = []
        self.index = 0
        self._timer: Timer | None = None

    def reset(self, view: SessionView) -> None:
        """Panel: show the calls of this path."""
        self.log_rows = Log(view)
        self._show()

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: fold the events in."""
        if any(isinstance(emitted.event, HeadMoved) for emitted in events):
            self.reset(view)
        elif self.log_rows.apply(events):
            self._show()

    def _show(self) -> None:
        at_end = self.index >= len(self.shown) - 1
        rows = self.log_rows.rows.values()
        self.shown = [row for row in rows if not self.only_failed or row.state == "failed"]
        self.virtual_size = Size(0, len(self.shown))
        self._move_to(len(self.shown) - 1 if at_end else self.index)
        self._tick_while_running()
        self.post_message(self.Changed())

    def _tick_while_running(self) -> None:
        if self.log_rows.running and self._timer is None:
            self._timer = self.set_interval(1.0, self.refresh)
        elif not self.log_rows.running and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _move_to(self, index: int) -> None:
        self.index = max(0, min(index, len(self.shown) - 1))
        self.scroll_to_region(Region(0, self.index, 1, 1), animate=False, force=True)
        self.refresh()

    async def _on_key(self, event: events.Key) -> None:
        command = self._chords.press("tools", event.key)
        if command is not None:
            event.stop()
            event.prevent_default()
            self.obey(command)

    def obey(self, command: str) -> None:
        """Run a command here or ask for it."""
        page = max(1, self.size.height - 1)
        steps = {"log.down": 1, "log.up": -1, "log.page_down": page, "log.page_up": -page}
        steps |= {"log.top": -len(self.shown), "log.bottom": len(self.shown)}
        if command in steps:
            self._move_to(self.index + steps[command])
        elif command == "log.filter":
            self.only_failed = not self.only_failed
            self._show()
        elif command == "log.reveal":
            if self.index < len(self.shown):
                self.post_message(RevealWanted(self.shown[self.index].call))
        else:
            self.post_message(CommandWanted(command))

    def on_click(self, event: events.Click) -> None:
        """Show what was clicked in the transcript."""
        index = event.y + self.scroll_offset.y
        if index < len(self.shown):
            self._move_to(index)
            self.obey("log.reveal")

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self.shown):
            return Strip.blank(width, self.rich_style)
        drawn = self._row(self.shown[index], width)
        if index == self.index and self.has_focus:
            drawn = under_cursor(drawn, self.get_component_rich_style("log--cursor"))
        return Strip(drawn, width)

    def _row(self, row: LogRow, width: int) -> list[Segment]:
        style = self.get_component_rich_style
        began = time.strftime("%H:%M", time.localtime(row.at)) if width >= 40 else ""
        took, summary = self._took(row), one_line(row.summary)
        begun = not row.refused and row.state != "waiting"
        word = f"{verb(row.tool, past=row.state != 'running') if begun else wanted(row.tool)} "
        left = f"  {began} " if began else "  "
        sign = SIGNS[row.state]
        room = max(0, width - cells(left) - 2 - cells(word) - cells(took) - 2)
        outcome = summary if cells(summary) <= room // 3 or row.state == "failed" else ""
        outcome = shorten(outcome, room // 2)
        target = shorten(_short(row.target), max(0, room - cells(outcome) - 1))
        gap = " " * max(1, room - cells(target) - cells(outcome))
        colour = {"running": "log--running", "failed": "log--failed", "ok": "log--ok"}
        return [
            Segment(left, style("log--time")),
            Segment(f"{sign} ", style(colour.get(row.state, "log--dim"))),
            Segment(word, style("log--verb")),
            Segment(target + gap, style("log--target")),
            Segment(outcome, style("log--failed" if row.state == "failed" else "log--dim")),
            Segment(f" {took} ", style("log--dim")),
        ]

    def _took(self, row: LogRow) -> str:
        if row.state == "running":
            return f"{clockwork(self._clock() - row.at):>5}"
        return f"{duration(row.duration_ms):>5}" if row.duration_ms is not None else " " * 5


def _short(target: str) -> str:
    """A command's first line; a path's last parts when it is long."""
    line = one_line(target)
    parts = line.split("/")
    return "/".join(["…", *parts[-2:]]) if len(parts) > 4 and " " not in line else line


class ToolLog(Vertical):
    """A panel: the list, and below it how many calls there are."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="tools")
        self.list = LogList(chords=chords, clock=clock)
        self._foot = Static(classes="foot")

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.list
        yield self._foot

    def reset(self, view: SessionView) -> None:
        """Panel: show the calls of this path."""
        self.list.reset(view)

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: fold the events in."""
        self.list.update(view, events)

    def on_log_list_changed(self) -> None:
        """Count the rows again."""
        rows = self.list.log_rows.rows.values()
        failed = sum(row.state == "failed" for row in rows)
        calls = f"{len(rows)} call{'s' * (len(rows) != 1)}" if rows else ""
        if self.list.only_failed:
            calls = "failed only"
        self._foot.update(
            Content.assemble(
                (calls, "$ion-faint"),
                (
                    f"  {failed} failed" if failed and not self.list.only_failed else "",
                    "$ion-error",
                ),
            )
        )
