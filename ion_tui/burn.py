"""How fast a session spends just now: money an hour and tokens a minute.

Times are those of the events, so that a replay shows what was shown then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from ion_core.compaction_events import CompactionEnded, CompactionFailed
from ion_core.events import Emitted, StepEnded
from ion_core.usage import Usage
from ion_tui.figures import money, tokens

WINDOW_S = 300.0
"""What was spent longer ago counts no more."""
PAUSE_S = 180.0
"""After so long without spending there is no rate, and the next spending begins another."""
LEAST_S = 60.0
"""What was spent within less than a minute is not said to go on like that."""


class Spent(Struct, frozen=True):
    """What one request took, from ``since`` to ``at`` (seconds since the epoch). ``tokens`` leave
    out what came from the provider's cache; ``nano`` is None for an unknown price."""

    since: float
    at: float
    tokens: int
    nano: int | None


class Burn:
    """The spending of the last minutes."""

    def __init__(self) -> None:
        self._spent: deque[Spent] = deque()

    def read(self, events: Sequence[Emitted]) -> bool:
        """Take note of what ``events`` paid; whether they paid anything."""
        paid = [spent for emitted in events if (spent := _spent(emitted)) is not None]
        for spent in paid:
            self._drop(spent)
            self._spent.append(spent)
        return bool(paid)

    def forget(self) -> None:
        """There is no rate."""
        self._spent.clear()

    @property
    def text(self) -> str:
        """``$1.20/h 34k tok/min``; without the money where a price is unknown or nothing is paid;
        empty when nothing is known."""
        if not self._spent:
            return ""
        last = self._spent[-1].at
        took = max(LEAST_S, last - min(spent.since for spent in self._spent))
        nano = [spent.nano for spent in self._spent if spent.nano is not None]
        known = len(nano) == len(self._spent) and sum(nano) > 0
        dollars = f"{money(round(sum(nano) * 3600 / took))}/h " if known else ""
        speed = round(sum(spent.tokens for spent in self._spent) * 60 / took)
        return f"{dollars}{tokens(speed)} tok/min"

    def _drop(self, newest: Spent) -> None:
        if self._spent and newest.since - self._spent[-1].at > PAUSE_S:
            self._spent.clear()
        while self._spent and newest.at - self._spent[0].at > WINDOW_S:
            self._spent.popleft()


def _spent(emitted: Emitted) -> Spent | None:
    match emitted.event:
        case StepEnded(usage=Usage() as usage, cost_nano=nano, duration_ms=took):
            pass
        case CompactionEnded(usage=Usage() as usage, cost_nano=nano, duration_ms=took):
            pass
        case CompactionFailed(usage=Usage() as usage, cost_nano=nano):
            took = 0
        case _:
            return None
    since = emitted.at - took / 1000
    return Spent(since, emitted.at, usage.total - usage.cache_read, nano)
