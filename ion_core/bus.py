"""The bus of one session: every event goes through :meth:`Bus.emit`, once.

Emitting applies the event to the session's own view, numbers it and offers it to every
subscription, without awaiting in between: view and numbers can never disagree. Only then does it
wait, and only for lossless readers above their mark. A lossy reader never slows the session: its
queue merges what can be merged, and one that still overflows is emptied and told so.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator

from msgspec.structs import replace

from ion_core.events import Delta, Emitted, Event, QueueChanged, ToolProgress
from ion_core.ids import Clock, SessionId
from ion_core.view import SessionView

LOSSY_LIMIT = 1_000
LOSSLESS_MARK = 1_000


class Lagged(Exception):
    """This subscription missed events. Subscribe again and start from the new view."""


class Subscription:
    """One reader's queue: read it with :meth:`batch` or ``async for``; end it with ``close``."""

    def __init__(self, bus: Bus, *, lossless: bool, limit: int) -> None:
        self._bus, self.lossless, self.limit = bus, lossless, limit
        self._queue: deque[Emitted] = deque()
        self._ready, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self.lagged = self.closed = False
        self.peak = 0

    def offer(self, emitted: Emitted) -> None:
        """Queue an event; called by the bus alone."""
        if self.closed or self.lagged:
            return
        if not self.lossless and self._merged(emitted):
            return
        if not self.lossless and len(self._queue) >= self.limit:
            self._queue.clear()
            self.lagged = True
        else:
            self._queue.append(emitted)
            self.peak = max(self.peak, len(self._queue))
            if len(self._queue) >= self.limit:
                self._room.clear()
        self._ready.set()

    def _merged(self, emitted: Emitted) -> bool:
        if not self._queue:
            return False
        event = merge(self._queue[-1].event, emitted.event)
        if event is None:
            return False
        self._queue[-1] = replace(emitted, event=event)
        return True

    async def room(self) -> None:
        """Wait until a lossless queue is below its mark; called by the bus alone."""
        await self._room.wait()

    async def batch(self) -> list[Emitted]:
        """Everything that waits, at least one event; empty once closed. Raises :class:`Lagged`."""
        await self._ready.wait()
        return self.take()

    def take(self) -> list[Emitted]:
        """Everything that waits now, perhaps nothing. Raises :class:`Lagged`."""
        if self.lagged:
            self.close()
            raise Lagged
        events = list(self._queue)
        self._queue.clear()
        self._room.set()
        if not self.closed:
            self._ready.clear()
        return events

    def close(self) -> None:
        """Take part no longer. What was queued can still be read."""
        self.closed = True
        self._ready.set()
        self._room.set()
        self._bus.drop(self)

    async def __aiter__(self) -> AsyncIterator[Emitted]:
        while events := await self.batch():
            for emitted in events:
                yield emitted


class Bus:
    """Numbers and distributes the events of one session."""

    def __init__(
        self, view: SessionView, *, clock: Clock = time.time, parent: SessionId | None = None
    ) -> None:
        self.view, self._clock, self._parent = view, clock, parent
        self._subscriptions: list[Subscription] = []
        self._closed = False

    async def emit(self, event: Event) -> None:
        """Apply, number and distribute; then wait for lossless readers above their mark."""
        emitted = Emitted(
            session=self.view.session,
            seq=self.view.seq + 1,
            at=self._clock(),
            parent=self._parent,
            event=event,
        )
        self.view.apply(emitted)
        for subscription in self._subscriptions:
            subscription.offer(emitted)
        for subscription in [s for s in self._subscriptions if s.lossless]:
            await subscription.room()

    def subscribe(
        self, *, lossless: bool = False, limit: int = 0
    ) -> tuple[SessionView, Subscription]:
        """A copy of the view and every event after it: none, once the bus is closed. ``limit``
        bounds the queue, in events."""
        limit = limit or (LOSSLESS_MARK if lossless else LOSSY_LIMIT)
        subscription = Subscription(self, lossless=lossless, limit=limit)
        self._subscriptions.append(subscription)
        if self._closed:
            subscription.close()
        return self.view.snapshot(), subscription

    def drop(self, subscription: Subscription) -> None:
        """Forget a subscription; called by :meth:`Subscription.close`."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def close(self) -> None:
        """End every subscription; what they hold can still be read."""
        self._closed = True
        for subscription in list(self._subscriptions):
            subscription.close()


def merge(a: Event, b: Event) -> Event | None:
    """One event that says what ``a`` then ``b`` said, or None when there is no such event."""
    match a, b:
        case Delta(), Delta() if (a.part, a.channel) == (b.part, b.channel):
            return replace(a, text=a.text + b.text, tool=a.tool or b.tool)
        case ToolProgress(), ToolProgress() if a.call == b.call:
            return replace(a, text=a.text + b.text)
        case QueueChanged(), QueueChanged():
            return b
        case _:
            return None
