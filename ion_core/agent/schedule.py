"""Which calls of one step may run together.

Reads run together. Writes to one file run in call order, and a read that overlaps a write waits
for it. A command is a barrier: it runs alone, after everything before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from ion_core.tools.base import Effect

AT_ONCE = 8


class Job(Protocol):
    """A call to be scheduled: its effect, and the file or folder it touches (None: anything)."""

    @property
    def effect(self) -> Effect: ...

    @property
    def touches(self) -> Path | None: ...


def conflicts(a: Job, b: Job) -> bool:
    """Whether the later of two calls must wait for the earlier."""
    if "execute" in (a.effect, b.effect) or "ask" in (a.effect, b.effect):
        return True
    if "write" not in (a.effect, b.effect) or "network" in (a.effect, b.effect):
        return False
    if a.touches is None or b.touches is None:
        return True
    return a.touches.is_relative_to(b.touches) or b.touches.is_relative_to(a.touches)


async def run_all(jobs: Sequence[Job], run: Callable[[int], Awaitable[None]]) -> None:
    """Run job ``n`` by ``run(n)`` as soon as every earlier job that it conflicts with is over.

    A job that raises cancels the others; then its error is raised, and not a group of them.
    """
    over = [asyncio.Event() for _ in jobs]
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(index: int) -> None:
        try:
            for earlier in range(index):
                if conflicts(jobs[earlier], jobs[index]):
                    await over[earlier].wait()
            async with slots:
                await run(index)
        finally:
            over[index].set()

    try:
        async with asyncio.TaskGroup() as group:
            for index in range(len(jobs)):
                group.create_task(one(index))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
