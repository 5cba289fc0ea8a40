"""A text shown to the last character, for what a person is to allow.

Nothing is left out and nothing is acted upon: what has no picture of its own is written by its
number, so that a command cannot hide a part of itself.
"""

from __future__ import annotations

from typing import Final, NamedTuple

TAB: Final = "    "
_BLANK: Final = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Printable by their class, and yet nothing is to be seen of them."""


class Plain(NamedTuple):
    """The text to show, and how many of its characters could not be seen as they are."""

    text: str
    hidden: int


def plainly(text: str) -> Plain:
    """Every character of ``text``; lines stay lines, a tab is four spaces."""
    shown, hidden = [], 0
    for char in text:
        if char == "\t":
            shown.append(TAB)
        elif char in "\n " or (char.isprintable() and not _is_blank(char)):
            shown.append(char)
        else:
            shown.append(f"⟨U+{ord(char):04X}⟩")
            hidden += 1
    return Plain("".join(shown), hidden)


def _is_blank(char: str) -> bool:
    number = ord(char)
    return char in _BLANK or 0xFE00 <= number <= 0xFE0F or 0xE0100 <= number <= 0xE01EF
