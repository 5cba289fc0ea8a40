"""A text in its normal form, for comparing, and the way back to where each character stands.

The form folds what looks alike and what models write for one another: typographic quotes, dashes
and spaces, compatibility characters (NFKD, UAX #15), invisible characters, spaces at line ends.
Nothing is ever written in this form.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from functools import lru_cache

_FOLDED = {
    **dict.fromkeys("‘’‚‛′‵`´", "'"),
    **dict.fromkeys("“”„‟″‶«»", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    **dict.fromkeys("\u200b\u2060\ufeff\u00ad\u200e\u200f", ""),
    "`": "`",  # a grave accent is syntax in many languages
}
_BLANK = " \t\u00a0\u2007\u202f\u3000"


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char in _FOLDED:
        return _FOLDED[char]
    return unicodedata.normalize("NFKD", char)


def normal(text: str) -> str:
    """The normal form alone."""
    return text if text.isascii() and not text[-1:].isspace() else Form(text).text


class Form:
    """``text`` is the normal form of ``original``."""

    def __init__(self, original: str) -> None:
        self.original = original
        pieces: list[str] = []
        self._places: list[int] = []
        start = 0
        for line in original.split("\n"):
            self._add(line.rstrip(_BLANK), start, pieces)
            start += len(line)
            if start < len(original):
                pieces.append("\n")
                self._places.append(start)
            start += 1
        self.text = "".join(pieces)

    def _add(self, line: str, start: int, pieces: list[str]) -> None:
        if line.isascii():
            pieces.append(line)
            self._places.extend(range(start, start + len(line)))
            return
        for index, char in enumerate(line, start):
            folded = char if char.isascii() else _folded(char)
            pieces.append(folded)
            self._places.extend([index] * len(folded))

    def index(self, position: int) -> int:
        """Where in the form the character at ``position`` of the original is, or the next one."""
        return bisect_left(self._places, position)

    def start(self, index: int) -> int:
        """Where in the original the character at ``index`` of the form begins."""
        return self._places[index] if index < len(self._places) else len(self.original)

    def end(self, index: int) -> int:
        """Where in the original the character before ``index`` of the form ends."""
        return self._places[index - 1] + 1 if index else 0

    def is_between(self, index: int) -> bool:
        """Whether ``index`` of the form is between whole characters of the original."""
        if index in (0, len(self._places)):
            return True
        apart = self._places[index] != self._places[index - 1]
        return apart and not unicodedata.combining(self.original[self._places[index]])

    def places(self, wanted: str) -> list[int]:
        """Where in the form ``wanted``, another form, stands as whole characters."""
        found, at = [], self.text.find(wanted)
        while at >= 0:
            if self.is_between(at) and self.is_between(at + len(wanted)):
                found.append(at)
            at = self.text.find(wanted, at + 1)
        return found
