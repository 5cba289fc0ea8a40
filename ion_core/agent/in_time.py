"""A turn within the time that its budget leaves it.

The time is that of the clock on the wall, in the middle of an answer or of a command too. What runs
when it is over is stopped as if somebody had cancelled it, and cleans up after itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from ion_core.agent.budget import Budget

T = TypeVar("T")
TICK_S = 0.001
"""An event loop may call a little early; then the limit would not be reached yet."""


async def in_time(
    budget: Budget, work: Coroutine[Any, Any, T], tell: Callable[[], Awaitable[None]]
) -> T:
    """Do the work; ``tell`` is called when the time comes near its limit. Raises
    ``BudgetExceeded`` when it is over, after the work has ended."""
    with budget.running():
        watch = asyncio.ensure_future(_watch(budget, tell))
        try:
            return await _until(budget, work)
        finally:
            watch.cancel()
            await asyncio.wait([watch])


async def _until(budget: Budget, work: Coroutine[Any, Any, T]) -> T:
    left_s = budget.left_s()
    scope = asyncio.timeout(None if left_s is None else left_s + TICK_S)
    try:
        async with scope:
            return await work
    except (TimeoutError, asyncio.CancelledError):
        task = asyncio.current_task()
        if scope.expired() and task is not None and not task.cancelling():
            budget.check()
        raise


async def _watch(budget: Budget, tell: Callable[[], Awaitable[None]]) -> None:
    while (near_s := budget.near_s()) is not None:
        await asyncio.sleep(near_s)
        await tell()
