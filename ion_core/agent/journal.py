"""The one way to change a session: commit, then tell.

What :meth:`Journal.record` returned from is durable; only then is it announced. A session that
nobody has prompted yet has no row: its first record creates it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from ion_core.agent.whole import wholly
from ion_core.bus import Bus
from ion_core.entries import Entry
from ion_core.errors import SessionBusy
from ion_core.events import EntryAppended, Event
from ion_core.ids import SessionId
from ion_core.sessions.base import Change, SessionInfo, SessionStore, Write
from ion_core.sessions.pieces import Pieces

T = TypeVar("T")
WHAT_TO_DO = "Wait until it is closed there, or open it in the app and take it over."


class Journal:
    """Writes one session's rows and emits one session's events. ``locked`` says why its mode stays
    what it is; empty when it may change. ``along`` says who writes the session instead; empty
    while this does. ``on_lost`` is called when another one has taken it over."""

    def __init__(
        self,
        info: SessionInfo,
        store: SessionStore,
        bus: Bus,
        *,
        created: bool,
        locked: str = "",
        along: str = "",
    ) -> None:
        self.info, self._store, self.bus, self.created = info, store, bus, created
        self.locked, self.along = locked, along
        self.on_lost: Callable[[], None] = lambda: None

    @property
    def session(self) -> SessionId:
        return self.info.id

    async def record(self, *writes: Write) -> tuple[Entry, ...]:
        """Commit all of it in one transaction, then announce the entries. Raises ``StoreError``.

        A cancellation waits until both are done.
        """
        return await wholly(self._record(writes))

    async def _record(self, writes: tuple[Write, ...]) -> tuple[Entry, ...]:
        entries = await self._write(writes)
        for entry in entries:
            await self.bus.emit(EntryAppended(entry=entry))
        return entries

    async def change(self, change: Change) -> None:
        """New fields of the session itself; kept in memory until the session has a row."""
        if self.created:
            await self._write((change,))
        self.info = replace(
            self.info,
            title=self.info.title if change.title is None else change.title,
            title_source=change.title_source or self.info.title_source,
            model=change.model or self.info.model,
            mode=change.mode or self.info.mode,
        )

    async def keep(self, pieces: Pieces) -> None:
        """Keep more of the running answer; see ``SessionStore.keep_partial``."""
        self.check()
        await self._guarded(self._store.keep_partial(self.session, pieces))

    async def forget(self) -> None:
        """What was kept of the running answer was discarded."""
        self.check()
        await self._store.forget_partial(self.session)

    async def refresh(self) -> SessionInfo:
        """Read the session's own row again."""
        if self.created:
            self.info = await self._store.info(self.session)
        return self.info

    async def emit(self, event: Event) -> None:
        """Tell; nothing is written."""
        await self.bus.emit(event)

    def check(self) -> None:
        """Raises ``SessionBusy`` when another one writes the session, and what the store says when
        nobody here can."""
        if self._store.refusal is not None:
            raise self._store.refusal
        if self.along:
            raise SessionBusy(f"{self.along} {WHAT_TO_DO}")

    def lose(self) -> None:
        """Another one writes the session: this one reads along from now on."""
        self.along = self.along or "Another ion writes this session."
        self.on_lost()

    async def _write(self, writes: tuple[Write, ...]) -> tuple[Entry, ...]:
        self.check()
        if self.created:
            return await self._guarded(self._store.commit(self.session, *writes))
        entries = await self._store.create(self.info, writes, hold=True)
        self.created = True
        return entries

    async def _guarded(self, commit: Awaitable[T]) -> T:
        """A write that another one's lease may forbid: then this one reads along from now on."""
        try:
            return await commit
        except SessionBusy:
            self.lose()
            raise
