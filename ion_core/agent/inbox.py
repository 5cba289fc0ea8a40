"""Messages that wait while the agent works: steers and follow-ups, durable before they are shown.

A steer is delivered before the next request; all that wait at that point become one message. A
follow-up is delivered when the turn would end, one at a time, and starts the next turn.
"""

from __future__ import annotations

from typing import Literal

from ion_core.agent.journal import Journal
from ion_core.agent.whole import wholly
from ion_core.events import QueueChanged, Queued
from ion_core.messages import user
from ion_core.sessions.base import Append, Dequeue, Enqueue, SessionStore, Write


class Inbox:
    """The waiting messages of one session, oldest first."""

    def __init__(self, journal: Journal, store: SessionStore, queue: tuple[Queued, ...]) -> None:
        self._journal, self._store, self.queue = journal, store, queue

    @property
    def steers(self) -> tuple[Queued, ...]:
        return tuple(item for item in self.queue if item.kind == "steer")

    @property
    def follow_ups(self) -> tuple[Queued, ...]:
        return tuple(item for item in self.queue if item.kind == "follow_up")

    async def put(self, kind: Literal["steer", "follow_up"], text: str) -> None:
        """Keep a message until its time comes. It is durable when this returns."""
        await wholly(self._record(Enqueue(kind=kind, text=text)))

    async def take_back(self) -> str | None:
        """The newest waiting message, no longer waiting; None when there is none."""
        if not self.queue:
            return None
        newest = self.queue[-1]
        await wholly(self._record(Dequeue(id=newest.id)))
        return newest.text

    async def deliver(self, *items: Queued) -> bool:
        """Put waiting messages into the conversation as one; False when there were none."""
        waiting = [item for item in items if item in self.queue]
        if not waiting:
            return False
        text = "\n\n".join(item.text for item in waiting)
        taken = [Dequeue(id=item.id) for item in waiting]
        await wholly(self._record(Append(body=user(text)), *taken))
        return True

    async def _record(self, *writes: Write) -> None:
        """Commit, and tell what waits now."""
        await self._journal.record(*writes)
        self.queue = await self._store.queue(self._journal.session)
        await self._journal.emit(QueueChanged(queue=self.queue))
