"""A summary before it takes the place of the conversation: to be read, changed, kept or not.

The ledgers below it are exact and cannot be changed.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from ion_core.entries import Compaction
from ion_tui.figures import tokens
from ion_tui.keymap import Keymap
from ion_tui.render.sanitize import sanitize
from ion_tui.screens.sheet import lay

FRAME_ROWS = 6
LEDGER_SHARE = 0.35


class SummarySheet(ModalScreen["str | None"]):
    """Gives the summary to keep, None to keep nothing."""

    def __init__(self, made: Compaction, *, keymap: Keymap, place: Callable[[], Region]) -> None:
        super().__init__(name="summary")
        self._made, self._keymap, self._place = made, keymap, place
        self.text = TextArea(sanitize(made.summary), id="summary-text", compact=True)
        self._ledgers = VerticalScroll(
            Static(Content(sanitize(made.ledgers)), id="summary-ledger-text"), id="summary-ledgers"
        )
        self._ledgers.can_focus = False

    def compose(self) -> ComposeResult:
        """Heading, summary, ledgers, keys."""
        made = self._made
        sizes = f"{tokens(made.tokens_before)} → {tokens(made.tokens_after)} tokens"
        keys = [("summary.keep", "keeps it"), ("list.close", "leaves all as it was")]
        places = {"summary.keep": "summary", "list.close": "list"}
        hints = [f"{self._keymap.hint(name, places[name])} {does}" for name, does in keys]
        with Vertical(id="summary-sheet"):
            with Horizontal(id="summary-head"):
                yield Static(Content("  Summary, yours to change"), id="summary-title")
                yield Static(Content(f"{sizes} "), id="summary-sizes")
            yield self.text
            yield Static(Content("  Kept beside it, exactly:"), id="summary-beside")
            yield self._ledgers
            yield Static(Content("  " + "   ".join(hints)), id="summary-foot")

    def on_mount(self) -> None:
        """The keyboard is in the text."""
        self._settle()
        self.text.focus()

    def on_resize(self) -> None:
        """Stay over the chat."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        place = self._place()
        sheet = self.query_one("#summary-sheet")
        lay(self, sheet, place)
        sheet.styles.height = place.height
        room = max(4, place.height - FRAME_ROWS)
        self._ledgers.styles.max_height = max(2, int(room * LEDGER_SHARE))

    def on_key(self, event: Key) -> None:
        """Keep it, or leave."""
        if self._keymap.command("summary", event.key) == "summary.keep":
            event.stop()
            event.prevent_default()
            self.dismiss(self.text.text)
        elif self._keymap.command("list", event.key) == "list.close":
            event.stop()
            self.dismiss(None)
