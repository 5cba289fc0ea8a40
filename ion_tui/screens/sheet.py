"""Where a sheet lies: over the bottom of the chat, so that the page above stays visible."""

from __future__ import annotations

from typing import Any

from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget


def lay(screen: Screen[Any], sheet: Widget, place: Region) -> None:
    """Put ``sheet`` over the bottom of ``place``, the region of the chat."""
    sheet.styles.width = place.width
    below = max(0, screen.app.size.height - place.bottom)
    sheet.styles.margin = (0, 0, below, place.x)
