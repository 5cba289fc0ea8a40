"""Everything that is drawn in ASCII: the last step before a terminal that knows no more.

Every sign gives way to one as wide that means as much, so that no column moves; a letter loses its
accent, and what has no likeness at all becomes a question mark. Copies keep what was written.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import split_graphemes
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {
    ">": "❯›⟩▸→»≥",
    "<": "‹⟨←«≤",
    "^": "↑",
    "v": "↓▾",
    "*": "●•★",
    "-": "·–—−─╌⠹⠦",
    "=": "━═",
    "|": "▎│┃▌▐┆⠋⠼⠇",
    "/": "⠙⠴⠏",
    "\\": "⠸⠧",
    "+": "✓☑┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝",
    "x": "✗☐×",
    "o": "○",
    "~": "◐",
    "%": "✻",
    "#": "■█▓",
    "@": "⎇",
    ".": "…░",
    ":": "⋮▒",
    '"': "“”„",
    "'": "‘’",
    " ": "▔▁▂▃▄▅▆▇",
}
_LIKE = {ord(sign): plain for plain, signs in _SIGNS.items() for sign in signs}


class PlainLetters(LineFilter):
    """A filter over every row of the app."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same cells, in ASCII."""
        return [
            segment
            if segment.text.isascii()
            else Segment(plain_letters(segment.text), *segment[1:])
            for segment in segments
        ]


@lru_cache(maxsize=4_096)
def plain_letters(text: str) -> str:
    """``text`` in as many ASCII characters as it takes cells."""
    text = text.translate(_LIKE)
    if text.isascii():
        return text
    graphemes, _ = split_graphemes(text)
    return "".join(_like(text[start:end], size) for start, end, size in graphemes)


def _like(grapheme: str, size: int) -> str:
    if grapheme.isascii():
        return grapheme
    bare = unicodedata.normalize("NFKD", grapheme).encode("ascii", "ignore").decode()
    return bare.ljust(size) if 0 < len(bare) <= size else "?" * size
