"""The row under a cursor, in the same way everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style


def under_cursor(row: Sequence[Segment], cursor: Style) -> list[Segment]:
    """The row with the cursor's colours over its own."""
    return list(Segment.apply_style(row, post_style=cursor))
