"""20,000 deltas through one bus to a slow reader that may miss some and to one that may not.

The slow reader takes a batch every thirtieth of a second, as the screen does. Both must end with
the publisher's view, and no queue may ever be longer than its limit.
"""

from __future__ import annotations

import asyncio
import time

from ion_core.bus import LOSSLESS_MARK, LOSSY_LIMIT, Bus, Lagged, Subscription
from ion_core.events import Delta, TurnStarted
from ion_core.ids import SessionId
from ion_core.view import SessionView
from tests.bench.row import Row

DELTAS, PARTS, FRAME_S = 20_000, 7, 1 / 30


def measure(runs: int) -> list[Row]:
    """The rows of the bus."""
    flows = [asyncio.run(_flow()) for _ in range(runs)]
    return [
        Row(
            name=f"bus: {DELTAS:,} deltas, a slow and a lossless reader",
            unit="ev/s",
            samples=tuple(DELTAS / seconds for seconds, _ in flows),
            more=True,
        ),
        Row(
            name="bus: longest queue",
            unit="ev",
            samples=tuple(float(peak) for _, peak in flows),
            must=max(LOSSY_LIMIT, LOSSLESS_MARK),
        ),
    ]


async def _flow() -> tuple[float, int]:
    """Seconds until everything was published, and the longest queue."""
    bus = Bus(SessionView(session=SessionId("bench")))
    lossy, lossless = bus.subscribe(), bus.subscribe(lossless=True)
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(_slow(bus, *lossy))
        exact = group.create_task(_exact(*lossless))
        began = time.monotonic()
        await _publish(bus)
        seconds = time.monotonic() - began
        lossless[1].close()
    peaks = [*slow.result()[1], lossless[1].peak]
    if not bus.view.draft == slow.result()[0].draft == exact.result().draft:
        raise RuntimeError("the readers do not agree with the publisher")
    return seconds, max(peaks)


async def _publish(bus: Bus) -> None:
    await bus.emit(TurnStarted())
    for number in range(DELTAS):
        await bus.emit(Delta(part=number % PARTS, channel="text", text="word "))
        if number % 50 == 0:
            await asyncio.sleep(0)  # as a socket would, between two reads


async def _exact(view: SessionView, subscription: Subscription) -> SessionView:
    async for emitted in subscription:
        view.apply(emitted)
    return view


async def _slow(
    bus: Bus, view: SessionView, subscription: Subscription
) -> tuple[SessionView, list[int]]:
    peaks = []
    while view.seq <= DELTAS:
        try:
            for emitted in await subscription.batch():
                view.apply(emitted)
        except Lagged:
            peaks.append(subscription.peak)
            view, subscription = bus.subscribe()
        await asyncio.sleep(FRAME_S)
    return view, [*peaks, subscription.peak]
