"""When a key may mean a decision: not in the middle of typing, and not before one could read.

A card that appears while somebody types must not take their letters for answers (`tui.md` §3.8).
"""

from __future__ import annotations

from ion_core.ids import Clock

QUIET_S = 0.3


class Arming:
    """Armed when the last key, and the last change of what is shown, were a while ago."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._since = clock, clock()

    def disturb(self) -> None:
        """A key was pressed, or something else is shown: wait anew."""
        self._since = self._clock()

    @property
    def armed(self) -> bool:
        return self._clock() - self._since >= QUIET_S
