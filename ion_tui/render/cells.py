"""Styled text cut into lines of cells.

Widths are terminal cells as Rich and Textual count them, and no grapheme is ever split, so that a
line of CJK or of joined emoji is exactly as wide as it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, split_graphemes
from rich.style import Style

Span: TypeAlias = tuple[str, Style]

_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
_WORD = rf"[{_WIDE}]\s*|[^\s{_WIDE}]+\s*|\s+"
"""Start-up: compiled when the first line is wrapped, since that takes 3 ms."""


class Cut(NamedTuple):
    """One line. ``join`` is the white space between it and the line it continues, or None when it
    begins a line of its own."""

    spans: list[Span]
    cells: int
    join: str | None


def cells(text: str) -> int:
    """The number of cells that ``text`` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int) -> int:
    """How many characters of ``text`` fit ``width`` cells: whole graphemes, at least one."""
    if text.isascii():
        return max(1, width)
    used = 0
    for start, end, size in split_graphemes(text)[0]:
        if used + size > width:
            return start or end
        used += size
    return len(text)


def shorten(text: str, width: int) -> str:
    """The beginning of ``text``, with ``…`` where something is missing."""
    if cells(text) <= width:
        return text
    return text[: fit(text, width - 1)] + "…" if width > 1 else "…"[:width]


def wrap(spans: Sequence[Span], width: int) -> list[Cut]:
    """Lines of at most ``width`` cells, broken between words, or inside one that is too long."""
    plain = "".join(text for text, _ in spans)
    size = cells(plain)
    if size <= width:
        return [Cut(list(spans), size, None)]
    return _cuts(spans, plain, _breaks(plain, width))


def fold(spans: Sequence[Span], width: int) -> list[Cut]:
    """Lines of at most ``width`` cells, broken wherever the line is full: for code and output."""
    plain = "".join(text for text, _ in spans)
    size = cells(plain)
    if size <= width:
        return [Cut(list(spans), size, None)]
    breaks, start = [], 0
    while start < len(plain):
        end = min(len(plain), start + fit(plain[start:], width))
        breaks.append((start, end))
        start = end
    return _cuts(spans, plain, breaks)


def _breaks(plain: str, width: int) -> list[tuple[int, int]]:
    """Where the lines of ``plain`` begin and end; white space at a line's end is left out."""
    lines: list[tuple[int, int]] = []
    start = end = used = 0
    for word in re.finditer(_WORD, plain):
        at, text = word.start(), word[0].rstrip()
        size = cells(text)
        if used and used + size > width:
            lines.append((start, end))
            start, used = at, 0
        while size > width:
            at += fit(text, width)
            lines.append((start, at))
            start, used, text = at, 0, plain[at : word.start() + len(word[0])].rstrip()
            size = cells(text)
        end = at + len(text) if text else end
        used += size + word.end() - at - len(text)
    if start < max(end, start + used):
        lines.append((start, max(end, start)))
    return lines or [(0, 0)]


def _cuts(spans: Sequence[Span], plain: str, lines: Iterable[tuple[int, int]]) -> list[Cut]:
    cuts: list[Cut] = []
    previous = 0
    for start, end in lines:
        join = plain[previous:start] if cuts else None
        cuts.append(Cut(part(spans, start, end), cells(plain[start:end]), join))
        previous = end
    return cuts


def part(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """The characters from ``start`` to ``end`` of styled text."""
    found: list[Span] = []
    at = 0
    for text, style in spans:
        if at >= end:
            break
        if at + len(text) > start:
            found.append((text[max(0, start - at) : end - at], style))
        at += len(text)
    return found
