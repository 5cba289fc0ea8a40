"""A few lines to write on a card: a rule, a command, a reason. Enter takes them, Esc leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static, TextArea

ROWS: Final = 6
_LEAVE: Final = frozenset({"escape", "shift+tab", "ctrl+c"})
_NEWLINE: Final = frozenset({"ctrl+j", "shift+enter", "alt+enter"})


class Lines(TextArea):
    """The editor of a draft."""

    def __init__(self, text: str, done: Callable[[str], None], left: Callable[[], None]) -> None:
        super().__init__(text, compact=True, show_line_numbers=False, highlight_cursor_line=False)
        self.cursor_blink = False
        self._done, self._left = done, left
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter" or event.key in _LEAVE or event.key in _NEWLINE:
            event.stop()
            event.prevent_default()
        if event.key == "enter":
            self._done(self.text)
        elif event.key in _LEAVE:
            self._left()
        elif event.key in _NEWLINE:
            self.insert("\n")
        else:
            await super()._on_key(event)


class Draft(Vertical):
    """``title`` says what is written; ``done`` gets the text, ``left`` is called without one. It
    takes :attr:`rows` rows: the title and what :meth:`allow` leaves for the text."""

    def __init__(
        self,
        text: str,
        *,
        title: str,
        done: Callable[[str], None],
        left: Callable[[], None],
    ) -> None:
        super().__init__(classes="draft")
        self._title, self.lines = title, Lines(text, done, left)
        self._most = ROWS

    def compose(self) -> ComposeResult:
        """Title and editor."""
        yield Static(f"{self._title} · enter takes it, esc goes back", markup=False)
        yield self.lines

    @property
    def rows(self) -> int:
        """How many rows it takes now."""
        return 1 + min(self._most, max(1, self.lines.wrapped_document.height))

    def allow(self, rows: int) -> None:
        """The text may take this many rows, within reason."""
        self._most = max(1, min(ROWS, rows))
        self._fit()

    def _fit(self) -> None:
        self.lines.styles.height = self.rows - 1

    def on_mount(self) -> None:
        """Be as high as the text."""
        self._fit()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Grow with the text."""
        event.stop()
        self._fit()

    def focus(self, scroll_visible: bool = True) -> Draft:
        """The keyboard goes to the editor."""
        self.call_after_refresh(self.lines.focus)
        return self
