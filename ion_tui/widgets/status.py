"""The last row: mode and place on the left, model and figures on the right.

It never wraps. When the row is too narrow, fields leave in a fixed order; the mode stays last.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from ion_core.events import Emitted
from ion_core.view import SessionView
from ion_tui.burn import PAUSE_S, Burn
from ion_tui.effort import parted
from ion_tui.figures import money, share, tokens
from ion_tui.phrases import one_line

DROPPED = (
    *("burn", "hints", "gauge", "cache", "tokens", "cost"),
    *("branch", "jobs", "folder", "agents", "model", "context"),
)
"""The order in which fields leave a row that is too narrow (`tui.md` §3.4)."""
MODE_COLOUR = {"read": "$ion-mode-read", "plan": "$ion-mode-plan", "write": "$ion-mode-write"}
MARGIN = 2
FULL, TIGHT = 90, 70
"""Per cent of what may be used from which the figure is red, and amber."""
GAUGE = 10
"""Cells of the line beside it."""


class Field(Struct, frozen=True):
    """One piece of the row: a name for the drop order, text and colour."""

    name: str
    text: str
    colour: str = "$ion-muted"


class Status(Widget):
    """A panel of one row. ``folder`` and ``branch`` say where; ``hints`` name a few keys."""

    folder: reactive[str] = reactive("")
    branch: reactive[str] = reactive("")
    hints: reactive[str] = reactive("")
    model: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__(id="status")
        self._view: SessionView | None = None
        self._burn = Burn()
        self._pause: Timer | None = None

    def reset(self, view: SessionView) -> None:
        """Panel: show the state."""
        if self._view is not None and self._view.session != view.session:
            self._burn.forget()
        self.update(view, ())

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: show the state."""
        if self._burn.read(events):
            self._await_pause()
        self._view = view
        self.model = view.model or self.model
        self.refresh()

    def _await_pause(self) -> None:
        """Show no rate once nothing was spent for long: one call, later, and none after it."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_S, self._paused)

    def _paused(self) -> None:
        self._burn.forget()
        self.refresh()

    def render(self) -> Content:
        """The row as it fits the present width."""
        left, right = self._left(), self._right()
        for name in ("", *DROPPED):
            left = [f for f in left if f.name != name]
            right = [f for f in right if f.name != name]
            room = self.size.width - _width(left) - _width(right) - MARGIN - 1
            if room >= (2 if left and right else 0):
                break
        return Content.assemble(
            " " * MARGIN, *_joined(left), " " * max(room, 0), *_joined(right), " "
        )

    def _left(self) -> list[Field]:
        fields = []
        if self._view is not None:
            mode = self._view.mode
            fields.append(Field("mode", mode.upper(), f"bold {MODE_COLOUR[mode]}"))
        if self.folder:
            fields.append(Field("folder", self.folder))
        if self.branch:
            fields.append(Field("branch", f"⎇ {self.branch}"))
        return fields + _jobs(self._view) + _agents(self._view)

    def _right(self) -> list[Field]:
        view = self._view
        fields = [_model(self.model)] if self.model else []
        if view is not None:
            fields += _figures(view)
        if burn := self._burn.text:
            fields.append(Field("burn", burn))
        if self.hints:
            fields.append(Field("hints", self.hints, "$ion-faint"))
        return fields


def _jobs(view: SessionView | None) -> list[Field]:
    running = sum(job.ended is None for job in view.jobs.values()) if view else 0
    words = f"{running} job{'s' * (running != 1)}"
    return [Field("jobs", words, "$ion-accent")] if running else []


def _agents(view: SessionView | None) -> list[Field]:
    """Those at work, and how many of them wait for the person."""
    running = [child for child in view.children.values() if child.ended is None] if view else []
    if not running:
        return []
    waiting = sum(bool(child.progress and child.progress.waits_for) for child in running)
    words = f"{len(running)} agent{'s' * (len(running) != 1)}"
    if waiting:
        needs = "needs" if waiting == 1 else "need"
        return [Field("agents", f"{words} · {waiting} {needs} you", "$ion-warning")]
    return [Field("agents", words, "$ion-accent")]


def _model(ref: str) -> Field:
    model, effort = parted(one_line(ref))
    return Field("model", f"{model} · {effort}" if effort else model, "$ion-foreground")


def _figures(view: SessionView) -> list[Field]:
    fields = []
    if view.window and view.context:
        used = round(100 * view.context / view.window)
        full = 100 * view.context / view.soft if view.soft else used
        colour = "$ion-error" if full >= FULL else "$ion-warning" if full >= TIGHT else "$ion-muted"
        fields.append(Field("gauge", _gauge(view), colour))
        fields.append(Field("context", f"{used}% of {tokens(view.window)}", colour))
    if view.usage.total:
        sums = f"↑{tokens(view.usage.prompt)} ↓{tokens(view.usage.output)}"
        fields.append(Field("tokens", sums))
    if view.usage.cache_read:
        cached = share(view.usage.cache_read, view.usage.prompt)
        fields.append(Field("cache", f"cache {cached}%"))
    if spent := _cost(view):
        fields.append(Field("cost", spent))
    return fields


def _gauge(view: SessionView) -> str:
    """The window as a line: what is used of it, and where the conversation is compacted."""
    used = min(GAUGE, round(GAUGE * view.context / view.window))
    line = list("━" * used + "─" * (GAUGE - used))
    if 0 < view.soft < view.window:
        line[min(GAUGE - 1, round(GAUGE * view.soft / view.window))] = "┃"
    return "".join(line)


def _cost(view: SessionView) -> str:
    """Money spent, ``$0.42+`` when some of it is not known. Nothing for what costs nothing."""
    known = money(view.cost_nano) if view.cost_nano else ""
    if view.cost_known:
        return known
    return f"{known}+" if known else "cost ?"


def _width(fields: Sequence[Field]) -> int:
    return sum(cell_len(f.text) for f in fields) + 2 * max(len(fields) - 1, 0)


def _joined(fields: Sequence[Field]) -> list[tuple[str, str] | str]:
    parts: list[tuple[str, str] | str] = []
    for field in fields:
        parts += ["  "] if parts else []
        parts.append((field.text, field.colour))
    return parts
