"""The jobs in the dock: commands that run on in the background, one row each, the newest below.

A row says how the job is, what it is and how long it took; running ones count the seconds, and when
none runs no timer does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Static

from ion_core.ids import Clock
from ion_core.underway import Job
from ion_tui.chords import Chords
from ion_tui.figures import clockwork, duration
from ion_tui.intents import CommandWanted, CopyWanted, JobStopWanted, JobWanted
from ion_tui.phrases import one_line
from ion_tui.render.cells import cells, shorten
from ion_tui.widgets.cursor import under_cursor

LOOKS = {
    "running": ("◐", "log--running"),
    "done": ("✓", "log--ok"),
    "failed": ("✗", "log--failed"),
    "stopped": ("■", "log--dim"),
}
EMPTY = ("No job runs.", "", "A command in the background,", "like a server, is listed here.")


class JobsList(ScrollView, can_focus=True):
    """The rows and a cursor, which begins at the newest."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--target",
        "log--ok",
        "log--failed",
        "log--running",
        "log--dim",
        "log--cursor",
    }

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="jobs-list")
        self._chords, self._clock = chords, clock
        self.jobs: Sequence[Job] = ()
        self.index = 0
        self._timer: Timer | None = None

    def fill(self, jobs: Sequence[Job]) -> None:
        """Show these jobs, oldest first."""
        at_end = self.index >= len(self.jobs) - 1
        self.jobs = jobs
        self.virtual_size = Size(0, len(jobs))
        self._move_to(len(jobs) - 1 if at_end else self.index)
        self._tick_while_running()

    @property
    def chosen(self) -> Job | None:
        """The job under the cursor."""
        return self.jobs[self.index] if self.index < len(self.jobs) else None

    def _tick_while_running(self) -> None:
        running = any(job.ended is None for job in self.jobs)
        if running and self._timer is None:
            self._timer = self.set_interval(1.0, self.refresh)
        elif not running and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _move_to(self, index: int) -> None:
        self.index = max(0, min(index, len(self.jobs) - 1))
        self.scroll_to_region(Region(0, self.index, 1, 1), animate=False, force=True)
        self.refresh()

    async def _on_key(self, event: events.Key) -> None:
        command = self._chords.press("jobs", event.key)
        if command is not None:
            event.stop()
            event.prevent_default()
            self.obey(command)

    def obey(self, command: str) -> None:
        """Move here, or ask for something."""
        page, job = max(1, self.size.height - 1), self.chosen
        steps = {"jobs.down": 1, "jobs.up": -1, "jobs.page_down": page, "jobs.page_up": -page}
        if command in steps:
            self._move_to(self.index + steps[command])
        elif not command.startswith("job"):
            self.post_message(CommandWanted(command))
        elif job is not None and command == "jobs.open":
            self.post_message(JobWanted(job.id))
        elif job is not None and command == "jobs.copy":
            self.post_message(CopyWanted(job.command))
        elif job is not None and command == "job.stop" and job.ended is None:
            self.post_message(JobStopWanted(job.id))

    def on_click(self, event: events.Click) -> None:
        """Show the output of what was clicked."""
        index = event.y + self.scroll_offset.y
        if index < len(self.jobs):
            self._move_to(index)
            self.obey("jobs.open")

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        dim = self.get_component_rich_style("log--dim")
        if not self.jobs and index < len(EMPTY):
            said = Segment(shorten(f"  {EMPTY[index]}", width), dim)
            return Strip([said]).adjust_cell_length(width, self.rich_style)
        if index >= len(self.jobs):
            return Strip.blank(width, self.rich_style)
        drawn = self._row(self.jobs[index], width)
        if index == self.index and self.has_focus:
            drawn = under_cursor(drawn, self.get_component_rich_style("log--cursor"))
        return Strip(drawn).adjust_cell_length(width, self.rich_style)

    def _row(self, job: Job, width: int) -> list[Segment]:
        style = self.get_component_rich_style
        sign, look = LOOKS[job.ended.status if job.ended else "running"]
        code = f"exit {job.ended.exit_code}" if job.ended and job.ended.status == "failed" else ""
        took = duration(job.ended.duration_ms) if job.ended else clockwork(self._clock() - job.at)
        number = f"{one_line(job.id)}  "
        room = max(0, width - 4 - cells(number) - cells(code) - max(5, cells(took)) - 3)
        command = shorten(one_line(job.command), room)
        return [
            Segment("  ", style("log--dim")),
            Segment(f"{sign} ", style(look)),
            Segment(number, style("log--dim")),
            Segment(command + " " * (room - cells(command) + 1), style("log--target")),
            Segment(code, style("log--failed")),
            Segment(f" {took:>5} ", style("log--dim")),
        ]


class JobsPanel(Vertical):
    """The list, and below it how many there are."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="jobs")
        self.list = JobsList(chords=chords, clock=clock)
        self._foot = Static(classes="foot")

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.list
        yield self._foot

    def fill(self, jobs: Sequence[Job]) -> None:
        """Show these jobs and count them."""
        self.list.fill(jobs)
        running = sum(job.ended is None for job in jobs)
        parts = [f"{running} running"] if running else []
        parts += [f"{len(jobs) - running} ended"] if len(jobs) > running else []
        self._foot.update(Content("  ".join(parts)))
