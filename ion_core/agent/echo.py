"""A model that says the same thing without end: noticed while it speaks.

The same passage of at least 60 characters eight times in a row is no answer any more. In code and
tables the same line may well stand many times, so these are left alone.
"""

from __future__ import annotations

SHORTEST, TIMES = 60, 8
LONGEST = 1_500
"""Characters of the longest passage that is looked for."""

_LOOK_EVERY = 480
_KEPT = LONGEST * TIMES


class Echo:
    """Listens to one channel of one answer."""

    def __init__(self) -> None:
        self._tail, self._unheard, self._line = "", 0, ""
        self._fenced = self._in_table = False

    def repeats(self, text: str) -> bool:
        """Take more text; whether it only repeats itself by now."""
        self._follow(text)
        self._tail += text
        self._unheard += len(text)
        if self._unheard < _LOOK_EVERY:
            return False
        self._tail, self._unheard = self._tail[-_KEPT:], 0
        return not self._fenced and not self._in_table and is_echo(self._tail)

    def _follow(self, text: str) -> None:
        """Keep in mind whether this is within a code block, and the line that is being written."""
        *whole, last = (self._line + text).split("\n")
        self._fenced ^= sum(line.lstrip().startswith(("```", "~~~")) for line in whole) % 2 == 1
        written = [line for line in (*whole, last) if line.strip()]
        if whole or not self._line:
            self._in_table = bool(written) and written[-1].lstrip().startswith("|")
        self._line = last[:SHORTEST]


def is_echo(text: str) -> bool:
    """Whether ``text`` ends with one passage ``TIMES`` times."""
    probe = text[-SHORTEST:]
    before = text.rfind(probe, 0, len(text) - 1)
    if before < 0:
        return False
    period = len(text) - SHORTEST - before
    length = period * -(-SHORTEST // period)
    passage = text[-length:]
    return length <= LONGEST and bool(passage.strip()) and text.endswith(passage * TIMES)
