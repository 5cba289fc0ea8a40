"""A row that is too long goes on below its own text, not below its mark."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content


def hung(row: Content, width: int, indent: int) -> list[Content]:
    """``row`` in lines of ``width`` cells at most; all but the first begin at ``indent``."""
    head = row[:indent]
    lines = row[indent:].wrap(max(1, width - indent))
    blank = Content(" " * indent)
    return [Content.assemble(blank if at else head, line) for at, line in enumerate(lines)]


def joined(lines: Iterable[Content]) -> Content:
    """Lines as one text."""
    return Content("\n").join(lines)
