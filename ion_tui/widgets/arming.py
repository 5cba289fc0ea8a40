"""When a key may mean a decision: not in the middle of typing, and not before one could read.

A card that appears while somebody types must not take their letters for answers (`tui.md` §3.8).
"""

from __future__ import annotations

from ion_core.ids import Clock

QUIET_S = 0.3


class Arming:
    """Armed when what is shown was painted, and that and the last key were a while ago."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._since = clock, clock()
        self._held = False

    def hold(self) -> None:
        """Something else is about to be shown: no key counts before it is."""
        self._held = True

    def painted(self) -> None:
        """It is on screen now: wait a while from here."""
        self._held = False
        self.disturb()

    def disturb(self) -> None:
        """A key was pressed: wait anew."""
        self._since = self._clock()

    @property
    def armed(self) -> bool:
        return not self._held and self._clock() - self._since >= QUIET_S
