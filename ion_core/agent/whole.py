"""Things that are done wholly or not at all, whoever cancels meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def wholly(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end. A cancellation that arrives meanwhile takes effect afterwards,
    unless the work failed: then that is raised, since a lost write matters more."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except Exception:  # the work's own failure: result() raises it
            break
    result = task.result()
    if cancelled:
        raise asyncio.CancelledError
    return result
