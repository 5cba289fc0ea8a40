"""The row that says why this session is only read here, and how to take it over if that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from textual.content import Content
from textual.widget import Widget


class Shared(Protocol):
    """What is asked of a session."""

    @property
    def reading_along(self) -> str: ...
    @property
    def can_take_over(self) -> bool: ...


class Along(Widget):
    """Not there at all while the session is written here. ``hint`` is the key that takes it."""

    def __init__(self, hint: Callable[[], str]) -> None:
        super().__init__(id="along")
        self._hint, self._reason, self._can_take_over = hint, "", False

    def show(self, session: Shared | None) -> None:
        """Say what keeps the session from being written here, if anything does."""
        shown = (session.reading_along, session.can_take_over) if session else ("", False)
        if shown != (self._reason, self._can_take_over):
            self._reason, self._can_take_over = shown
            self.display = bool(self._reason)
            self.refresh()

    def render(self) -> Content:
        """One row, two where it is narrow."""
        key = self._hint() if self._can_take_over else ""
        takes = f" {key} takes over." if key else ""
        return Content.assemble((self._reason, "$ion-warning"), (takes, "$ion-muted"))
