"""The session store on SQLite: one file, one writer thread, one hop for each call.

It opens quickly enough to stand before the first request; what it acknowledged survives
``kill -9``. Several processes may share the file; a transaction of one waits for the other's.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from ion_core.entries import Entry
from ion_core.errors import StoreError
from ion_core.events import Queued
from ion_core.ids import Clock, EntryId, SessionId
from ion_core.messages import Message
from ion_core.sessions import queries
from ion_core.sessions.base import (
    Append,
    Hit,
    OpenedEffect,
    Passage,
    SessionInfo,
    Write,
)
from ion_core.sessions.branches import branches
from ion_core.sessions.lease import Leases
from ion_core.sessions.marks import MoveHead, SwitchBranch
from ion_core.sessions.partial import forget, keep, kept
from ion_core.sessions.pieces import Pieces
from ion_core.sessions.process_facts import Holder
from ion_core.sessions.spending import Spent, spending
from ion_core.sessions.transaction import Transaction, begin
from ion_core.sessions.writer import MEMORY, Writer
from ion_core.trees import Branch, SessionTree

T = TypeVar("T")


class SqliteStore:
    """A ``SessionStore``. Every method raises ``StoreError`` with a sentence for people."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer, self._clock = writer, clock
        self._leases = Leases()
        self._tips: dict[SessionId, EntryId | None] = {}

    @classmethod
    async def open(cls, path: Path, *, clock: Clock = time.time) -> Self:
        """The store in the file ``path``, made with its folder (0600, 0700) when absent.

        Raises ``StoreTooNew`` or ``StoreCorrupt``; such a file is left as it is.
        """
        return cls(await Writer.open(str(path)), clock)

    @classmethod
    async def look(cls, path: Path, refusal: StoreError, *, clock: Clock = time.time) -> Self:
        """The store in a file that may be read and not written: ``refusal`` says why."""
        return cls(await Writer.open(str(path), refusal), clock)

    @classmethod
    async def memory(cls, *, clock: Clock = time.time) -> Self:
        """A store that leaves nothing behind."""
        return cls(await Writer.open(MEMORY), clock)

    @property
    def refusal(self) -> StoreError | None:
        """What every write raises, where the file may be read alone."""
        return self._writer.refusal

    async def create(
        self, info: SessionInfo, writes: Sequence[Write] = (), *, hold: bool = False
    ) -> tuple[Entry, ...]:
        """A new session and its first writes; its counters begin at 0 and its head at None."""

        def story(db: sqlite3.Connection) -> tuple[Holder | int | None, tuple[Entry, ...]]:
            begin(db, info)
            now = self._clock()
            held = self._leases.take(db, info.id, now) if hold else None
            return held, self._do(db, info.id, writes, now)

        held, entries = await self._writer.write(story)
        self._keep(info.id, held)
        return entries

    async def commit(self, session: SessionId, *writes: Write) -> tuple[Entry, ...]:
        """Do all writes in one transaction, in order; the entries that were appended."""
        try:
            return await self._writer.write(lambda db: self._do(db, session, writes, self._clock()))
        except StoreError:
            self._tips.pop(session, None)
            raise

    def _do(
        self, db: sqlite3.Connection, session: SessionId, writes: Sequence[Write], now: float
    ) -> tuple[Entry, ...]:
        self._leases.check(db, session, now)
        transaction = Transaction(db, session, now)
        grows = any(isinstance(write, Append) for write in writes)
        if session in self._tips and grows:
            # Whoever wrote meanwhile has a branch of its own: what is written here goes on from
            # what stands here.
            transaction.do(MoveHead(to=self._tips[session]))
        for write in writes:
            transaction.do(write)
        entries = transaction.finish()
        if grows or any(isinstance(write, MoveHead | SwitchBranch) for write in writes):
            self._tips[session] = transaction.head
        return entries

    async def take(self, session: SessionId, *, over: bool = False) -> Holder | None:
        """Be the only store that writes the session; who does so instead, and is alive."""
        self._leases.give_up(session)
        found = await self._writer.write_soon(
            lambda db: self._leases.take(db, session, self._clock(), over=over)
        )
        return self._keep(session, found)

    def _keep(self, session: SessionId, found: Holder | int | None) -> Holder | None:
        if isinstance(found, int):
            self._leases.hold(session, found)
            return None
        return found

    async def writer(self, session: SessionId) -> Holder | None:
        """The other store that writes the session, if one does and is alive."""
        return await self._writer.read(lambda db: self._leases.holder(db, session, self._clock()))

    async def lost(self, session: SessionId) -> bool:
        """Whether this store took the session, and another one has taken it over since."""
        return self._leases.holds(session) and await self._writer.read(
            partial(self._leases.lost, session=session)
        )

    async def release(self, session: SessionId) -> None:
        """Leave the session to whoever wants to write it."""
        if self._leases.holds(session):
            await self._writer.write_soon(partial(self._leases.release, session=session))

    async def keep_partial(self, session: SessionId, pieces: Pieces) -> None:
        """Add to what is kept of the running answer; a power failure may take it."""

        def story(db: sqlite3.Connection) -> None:
            now = self._clock()
            self._leases.check(db, session, now)
            keep(db, session, pieces, now)

        await self._writer.write_soon(story)

    async def forget_partial(self, session: SessionId) -> None:
        """What was kept of the running answer was discarded."""
        await self._writer.write_soon(partial(forget, session=session))

    async def partial(self, session: SessionId) -> Message | None:
        """What was kept of an answer that never became an entry."""
        return await self._writer.read(partial(kept, session=session))

    async def info(self, session: SessionId) -> SessionInfo:
        """The session, deleted or not, whose id is or begins with ``session``."""
        return await self._writer.read(partial(queries.info, session=session))

    async def path(
        self, session: SessionId, *, head: EntryId | None = None, limit: int = 0
    ) -> list[Entry]:
        """Entries from the root to ``head`` (default: the session's); the last ``limit``."""
        found = await self._writer.read(lambda db: queries.path(db, session, head, limit))
        if head is None:
            self._tips[session] = found[-1].id if found else None
        return found

    async def agents(self, session: SessionId) -> list[SessionInfo]:
        """The sessions of its agents and of theirs, the oldest first."""
        return await self._writer.read(partial(queries.agents, session=session))

    async def branches(self, session: SessionId) -> tuple[Branch, ...]:
        """The branches of a session, in the order in which they were made."""
        return await self._writer.read(partial(branches, session=session))

    async def tree(self, session: SessionId) -> SessionTree:
        """Every entry of a session in outline, and its branches."""
        from ion_core.sessions.outline import outline  # start-up: few runs look at it

        return await self._writer.read(partial(outline, session=session))

    async def fork(
        self, session: SessionId, at: EntryId | None, title: str = "", agent: str = ""
    ) -> SessionInfo:
        """A new session with a copy of the path to an entry; with ``agent`` one of that kind."""
        from ion_core.sessions.forking import fork  # start-up: as above

        made = await self._writer.write(lambda db: fork(db, session, at, title, self._clock, agent))
        return await self.info(made)

    async def queue(self, session: SessionId) -> tuple[Queued, ...]:
        """The messages that wait, oldest first."""
        return await self._writer.read(partial(queries.queue, session=session))

    async def open_effects(self, session: SessionId) -> tuple[OpenedEffect, ...]:
        """Effects whose outcome nobody recorded, oldest first."""
        return await self._writer.read(partial(queries.open_effects, session=session))

    async def sessions(
        self,
        *,
        project: str | None = None,
        limit: int = 0,
        deleted: bool = False,
        archived: bool = False,
    ) -> list[SessionInfo]:
        """Newest first, of one project or of all; the deleted or the archived ones instead."""
        chosen = queries.Shelf(deleted=deleted, archived=archived)
        return await self._writer.read(lambda db: queries.sessions(db, project, limit, chosen))

    async def history(self, project: str, limit: int = 500) -> list[str]:
        """The project's newest prompts, oldest first, repeats left out."""
        return await self._writer.read(lambda db: queries.history(db, project, limit))

    async def search(self, query: str, *, project: str | None = None, limit: int = 20) -> list[Hit]:
        """The entries of a project, or of all, that fit a query best, the best first."""
        from ion_core.sessions.search import search  # start-up: few runs search

        return await self._writer.read(lambda db: search(db, query, self._clock(), project, limit))

    async def comb(self, query: str, *, project: str | None = None, limit: int = 20) -> list[Hit]:
        """Results of tools that hold every word of a query, also where the index does not."""
        from ion_core.sessions.combing import MOST, SLICE, comb, plain_words  # start-up: as above

        words, found, before = plain_words(query), list[Hit](), None
        for _ in range(MOST // SLICE if words else 0):
            look = partial(comb, words=words, project=project, before=before)
            slice_ = await self._writer.read(look)
            found += slice_.hits
            before = slice_.before
            if len(found) >= limit or before is None:
                break
        return found[:limit]

    async def passage(
        self, entry: EntryId, *, project: str | None = None, around: int = 2
    ) -> Passage:
        """An entry of a project, or of any, with up to ``around`` before and after it."""
        from ion_core.sessions.search import passage  # start-up: as above

        return await self._writer.read(lambda db: passage(db, entry, project, around))

    async def spending(self, *, since: float = 0.0) -> list[Spent]:
        """Everything that was paid for since a time, in sums; the latest first."""
        return await self._writer.read(partial(spending, since=since))

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What a question of this room returns: one hop, and nothing is changed."""
        return await self._writer.read(question)

    async def change(self, story: Callable[[sqlite3.Connection], T]) -> T:
        """What a story of this room returns, as one transaction, once it is durable."""
        return await self._writer.write(story)

    async def change_session(
        self, session: SessionId, story: Callable[[sqlite3.Connection], T]
    ) -> T:
        """The same of a story about one session. Raises ``SessionBusy`` with nothing changed when
        another ion writes it."""

        def checked(db: sqlite3.Connection) -> T:
            self._leases.check(db, session, self._clock())
            return story(db)

        return await self._writer.write(checked)

    async def renew(self, mend: Callable[[], T]) -> T:
        """Close the file, let ``mend`` do to it in a thread what needs it closed, and open what is
        there then; what ``mend`` returned."""
        place = self._writer.place
        await self._writer.close()
        try:
            return await asyncio.to_thread(mend)
        finally:
            self._writer = await Writer.open(place)

    async def aclose(self) -> None:
        """Finish what was asked, release what is held, close the file and end the thread."""
        with suppress(StoreError):  # a lease ends with its process anyway
            if self._leases.any:
                await self._writer.write_soon(self._leases.release_all)
        await self._writer.close()
