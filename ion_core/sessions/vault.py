"""Where the sessions are kept, whatever became of the file: ion starts in every case, and says it.

A database of a newer ion is opened for reading alone; of a damaged one what can be read is saved;
where nothing can be written, the sessions are kept in memory alone for those who were asked to
start anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from ion_core.errors import StoreCorrupt, StoreError, StoreTooNew
from ion_core.ids import Clock
from ion_core.sessions.sqlite import SqliteStore
from ion_core.sessions.writer import damage_mark

T = TypeVar("T")


class Vault:
    """``path`` is the file; with ``keep`` off there is none. ``stands_in``: a store in memory takes
    over where the file cannot be written. ``news`` are sentences for people, once it is open."""

    def __init__(
        self, path: Path, clock: Clock, *, keep: bool = True, stands_in: bool = False
    ) -> None:
        self._path, self._clock, self._keep, self._stands_in = path, clock, keep, stands_in
        self.news: list[str] = []

    async def open(self) -> SqliteStore:
        """The store. Raises ``StoreError`` with a sentence that says what helps."""
        if not self._keep:
            return await SqliteStore.memory(clock=self._clock)
        try:
            return await self._file()
        except StoreTooNew as newer:
            return await self._look(newer)
        except StoreCorrupt:
            raise
        except StoreError as error:
            if not self._stands_in:
                raise
            self.news.append(f"{error} This time nothing of what you do here is kept.")
            return await SqliteStore.memory(clock=self._clock)

    async def whole(self, store: SqliteStore, ask: Callable[[], Awaitable[T]]) -> T:
        """What ``ask`` says, after mending the file if it was found damaged on the way. Nothing
        else may be asked of the store meanwhile."""
        try:
            return await ask()
        except StoreCorrupt:
            if not self._keep:
                raise
            self.news += await store.renew(self._mend)
            return await ask()

    async def _file(self) -> SqliteStore:
        if damage_mark(self._path).exists():
            self.news += await asyncio.to_thread(self._mend)
        try:
            return await SqliteStore.open(self._path, clock=self._clock)
        except StoreCorrupt as error:
            if error.__cause__ is None:  # it is another program's
                raise
            self.news += await asyncio.to_thread(self._mend)
            return await SqliteStore.open(self._path, clock=self._clock)

    async def _look(self, newer: StoreTooNew) -> SqliteStore:
        try:
            store = await SqliteStore.look(self._path, newer, clock=self._clock)
        except StoreError:
            raise newer from None
        try:
            await store.sessions(limit=1)
        except StoreError:
            await store.aclose()
            raise newer from None
        self.news.append(f"{newer} Until then the sessions can be read, and none can go on.")
        return store

    def _mend(self) -> list[str]:
        from ion_core.sessions.mending import mend  # start-up: after damage only

        return mend(self._path)
