"""One line of text to type into, with keys of its owner's."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import Input


class Field(Input):
    """Asks ``press`` first whether a key means something else, then edits; ``changed`` hears the
    text after every change. Start-up: imported when the first field opens."""

    def __init__(
        self,
        *,
        press: Callable[[str], bool],
        changed: Callable[[str], None],
        text: str = "",
        placeholder: str = "",
    ) -> None:
        super().__init__(value=text, placeholder=placeholder, compact=True, classes="field")
        self.cursor_blink = False
        self._press, self._hear = press, changed

    def _on_paste(self, event: events.Paste) -> None:
        """Insert the first line that has something in it, without the space around it."""
        self.insert_text_at_cursor(next(iter(event.text.strip().splitlines()), "").strip())
        event.stop()
        event.prevent_default()

    async def _on_key(self, event: events.Key) -> None:
        if self._press(event.key):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the text on."""
        event.stop()
        self._hear(event.value)
