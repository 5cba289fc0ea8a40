"""Tables on standard output: columns in line, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int]) -> str:
    """A line for ``head`` and one for each row; the columns of the numbers ``left`` are flush left,
    the others flush right. Names may be anybody's: what a terminal would obey is left out."""
    lines = [head, *([_printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths, left) for cells in lines)


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _line(cells: Sequence[str], widths: Sequence[int], left: Sequence[int]) -> str:
    padded = (
        cell.ljust(width) if number in left else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(padded).rstrip()


def short(tokens: int) -> str:
    """A number of tokens in at most five characters: 950, 128k, 1.05M."""
    if tokens >= 999_500:
        return f"{tokens / 1_000_000:.3g}M"
    return f"{tokens / 1000:.3g}k" if tokens >= 1000 else str(tokens)
