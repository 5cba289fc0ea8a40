"""The session that an agent works for, beside the agent's own: its transcript under one line."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ion_core.events import Emitted
from ion_core.messages import Message
from ion_core.view import SessionView
from ion_tui.phrases import one_line
from ion_tui.widgets.transcript import Transcript


class ParentPane(Vertical):
    """Panel: read only, and out of the keyboard's way. It may be told of a session before it is
    mounted; it then shows that as soon as it is."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(id="parent")
        self._clock = clock
        self._view: SessionView | None = None
        self.way_back, self._stands = "", False

    def compose(self) -> ComposeResult:
        """The line, and the transcript."""
        transcript = Transcript(id="parent-transcript", clock=self._clock)
        transcript.can_focus = False
        yield Static("", id="parent-heading")
        yield transcript

    def on_mount(self) -> None:
        """Show what it was told of before."""
        self._stands = True
        if self._view is not None:
            self.reset(self._view)

    def reset(self, view: SessionView) -> None:
        """See ``Panel``."""
        self._view = view
        if self._stands:
            title = one_line(view.title or _first_words(view))
            line = Text(f"‹ {title}  {self.way_back}", no_wrap=True, overflow="ellipsis")
            self.query_one("#parent-heading", Static).update(line)
            self.query_one(Transcript).reset(view)

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """See ``Panel``."""
        if self._stands:
            self.query_one(Transcript).update(view, events)


def _first_words(view: SessionView) -> str:
    """What the person said first."""
    said = (entry.body for entry in view.entries if isinstance(entry.body, Message))
    return next((body.text for body in said if body.role == "user"), "the session of this agent")
