"""From a selection on the screen back to text: no gutters, no line ends where rows wrap."""

from __future__ import annotations

from typing import TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ion_tui.render.cells import cells
from ion_tui.render.story import Story

Point: TypeAlias = tuple[int, int]
"""A row, counted from the beginning of the story, and a character in it; -1 is the row's end."""


def copied(story: Story, first: Point, last: Point) -> str:
    """The text between two points, both included."""
    pieces: list[str] = []
    for y in range(max(0, first[0]), min(story.heights.total - 1, last[0]) + 1):
        block, offset = story.heights.find(y)
        row = story.draw(block)[offset]
        start = max(row.gutter, first[1] if y == first[0] else 0)
        end = None if y != last[0] or last[1] < 0 else max(start, last[1])
        join = ("\n" if row.join is None else row.join) if pieces else ""
        pieces.append(join + row.strip.text[start:end].rstrip())
    return "".join(pieces)


def tinted(strip: Strip, start: int, end: int, tint: Style) -> Strip:
    """``strip`` with the characters from ``start`` to ``end`` (-1: its end) on another ground."""
    text = strip.text
    first = cells(text[:start])
    last = strip.cell_length if end < 0 else cells(text[:end])
    chosen = [Segment(t, (style or Style.null()) + tint) for t, style, _ in strip.crop(first, last)]
    return Strip.join([strip.crop(0, first), Strip(chosen, last - first), strip.crop(last)])
