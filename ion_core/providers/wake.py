"""Notices that the machine slept while a server was to speak.

The clocks of timeouts stand still during sleep, so a connection that died meanwhile would be
waited for as long as ever. Once the machine is awake again, a server that is still there has a few
seconds to say something; after that it counts as gone.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Slept: TypeAlias = Callable[[], float]
"""How long the machine has slept so far, in seconds from any beginning."""

LOOK_S, GRACE_S, NAP_S = 1.0, 3.0, 2.0
"""How often to look; how long a server may stay silent after waking; the shortest sleep that
counts. A stall is noticed within ``LOOK_S + GRACE_S`` and one more look."""


def slept_s() -> float:
    """Seconds of sleep since the machine started, by the clock that counts them and the one that
    does not; 0 where there are no two such clocks."""
    if sys.platform == "darwin":
        running = time.clock_gettime(time.CLOCK_UPTIME_RAW)
        return time.clock_gettime(time.CLOCK_MONOTONIC) - running
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    return 0.0


class Overslept(Exception):
    """Nothing came since the machine woke."""


class Vigil:
    """Watches one answer. :meth:`close` ends it."""

    def __init__(
        self, slept: Slept = slept_s, *, look_s: float = LOOK_S, grace_s: float = GRACE_S
    ) -> None:
        self._slept, self._before = slept, slept()
        self._look_s, self._grace_s = look_s, grace_s
        self._loop = asyncio.get_running_loop()
        self._limit: asyncio.Timeout | None = None
        self._ends: float | None = None
        self._timer = self._loop.call_later(self._look_s, self._look)

    async def heard(self, coming: Awaitable[T]) -> T:
        """What comes. Raises :class:`Overslept` when nothing does after the machine woke."""
        try:
            async with asyncio.timeout(None) as self._limit:
                came = await coming
        except TimeoutError:
            if self._limit is not None and self._limit.expired():
                raise Overslept from None
            raise
        finally:
            self._limit = None
        self._ends = None
        return came

    def close(self) -> None:
        """Watch no longer."""
        self._timer.cancel()

    def _look(self) -> None:
        now, slept = self._loop.time(), self._slept()
        if slept - self._before >= NAP_S:
            self._ends = now + self._grace_s
        self._before = slept
        if self._ends is not None and now >= self._ends and self._limit is not None:
            self._ends = None
            self._limit.reschedule(now)
        self._timer = self._loop.call_later(self._look_s, self._look)
