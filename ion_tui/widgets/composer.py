"""Everything at the bottom of the chat: what waits, what happens, the list of completions, and the
prompt.

At rest it is three rows: a blank one, a rule, the prompt. It grows with what is typed, up to forty
per cent of the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static, TextArea

from ion_core.events import Emitted, Queued
from ion_core.ids import Clock
from ion_core.view import SessionView
from ion_tui.chords import Chords
from ion_tui.phrases import one_line
from ion_tui.widgets.activity import Activity
from ion_tui.widgets.along import Along
from ion_tui.widgets.listbox import Choice, ListBox
from ion_tui.widgets.prompt import Prompt

SHARE = 0.4
QUEUE_ROWS = 3


class Waiting(Widget):
    """The messages that wait, one row each; the newest can be taken back."""

    def __init__(self, hint: Callable[[], str]) -> None:
        super().__init__(id="waiting")
        self._hint = hint
        self._queue: tuple[Queued, ...] = ()

    def show(self, queue: tuple[Queued, ...]) -> None:
        """Show these, none: no row at all."""
        if queue != self._queue:
            self._queue = queue
            self.display = bool(queue)
            self.styles.height = min(QUEUE_ROWS, len(queue))
            self.refresh()

    def render(self) -> Content:
        """One row a message, the newest last."""
        return Content("\n").join(self._row(item) for item in self._queue[-QUEUE_ROWS:])

    def _row(self, item: Queued) -> Content:
        when = "next step" if item.kind == "steer" else "after this turn"
        last = item is self._queue[-1]
        hint = f"  {self._hint()} edits it" if last else ""
        room = max(8, self.size.width - len(when) - len(hint) - 4)
        text = one_line(item.text)
        text = text if len(text) <= room else text[: room - 1] + "…"
        return Content.assemble(
            ("  " + when + "  ", "$ion-muted"), (text, "$ion-foreground"), (hint, "$ion-faint")
        )


class Composer(Vertical):
    """A panel. ``complete`` is what the prompt offers for a text and what is before its cursor."""

    def __init__(
        self, *, chords: Chords, complete: Callable[[str, str], Sequence[Choice]], clock: Clock
    ) -> None:
        super().__init__(id="composer")
        self.popup = ListBox(id="popup")
        self.prompt = Prompt(chords=chords, popup=self.popup, complete=complete, clock=clock)
        self.activity = Activity(clock=clock, hint=chords.hint)
        self.along = Along(lambda: chords.hint("session.take_over"))
        self._waiting = Waiting(lambda: chords.hint("prompt.previous"))
        self.glyph = Static("❯", id="prompt-glyph")
        self._terminal = Size()
        self.typed: Callable[[], None] = lambda: None
        """Called when the text of the prompt is another one."""

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.activity
        yield self._waiting
        yield self.along
        yield self.popup
        with Horizontal(id="prompt-row"):
            yield self.glyph
            yield self.prompt

    def reset(self, view: SessionView) -> None:
        """Panel: show the state."""
        self.activity.reset(view)
        self._follow(view)

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: show the state."""
        self.activity.update(view, events)
        self._follow(view)

    def _follow(self, view: SessionView) -> None:
        self.prompt.busy, self.prompt.waiting = view.busy, len(view.queue)
        self._waiting.show(view.queue)

    @on(TextArea.Changed)
    def _heed(self) -> None:
        self._grow()
        self.typed()

    def _grow(self) -> None:
        most = max(1, int(self.screen.size.height * SHARE))
        self.prompt.styles.height = min(most, self.prompt.lines_wanted)

    def on_resize(self, event: Resize) -> None:
        """The text wraps anew. When it is the terminal that changed, a torn escape sequence may be
        on its way; the composer alone changes with every row that it shows."""
        if self.app.size != self._terminal:
            self._terminal = self.app.size
            self.prompt.guard()
        self.call_after_refresh(self._grow)
