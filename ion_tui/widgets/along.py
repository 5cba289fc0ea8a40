"""The row that says that another ion writes this session, and how to take it over."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget


class Along(Widget):
    """Not there at all while the session is written here. ``hint`` is the key that takes it."""

    def __init__(self, hint: Callable[[], str]) -> None:
        super().__init__(id="along")
        self._hint, self._writer = hint, ""

    def show(self, writer: str) -> None:
        """Say who writes the session, as a sentence; empty: nobody else does."""
        if writer != self._writer:
            self._writer = writer
            self.display = bool(writer)
            self.refresh()

    def render(self) -> Content:
        """One row, two where it is narrow."""
        key = self._hint()
        takes = f" {key} takes over." if key else ""
        return Content.assemble((self._writer, "$ion-warning"), (takes, "$ion-muted"))
