from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from ion_core.bus import Bus, Lagged, Subscription
from ion_core.events import Delta, Emitted, Event
from ion_core.ids import SessionId
from ion_core.view import SessionView
from tests.fakes import values

many = st.lists(values.events, max_size=30)


def new_bus() -> Bus:
    ticks = iter(range(10_000))
    return Bus(SessionView(session=SessionId("s")), clock=lambda: float(next(ticks)))


class Reader:
    """Follows a bus as a front door does, starting again after a lag."""

    def __init__(self, bus: Bus, limit: int) -> None:
        self._bus, self._limit, self.lags = bus, limit, 0
        self.view, self._subscription = bus.subscribe(limit=limit)

    def catch_up(self) -> None:
        try:
            batch = self._subscription.take()
        except Lagged:
            self.lags += 1
            self.view, self._subscription = self._bus.subscribe(limit=self._limit)
            return
        for emitted in batch:
            self.view.apply(emitted)


@given(many, st.lists(st.booleans(), min_size=30, max_size=30))
def test_a_reader_that_lagged_ends_where_one_that_never_did(
    events: list[Event], pauses: list[bool]
) -> None:
    async def scene() -> None:
        bus = new_bus()
        slow, quick = Reader(bus, limit=3), Reader(bus, limit=10_000)
        for event, reads in zip(events, pauses, strict=False):
            await bus.emit(event)
            quick.catch_up()
            if reads:
                slow.catch_up()
        slow.catch_up()
        assert slow.view == quick.view == bus.view

    asyncio.run(scene())


@given(many)
def test_a_lossless_reader_gets_every_event_once_and_without_a_gap(events: list[Event]) -> None:
    async def scene() -> None:
        bus = new_bus()
        _, subscription = bus.subscribe(lossless=True, limit=2)
        got: list[Emitted] = []

        async def read() -> None:
            async for emitted in subscription:
                got.append(emitted)

        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            for event in events:
                await bus.emit(event)
            bus.close()
        assert [e.seq for e in got] == list(range(1, len(events) + 1))
        assert [e.event for e in got] == events

    asyncio.run(scene())


async def publish(bus: Bus, count: int) -> None:
    for _ in range(count):
        await bus.emit(Delta(part=0, channel="text", text="x"))
    bus.close()


async def test_no_queue_ever_grows_above_its_limit() -> None:
    bus = new_bus()
    _, lossless = bus.subscribe(lossless=True, limit=10)
    _, lossy = bus.subscribe(limit=10)

    async def read(subscription: Subscription) -> int:
        return sum([1 async for _ in subscription])

    async with asyncio.TaskGroup() as group:
        reader = group.create_task(read(lossless))
        group.create_task(publish(bus, 500))
    assert reader.result() == 500
    assert lossless.peak <= 10
    assert lossy.peak <= 10


async def test_a_subscription_begins_exactly_after_its_view() -> None:
    bus = new_bus()
    await bus.emit(Delta(part=0, channel="text", text="a"))
    view, subscription = bus.subscribe()
    await bus.emit(Delta(part=0, channel="text", text="b"))
    assert view.draft[0].text == "a"
    for emitted in await subscription.batch():
        view.apply(emitted)
    assert view == bus.view


async def test_a_closed_lossless_reader_no_longer_holds_the_session() -> None:
    bus = new_bus()
    _, dead = bus.subscribe(lossless=True, limit=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(publish(bus, 50))
        await asyncio.sleep(0)
        dead.close()
    assert bus.view.draft[0].text == "x" * 50


async def test_a_reader_of_a_closed_bus_ends_at_once() -> None:
    bus = new_bus()
    bus.close()
    _, late = bus.subscribe()
    assert await late.batch() == []
