"""Whether a reader follows the end of a session, and how much came since the end was left.

Only what happened counts as new. Rows that appear because details were opened, the width changed or
a guessed height was corrected were there before.
"""

from __future__ import annotations

from collections.abc import Callable


class Follow:
    """``tell`` hears the number of new lines when it has changed, 0 when the end is followed."""

    def __init__(self, tell: Callable[[int], object]) -> None:
        self._tell, self._told = tell, 0
        self.on, self._new_lines = True, 0

    def leave(self) -> None:
        """Stay where the reader is."""
        self.on = False

    def resume(self) -> None:
        """To the end again: nothing is new."""
        self.on, self._new_lines = True, 0

    def grew(self, lines: int) -> None:
        """What happened made the session that much longer, or shorter."""
        if not self.on:
            self._new_lines = max(0, self._new_lines + lines)

    def say(self) -> None:
        """Tell how much is new, if that is news."""
        if self._new_lines != self._told:
            self._told = self._new_lines
            self._tell(self._told)
