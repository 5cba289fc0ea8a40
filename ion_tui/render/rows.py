"""A row: one line of the screen, as wide as the page, that knows what of it is text.

The strip is what is painted; the gutter and the join tell a copy where the text begins and whether
the row continues the one above.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ion_tui.render.cells import Cut, Span, cells, fit, part
from ion_tui.render.inks import Inks

PROSE = 100
"""Cells of the widest line of prose: longer ones are hard to follow."""
TEXT, RESULT = 2, 4
"""The columns where text and results begin; column 0 is for glyphs."""


class Row(NamedTuple):
    """A painted line. The first ``gutter`` characters are never copied; ``join`` is None for a row
    that begins a line, else what stands between it and the row above."""

    strip: Strip
    gutter: int
    join: str | None

    @property
    def text(self) -> str:
        """What a copy of the row gives."""
        return self.strip.text[self.gutter :].rstrip()


class Page(NamedTuple):
    """What a block is drawn on. ``opened``: details are shown."""

    width: int
    inks: Inks
    opened: bool = False

    @property
    def prose(self) -> int:
        """Cells that a line of prose may take, after its column."""
        return max(8, min(PROSE, self.width - TEXT - 1))

    def results(self) -> int:
        """Cells that a line of output may take, after its column."""
        return max(8, self.width - RESULT - 1)


def row(
    spans: Iterable[Span], width: int, fill: Style, *, gutter: int = 0, join: str | None = None
) -> Row:
    """A row of exactly ``width`` cells: cut at the right, or filled with ``fill``."""
    segments = [Segment(text, style) for text, style in spans if text]
    used = sum(cells(segment.text) for segment in segments)
    if used > width:
        segments, used = _cropped(segments, width)
    if used < width:
        segments.append(Segment(" " * (width - used), fill))
    return Row(Strip(segments, width), gutter, join)


def _cropped(segments: list[Segment], width: int) -> tuple[list[Segment], int]:
    spans = [(text, style or Style.null()) for text, style, _ in segments]
    plain = "".join(text for text, _ in spans)
    kept = part(spans, 0, fit(plain, width)) if width else []
    used = sum(cells(text) for text, _ in kept)
    if used > width:
        kept, used = [], 0
    return [Segment(text, style) for text, style in kept], used


def blank(page: Page) -> Row:
    """An empty row."""
    return row((), page.width, page.inks.page)


def hang(page: Page, cuts: Iterable[Cut], column: int, first: Span | None = None) -> list[Row]:
    """Lines of text at ``column``; ``first`` is drawn before the first of them."""
    fill = page.inks.page
    rows: list[Row] = []
    for cut in cuts:
        lead = first if first and not rows else ("", fill)
        space = (" " * (column - cells(lead[0])), fill)
        spans = (lead, space, *cut.spans)
        rows.append(row(spans, page.width, fill, gutter=column, join=cut.join))
    return rows
