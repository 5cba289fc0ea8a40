"""The one line that moves: what the agent does now, for how long, and how to stop it.

It is blank when nothing runs, and then no timer runs either. While a request is repeated it counts
down to the next attempt; the transcript says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from ion_core.events import Emitted
from ion_core.ids import Clock
from ion_core.view import SessionView
from ion_tui.figures import clockwork, tokens
from ion_tui.phrases import doing, one_line

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SPIN_S = 0.1
TICK_S = 1.0
CHARACTERS_PER_TOKEN = 3.5


class Activity(Widget):
    """A panel of one row. ``calm`` means no motion but the seconds; ``hint`` names the key of
    a command. ``new_lines`` are those below the part of the transcript that is on screen."""

    def __init__(self, *, clock: Clock, hint: Callable[[str], str]) -> None:
        super().__init__(id="activity")
        self.calm = False
        self.new_lines, self.work = 0, ""
        self._clock, self._hint = clock, hint
        self._view: SessionView | None = None
        self._timer: Timer | None = None
        self._frame = 0

    def reset(self, view: SessionView) -> None:
        """Panel: show the state."""
        self.update(view, ())

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: show the state; start or stop the motion."""
        self._view = view
        self.set_class(view.busy, "-busy")
        if view.busy and self._timer is None:
            self._timer = self.set_interval(TICK_S if self.calm else SPIN_S, self._tick)
        elif not view.busy and self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.refresh()

    def show_below(self, new_lines: int) -> None:
        """Say how many lines came below what is on screen."""
        self.new_lines = new_lines
        self.refresh()

    def show_work(self, text: str) -> None:
        """Say what is done beside the session, nothing when it is over."""
        if text != self.work:
            self.work = text
            self.refresh()

    def _tick(self) -> None:
        self._frame += 1
        self.refresh()

    def render(self) -> Content:
        """The line as it is now."""
        return _between(self._doing(), self._below(), self.size.width)

    def _below(self) -> Content:
        if not self.new_lines:
            return Content("")
        more = f"↓ {self.new_lines} new line{'s' * (self.new_lines > 1)}"
        return Content.assemble(
            (more, "$ion-accent"), (f"  {self._hint('transcript.follow')} ", "$ion-muted")
        )

    def _doing(self) -> Content:
        view = self._view
        if view is None or not view.busy:
            return Content.styled(f"  {self.work}" if self.work else "", "$ion-muted")
        colour = "$ion-warning" if view.retrying or view.asking else "$ion-accent"
        return Content.assemble(
            (f"{'▲' if view.asking else self._sign()} ", colour),
            (_what(view), "bold $ion-foreground" if not view.retrying else colour),
            (self._rest(view), "$ion-muted"),
        )

    def _sign(self) -> str:
        return SPINNER[0 if self.calm else self._frame % len(SPINNER)]

    def _rest(self, view: SessionView) -> str:
        if view.retrying is not None:
            reason = one_line(view.retrying.reason).rstrip(".")
            return f" · {self._hint('ui.escape')} stops · {reason}"
        parts = [clockwork(self._clock() - view.since)]
        if written := _written(view):
            parts.append(f"↓ {tokens(written)} tokens")
        if not view.asking:  # where the keyboard is on the card, Esc is a no
            parts.append(f"{self._hint('ui.escape')} interrupts")
        return " · ".join(("", *parts))


def _between(left: Content, right: Content, width: int) -> Content:
    """Both ends of a row; the right one gives way, and then the end of the left one."""
    room = width - left.cell_length - right.cell_length
    if room > 1:
        return Content.assemble(left, " " * room, right)
    return left.truncate(width, ellipsis=True) if width else left


def _what(view: SessionView) -> str:
    if (retry := view.retrying) is not None:
        again = math.ceil(retry.delay_s)
        return f"Trying again in {again}s ({retry.attempt} of {retry.attempts})"
    if view.asking:
        return "Waiting for you"
    if view.compacting is not None:
        return f"Making {tokens(view.compacting.tokens)} tokens short"
    if view.running:
        runs = list(view.running.values())
        more = f" and {len(runs) - 1} more" if len(runs) > 1 else ""
        return doing(runs[0].name, runs[0].target) + more
    channels = {part.channel for part in view.draft.values()}
    if "arguments" in channels:
        tool = next((part.tool for part in view.draft.values() if part.tool), "")
        return doing(tool) if tool else "Writing a call"
    if "text" in channels:
        return "Answering"
    return "Thinking" if "reasoning" in channels else "Waiting for the model"


def _written(view: SessionView) -> int:
    """Tokens of the running answer, estimated until the provider tells."""
    return int(sum(len(part.text) for part in view.draft.values()) / CHARACTERS_PER_TOKEN)
