"""Whether a session is written here, or by another ion and only read along.

Whoever reads along sees every entry soon after its commit and changes nothing. When the other one
leaves, or dies, the session is written here without a word from the person; while it lives, only a
person takes it over. The one that lost it stops its turn and its jobs, and reads along.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from msgspec.structs import replace

from ion_core.agent.branch import moved
from ion_core.agent.inbox import Inbox
from ion_core.agent.journal import Journal
from ion_core.agent.work import Spawn, Work
from ion_core.errors import IonError, StoreError
from ion_core.events import EntryAppended, Notice, QueueChanged, SessionChanged
from ion_core.sessions.base import SessionInfo, SessionStore
from ion_core.sessions.lease import written_by
from ion_core.sessions.opening import restored
from ion_core.tools.jobs import Jobs

LOOK_S = 0.5
"""Seconds between two looks at what the other one wrote."""

WATCH_S = 1.0
"""Seconds between two looks at whether the session is still ours: each is one row by its key."""

TAIL = 64
"""Entries that are read at first, of a path that may be long."""


class Tenure:
    """Follows the session from the start when ``journal.along`` says that another one writes it.
    ``watches``: a person looks at it, who is told soon when another one takes it over; else that is
    noticed with the next commit."""

    def __init__(
        self,
        journal: Journal,
        inbox: Inbox,
        store: SessionStore,
        work: Work,
        jobs: Jobs,
        spawn: Spawn,
        *,
        watches: bool,
    ) -> None:
        self._journal, self._inbox, self._store = journal, inbox, store
        self._work, self._jobs, self._spawn = work, jobs, spawn
        self._turn = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None
        self._lost = False
        journal.on_lost = self._begin_again
        if journal.along:
            self._following = spawn(self._follow())
        self._watching = spawn(self._watch()) if watches else None

    async def take_over(self) -> None:
        """Write the session from now on, whoever did; it is as they left it when this returns.
        Raises ``StoreError``."""
        async with self._turn:
            if self._journal.along:
                await self._stop()
                await self._store.take(self._journal.session, over=True)
                await self._own()

    @property
    def can_take_over(self) -> bool:
        """Whether :meth:`take_over` has anything to do, and may: not where the store is of a newer
        ion."""
        return bool(self._journal.along) and self._store.refusal is None

    async def aclose(self) -> None:
        """Follow no longer, and leave the session to others."""
        tasks = [each for each in (self._watching, self._following) if each is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        with suppress(StoreError):  # it ends with this process anyway
            await self._store.release(self._journal.session)

    def _begin_again(self) -> None:
        self._lost = True
        if self._following is None or self._following.done():
            self._following = self._spawn(self._follow())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            if self._journal.along:
                continue
            with suppress(IonError):  # a store that is busy now is asked again
                if await self._store.lost(self._journal.session):
                    self._journal.lose()

    async def _follow(self) -> None:
        while self._journal.along:
            with suppress(IonError):  # a store that is busy now is asked again
                await self._look()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        async with self._turn:
            if not self._journal.along:
                return
            await self._stop()
            if (refusal := self._store.refusal) is not None:
                self._journal.along = str(refusal)
                await self._catch_up()
                return
            holder = await self._store.writer(self._journal.session)
            if holder is None:
                holder = await self._store.take(self._journal.session)
            if holder is None:
                await self._own()
                return
            self._journal.along = written_by(holder)
            await self._catch_up()

    async def _stop(self) -> None:
        """Once the lease is lost, nothing goes on that was begun under it: what it wrote later
        would answer calls that whoever took over has settled."""
        if not self._lost:
            return
        await self._work.cancel()
        for job in self._jobs.running:
            job.told = True  # there is no conversation here that could be told
            await self._jobs.stop(job.id)
        self._lost = False
        with suppress(StoreError):
            if holder := await self._store.writer(self._journal.session):
                self._journal.along = written_by(holder)
        text = f"{self._journal.along} It took it over; you read along from here on."
        await self._journal.emit(Notice(level="warning", text=text))

    async def _own(self) -> None:
        """The lease is here: mend what was left in the middle, and say so."""
        await restored(self._store, self._journal.session)
        await self._catch_up()
        self._journal.along = ""
        await self._journal.emit(Notice(level="info", text="You write this session now."))

    async def _catch_up(self) -> None:
        """Tell of everything that is in the store and not in the view."""
        info = await self._store.info(self._journal.session)
        if info.head != self._journal.bus.view.head:
            await self._tell_path()
        queue = await self._store.queue(info.id)
        if queue != self._inbox.queue:
            self._inbox.queue = queue
            await self._journal.emit(QueueChanged(queue=queue))
        await self._tell_facts(info)

    async def _tell_path(self) -> None:
        journal, view = self._journal, self._journal.bus.view
        path = await self._store.path(journal.session, limit=TAIL)
        if view.head not in [entry.parent for entry in path]:
            path = await self._store.path(journal.session)
        else:
            path = [*view.entries, *path[[entry.parent for entry in path].index(view.head) :]]
        step = moved(view.entries, path)
        if step.kept != view.head:
            await journal.emit(step)
            return
        for entry in step.entries:
            await journal.emit(EntryAppended(entry=entry))

    async def _tell_facts(self, info: SessionInfo) -> None:
        journal, view = self._journal, self._journal.bus.view
        mode = "read" if journal.locked else info.mode
        journal.info = replace(info, mode=mode)
        if (info.title, mode) != (view.title, view.mode):
            await journal.emit(SessionChanged(title=info.title, mode=mode))
        if agents := await self._store.agents(info.id):
            from ion_core.sessions.family import with_agents  # start-up: few sessions have any

            info = with_agents(info, agents)
        spent = info.usage, info.cost_nano, info.cost_known
        if spent != (view.usage, view.cost_nano, view.cost_known):
            usage, cost_nano, known = spent
            await journal.emit(SessionChanged(usage=usage, cost_nano=cost_nano, cost_known=known))
