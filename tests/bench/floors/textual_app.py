"""The floor under "start to input-ready": a Textual app of one editor and one line of text."""

from __future__ import annotations

import os

os.environ["TEXTUAL_FPS"] = "120"

from textual.app import App, ComposeResult
from textual.widgets import Static, TextArea


class Floor(App[None]):
    """Nothing but what cannot be left out."""

    def compose(self) -> ComposeResult:
        yield Static("ready")
        yield TextArea()

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()


Floor().run()
