"""Logging in with a code that is typed into a browser on any machine (RFC 8628)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

from ion_core.errors import ConnectionFailed, Overloaded, Unauthorised
from ion_core.providers.auth.post import Reply

Pause: TypeAlias = Callable[[float], Awaitable[object]]
"""Waits seconds, as ``asyncio.sleep`` does."""
Verdict: TypeAlias = Reply | Literal["pending", "slow_down"]

MARGIN_S = 1.0
"""Added to each wait: servers measure theirs from when they answered, and punish haste."""
SLOWER_S = 5.0
"""What ``slow_down`` adds to all further waits (RFC 8628 §3.5)."""


async def polled(
    attempt: Callable[[], Awaitable[Verdict]],
    interval_s: float,
    limit_s: float,
    pause: Pause = asyncio.sleep,
) -> Reply:
    """The reply of the first attempt that is neither pending nor too early.

    Raises ``Unauthorised`` after ``limit_s`` of waiting, and whatever an attempt raises; a server
    that cannot be reached for a moment is asked again, later.
    """
    waited = 0.0
    while waited < limit_s:
        await pause(interval_s + MARGIN_S)
        waited += interval_s + MARGIN_S
        verdict = await _verdict(attempt)
        if isinstance(verdict, Reply):
            return verdict
        if verdict == "slow_down":
            interval_s += SLOWER_S
    raise expired(limit_s)


async def _verdict(attempt: Callable[[], Awaitable[Verdict]]) -> Verdict:
    try:
        return await attempt()
    except (ConnectionFailed, Overloaded):
        return "slow_down"


def expired(limit_s: float) -> Unauthorised:
    """The code was not entered in time."""
    return Unauthorised(f"The code was not entered within {limit_s / 60:.0f} minutes. Begin again.")
