"""The dock on the right: tabs, and below them the panel of the one that is open.

The tool log is there from the start; the others are made when somebody first looks at them. The
figures beside the names are kept up to date all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from ion_core.events import Emitted, EntryAppended, HeadMoved, JobEnded, JobStarted
from ion_core.ids import Clock
from ion_core.messages import Message
from ion_core.underway import Job
from ion_core.view import SessionView
from ion_tui.chords import Chords
from ion_tui.widgets.tabs import Tabs
from ion_tui.widgets.tool_log import ToolLog

if TYPE_CHECKING:
    from ion_core.todo import TodoItem
    from ion_tui.widgets.jobs_panel import JobsPanel
    from ion_tui.widgets.todo_panel import TodoPanel

Tab: TypeAlias = Literal["tools", "todo", "jobs"]
NAMES: dict[str, str] = {"tools": "Tools", "todo": "Todo", "jobs": "Jobs"}


class Dock(Vertical):
    """A panel: it hands on what it is told to the panels in it."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="dock", classes="side")
        self._chords, self._clock = chords, clock
        self.tools = ToolLog(chords=chords, clock=clock)
        self.tabs = Tabs(NAMES)
        self.tab: Tab = "tools"
        self._todo: TodoPanel | None = None
        self._jobs: JobsPanel | None = None
        self._steps: tuple[TodoItem, ...] = ()
        self._known: tuple[Job, ...] = ()

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.tabs
        yield self.tools

    @property
    def stop(self) -> Widget:
        """What takes the keyboard."""
        panels = {"tools": self.tools, "todo": self._todo, "jobs": self._jobs}
        return (panels[self.tab] or self.tools).list

    def reset(self, view: SessionView) -> None:
        """Panel: another session."""
        self.tools.reset(view)
        self._steps = _steps(view)
        self._tell(view)

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: fold the events in."""
        self.tools.update(view, events)
        if any(_may_plan(emitted) for emitted in events):
            self._steps = _steps(view)
            self._tell(view)
        elif any(isinstance(emitted.event, JobStarted | JobEnded) for emitted in events):
            self._tell(view)

    def show(self, tab: Tab) -> None:
        """Open a tab; the keyboard stays in the dock when it is there."""
        held = self.has_focus_within
        self.tab = tab
        if tab == "todo" and self._todo is None:
            self._make_todo()
        if tab == "jobs" and self._jobs is None:
            self._make_jobs()
        self.tools.display = tab == "tools"
        if self._todo is not None:
            self._todo.display = tab == "todo"
        if self._jobs is not None:
            self._jobs.display = tab == "jobs"
        self.tabs.open(tab)
        if held:
            self.stop.focus()

    def show_next(self, by: int) -> None:
        """Open the tab that many places further."""
        self.show(cast(Tab, self.tabs.after(by)))

    @on(Tabs.Wanted)
    def _clicked(self, wanted: Tabs.Wanted) -> None:
        self.show(cast(Tab, wanted.tab))

    def _make_todo(self) -> None:
        from ion_tui.widgets.todo_panel import TodoPanel  # start-up: who looks at it pays for it

        self._todo = TodoPanel(chords=self._chords)
        self.mount(self._todo)
        self._todo.fill(self._steps)

    def _make_jobs(self) -> None:
        from ion_tui.widgets.jobs_panel import JobsPanel  # start-up: as above

        self._jobs = JobsPanel(chords=self._chords, clock=self._clock)
        self.mount(self._jobs)
        self._jobs.fill(self._known)

    def _tell(self, view: SessionView) -> None:
        """Fill the panels that there are, and the figures beside the names."""
        self._known = tuple(view.jobs.values())
        if self._todo is not None:
            self._todo.fill(self._steps)
        if self._jobs is not None:
            self._jobs.fill(self._known)
        done = sum(step.status == "completed" for step in self._steps)
        running = sum(job.ended is None for job in self._known)
        self.tabs.tell(
            {
                "todo": f"{done}/{len(self._steps)}" if self._steps else "",
                "jobs": str(running) if running else "",
            }
        )


def _steps(view: SessionView) -> tuple[TodoItem, ...]:
    """The todo list of the path: read backwards, so that it costs what is new."""
    if not view.entries:
        return ()
    from ion_core.todo import todo_of  # start-up: a new session has no list

    return todo_of(view.entries)


def _may_plan(emitted: Emitted) -> bool:
    """Whether another todo list may hold after this."""
    match emitted.event:
        case HeadMoved():
            return True
        case EntryAppended(entry=entry):
            results = entry.body.results if isinstance(entry.body, Message) else ()
            return any(result.name == "todo" for result in results)
    return False
