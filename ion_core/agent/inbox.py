"""Messages that wait while the agent works: steers and follow-ups, durable before they are shown.

A steer is delivered before the next request; all that wait at that point become one message. A
follow-up is delivered when the turn would end, one at a time, and starts the next turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ion_core.agent.journal import Journal
from ion_core.agent.whole import wholly
from ion_core.errors import HookBlocked, IonError
from ion_core.events import Notice, QueueChanged, Queued
from ion_core.messages import user
from ion_core.sessions.base import Append, Dequeue, Enqueue, SessionStore, Write

if TYPE_CHECKING:
    from ion_core.agent.opening import Opening


class Inbox:
    """The waiting messages of one session, oldest first. ``opening`` says what follows them when
    they are delivered, as behind every prompt."""

    def __init__(self, journal: Journal, store: SessionStore, queue: tuple[Queued, ...]) -> None:
        self._journal, self._store, self.queue = journal, store, queue
        self.opening: Opening | None = None

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
        try:
            behind = await self._behind(text, waiting)
        except HookBlocked as blocked:
            return await self._without_words(waiting, str(blocked))
        await wholly(self._record(Append(body=user(text)), *behind, *taken))
        if self.opening is not None:
            await self.opening.tell()
        return True

    async def _behind(self, text: str, waiting: Sequence[Queued]) -> Sequence[Append]:
        """What follows what people said; nothing follows what ion itself says of jobs."""
        from ion_core.agent.jobs import is_report  # it stands on the inbox

        if self.opening is None or all(is_report(item.text) for item in waiting):
            return ()
        try:
            return await self.opening.behind(text)
        except HookBlocked:
            raise
        except IonError as error:  # the words are said all the same
            await self._journal.emit(Notice(level="warning", text=str(error)))
            return ()

    async def _without_words(self, waiting: Sequence[Queued], why: str) -> bool:
        """Forget what people said, which a hook does not let be said, and deliver the rest."""
        from ion_core.agent.jobs import is_report  # as above

        reports = [item for item in waiting if is_report(item.text)]
        words = [Dequeue(id=item.id) for item in waiting if item not in reports]
        await wholly(self._record(*words))
        await self._journal.emit(Notice(level="warning", text=f"Not said: {why}"))
        return await self.deliver(*reports)

    async def _record(self, *writes: Write) -> None:
        """Commit, and tell what waits now."""
        await self._journal.record(*writes)
        self.queue = await self._store.queue(self._journal.session)
        await self._journal.emit(QueueChanged(queue=self.queue))
