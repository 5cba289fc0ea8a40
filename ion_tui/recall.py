"""Older prompts behind ↑. What was being written stays at the newest end, and an older prompt that
was changed on the way keeps its change until something is sent."""

from __future__ import annotations

from collections.abc import Sequence


class Recall:
    """A list of prompts, oldest first, and where in it the editor is."""

    def __init__(self) -> None:
        self._items: list[str] = []
        self._at = 0
        self._edits: dict[int, str] = {}

    @property
    def items(self) -> Sequence[str]:
        """Every prompt, oldest first."""
        return self._items

    def load(self, items: Sequence[str]) -> None:
        """Put the prompts of earlier days in front of those of today."""
        today = self._items
        self._items = [item for item in items if item not in today] + today
        self._at = len(self._items)

    def add(self, text: str) -> None:
        """Remember a text as the newest; an older copy of it goes."""
        if text.strip():
            self._items = [item for item in self._items if item != text] + [text]
        self._at, self._edits = len(self._items), {}

    def older(self, current: str) -> str | None:
        """The prompt before, None at the oldest."""
        return self._step(-1, current) if self._at else None

    def newer(self, current: str) -> str | None:
        """The prompt after, then what was being written; None beyond it."""
        return self._step(1, current) if self._at < len(self._items) else None

    def _step(self, by: int, current: str) -> str:
        self._edits[self._at] = current
        self._at += by
        stored = self._items[self._at] if self._at < len(self._items) else ""
        return self._edits.get(self._at, stored)
