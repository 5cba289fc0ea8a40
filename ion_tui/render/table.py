"""A Markdown table: as wide as its content, one rule under the header, columns aligned as asked.

A table that is wider than the page gives up cells where it has most and wraps inside its columns.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from ion_tui.render.cells import Cut, Span, cells, wrap
from ion_tui.render.inks import Inks

Align: TypeAlias = Literal["left", "right", "center"]

GAP = 2
"""Cells between two columns."""
NARROWEST = 4


class Table(NamedTuple):
    """Rows of cells; the first is the header. Every row has as many cells as ``aligns``."""

    aligns: list[Align]
    rows: list[list[list[Span]]]


def draw(table: Table, width: int, inks: Inks) -> list[list[Span]]:
    """The lines of the table, header and rule first."""
    widths = _widths(table, width)
    header, *body = table.rows
    rule: list[Span] = []
    for index, size in enumerate(widths):
        rule += [(" " * GAP, inks.page)] if index else []
        rule.append((inks.glyphs.rule * size, inks.line))
    lines = [*_row(header, table.aligns, widths, inks), rule]
    for row in body:
        lines += _row(row, table.aligns, widths, inks)
    return lines


def _widths(table: Table, width: int) -> list[int]:
    columns = range(len(table.aligns))
    widths = [max(1, *(_size(row[column]) for row in table.rows)) for column in columns]
    spare = width - GAP * (len(widths) - 1)
    while sum(widths) > spare and max(widths) > NARROWEST:
        widest = max(columns, key=widths.__getitem__)
        next_widest = max([size for size in widths if size < widths[widest]], default=NARROWEST)
        excess = sum(widths) - spare
        widths[widest] = max(NARROWEST, next_widest, widths[widest] - excess, NARROWEST)
        if widths.count(widths[widest]) > 1 and sum(widths) > spare:
            widths[widest] = max(NARROWEST, widths[widest] - 1)
    return widths


def _size(spans: list[Span]) -> int:
    return sum(cells(text) for text, _ in spans)


def _row(
    row: list[list[Span]], aligns: list[Align], widths: list[int], inks: Inks
) -> list[list[Span]]:
    columns = [wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
    lines = []
    for index in range(max(len(column) for column in columns)):
        line: list[Span] = []
        for number, (column, size) in enumerate(zip(columns, widths, strict=True)):
            line += [(" " * GAP, inks.page)] if number else []
            cut = column[index] if index < len(column) else Cut([], 0, None)
            line += _aligned(cut, size, aligns[number], inks)
        lines.append(line)
    return lines


def _aligned(cut: Cut, size: int, align: Align, inks: Inks) -> list[Span]:
    free = max(0, size - cut.cells)
    left = free if align == "right" else free // 2 if align == "center" else 0
    return [(" " * left, inks.page), *cut.spans, (" " * (free - left), inks.page)]
