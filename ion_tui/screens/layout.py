"""Which side panels are shown at which width, and what people changed about it.

Wide: both beside the chat, and beside an agent's its parent's conversation. Medium: one at a time.
Narrow: none; one opens over the chat.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Width: TypeAlias = Literal["narrow", "medium", "wide"]
Panel: TypeAlias = Literal["sidebar", "dock"]

MEDIUM_FROM, WIDE_FROM, ROOMY_FROM = 100, 160, 200
SMALLEST = (40, 12)
"""Columns and rows below which nothing but a line is shown."""


class Layout:
    """Remembers for each width which panels are open."""

    def __init__(self) -> None:
        self._open: dict[Width, set[Panel]] = {
            "narrow": set(),
            "medium": {"dock"},
            "wide": {"sidebar", "dock"},
        }
        self.width: Width = "wide"
        self.columns = WIDE_FROM
        self.paired = False
        self.too_small = False

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has this size now."""
        self.columns = columns
        self.width = "narrow" if columns < MEDIUM_FROM else "medium"
        self.width = "wide" if columns >= WIDE_FROM else self.width
        self.too_small = columns < SMALLEST[0] or rows < SMALLEST[1]

    def shows(self, panel: Panel) -> bool:
        """Whether a panel is open at the present width."""
        is_open = panel in self._open[self.width]
        return is_open and not (panel == "dock" and self.pairs and self.columns < ROOMY_FROM)

    @property
    def pairs(self) -> bool:
        """Whether another conversation is shown beside the chat: then the dock makes room."""
        return self.paired and self.width == "wide"

    @property
    def covers(self) -> bool:
        """Whether an open panel hides the chat."""
        return self.width == "narrow" and bool(self._open["narrow"])

    def toggle(self, panel: Panel) -> bool:
        """Open or close a panel; where there is room for one only, the other closes."""
        shown = self._open[self.width]
        opened = panel not in shown
        if opened and self.width != "wide":
            shown.clear()
        shown ^= {panel}
        return opened

    def uncover(self) -> None:
        """Close what hides the chat."""
        self._open["narrow"].clear()
