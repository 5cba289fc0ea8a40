"""Keeping the store in order: archive, trash, delete for good, and clear away what is left over.

One object says what it would do and does it, so that ``--dry-run`` and the real thing cannot
disagree. It works in pieces: nobody's commit waits for long, and the event loop never.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec import Struct

from ion_core import private
from ion_core.errors import StoreError
from ion_core.ids import Clock, SessionId
from ion_core.sessions import kept_files, leftovers, retention
from ion_core.sessions.kept_files import Excess
from ion_core.sessions.leftovers import FRESH_DAYS, UNNAMED_DAYS, Leftover
from ion_core.sessions.purging import begin_purge, purge_piece
from ion_core.sessions.retention import Due, Named, Rules
from ion_core.sessions.schema import VERSION
from ion_core.sessions.sqlite import SqliteStore

MEGABYTE = 2**20
LARGEST = 10
"""Sessions that a report on too large a store names."""
SHRINK_ABOVE = 8 * MEGABYTE, 0.25
"""Bytes and share of a database that are free before it is written anew without them."""
DAY_S = 86_400.0
PIECE = 200
"""Kept files that are forgotten in one transaction."""


class Report(Struct, frozen=True, kw_only=True):
    """What is to be done, or was. ``size_bytes`` is what sessions and pictures take, afterwards;
    ``largest`` is told when that is more than ``limit_bytes`` (0: no limit). ``unkept`` are files
    as they were that are kept no longer."""

    due: Due = Due()
    unkept: Excess = Excess()
    files: tuple[Leftover, ...] = ()
    freed_bytes: int = 0
    size_bytes: int = 0
    limit_bytes: int = 0
    largest: tuple[Named, ...] = ()


class Upkeep:
    """``home`` is ion's own folder; ``rules`` are what the person set; ``held`` are sessions that
    are open here."""

    def __init__(
        self,
        store: SqliteStore,
        home: Path,
        rules: Rules,
        clock: Clock,
        held: Collection[SessionId] = (),
    ) -> None:
        self._store, self._home, self._rules, self._clock = store, home, rules, clock
        self._held = held

    async def plan(self) -> Report:
        """What would be done now; nothing is changed. Raises ``StoreError``."""
        before = await asyncio.to_thread(self._size)
        early = self._limit > 0 and before > self._limit
        due = await self._store.ask(
            lambda db: retention.due(db, self._rules, self._now_ms, self._held, early)
        )
        unkept = await self._excess()
        files = await self._files(gone={each.id for each in due.purge}, unkept=unkept)
        gone = sum(each.size_bytes for each in due.purge)
        freed = gone + sum(each.size_bytes for each in files)
        return await self._report(due, tuple(files), freed, max(0, before - freed), unkept)

    async def carry_out(self, plan: Report, *, shrink: bool = False) -> Report:
        """Do it, and say what was done. ``shrink`` gives the space in the database back to the
        disk, for which other commits wait. Raises ``StoreError``."""
        before, due = await asyncio.to_thread(self._all_bytes), plan.due
        await self._in_turn(retention.archive, due.archive)
        await self._in_turn(partial(retention.trash, now_ms=self._now_ms), due.trash)
        purged = tuple([each for each in due.purge if await self._purge(each.id)])
        digests = plan.unkept.digests
        for first in range(0, len(digests), PIECE):
            some = digests[first : first + PIECE]
            await self._store.change(partial(kept_files.forget, digests=some))
        fresh = self._clock() - FRESH_DAYS * DAY_S
        files = await self._files(gone=set(), unkept=plan.unkept)
        removed = [each for each in files if await asyncio.to_thread(leftovers.remove, each, fresh)]
        await self._tidy(shrink)
        after = await asyncio.to_thread(self._all_bytes)
        done = Due(archive=due.archive, trash=due.trash, purge=purged)
        size = await asyncio.to_thread(self._size)
        return await self._report(done, tuple(removed), max(0, before - after), size, plan.unkept)

    async def once_a_day(self) -> str:
        """Do what is due, unless it was done within the last day; what to tell a person of it, if
        anything. Raises ``StoreError``."""
        if not await self._store.ask(self._is_own) or not await asyncio.to_thread(self._is_time):
            return ""
        return told(await self.carry_out(await self.plan()))

    async def _purge(self, session: SessionId) -> bool:
        if not await self._store.change(lambda db: begin_purge(db, session)):
            return False
        more = True
        while more:
            more = await self._store.change(lambda db: purge_piece(db, session))
        return True

    async def _in_turn(
        self, act: Callable[[sqlite3.Connection, Sequence[SessionId]], None], due: Sequence[Named]
    ) -> None:
        if due:
            await self._store.change(lambda db: act(db, [each.id for each in due]))

    async def _excess(self) -> Excess:
        """What is kept of files beyond what the person wants."""
        limit = self._rules.checkpoints_mb * MEGABYTE
        if not limit or not await self._store.ask(self._knows_all):
            return Excess()
        digests = await self._store.ask(kept_files.newest)
        return await asyncio.to_thread(kept_files.excess, self._home, digests, limit)

    async def _files(self, gone: set[SessionId], unkept: Excess) -> list[Leftover]:
        """What belongs to nothing; of what a database elsewhere may name, only logs and copies."""
        knows = await self._store.ask(self._knows_all)
        sessions = await self._store.ask(retention.known) - gone if knows else None
        found = await asyncio.to_thread(leftovers.leftovers, self._home, sessions, self._clock())
        return found + (await self._forgotten(unkept.names) if knows else [])

    async def _forgotten(self, unkept: set[str]) -> list[Leftover]:
        """The pictures that nothing names, and of files as they were ``unkept`` and what nothing
        names. Nothing is asked when there are none at all."""
        days = FRESH_DAYS if unkept else UNNAMED_DAYS
        files = await asyncio.to_thread(leftovers.pictures, self._home, self._clock(), days)
        if not files:
            return []
        named, row = await self._store.ask(leftovers.kept_for_files) - unkept, -1
        while row:
            some, row = await self._store.ask(partial(leftovers.named, after=max(0, row)))
            named |= some
        forgotten = [each for each in files if each.name not in named]
        return [Leftover(path=each, size_bytes=leftovers.size(each)) for each in forgotten]

    async def _tidy(self, shrink: bool) -> None:
        """Write the log back, and give free space to the disk. Another program's reading may
        forbid either; there is another day."""
        with suppress(StoreError):
            if shrink and await self._store.ask(_is_roomy):
                await self._store.ask(lambda db: db.execute("VACUUM").close())
            how = "TRUNCATE" if shrink else "PASSIVE"
            await self._store.ask(lambda db: db.execute(f"PRAGMA wal_checkpoint({how})").fetchall())

    async def _report(
        self,
        due: Due,
        files: tuple[Leftover, ...],
        freed: int,
        size_bytes: int,
        unkept: Excess,
    ) -> Report:
        largest: tuple[Named, ...] = ()
        if self._limit and size_bytes > self._limit:
            largest = await self._store.ask(lambda db: retention.largest(db, LARGEST))
        return Report(
            due=due,
            unkept=unkept,
            files=files,
            freed_bytes=freed,
            size_bytes=size_bytes,
            limit_bytes=self._limit,
            largest=largest,
        )

    def _size(self) -> int:
        """What the limit is for: the database with its log, and the pictures."""
        names = ("sessions.db", "sessions.db-wal", "blobs")
        return sum(leftovers.size(self._home / name) for name in names)

    def _all_bytes(self) -> int:
        beside = sum(map(leftovers.size, self._home.glob("*sessions.db.bak-*")))
        folders = (self._home / "cache" / "spill", self._home / "logs")
        return self._size() + beside + sum(map(leftovers.size, folders))

    def _is_time(self) -> bool:
        """Whether a day has gone by; if so, another one begins. Where nothing can be written,
        nothing can be cleared away either."""
        mark, now = self._home / "cache" / "upkeep", self._clock()
        try:
            if mark.exists() and 0 <= now - float(mark.read_text() or 0) < DAY_S:
                return False
        except ValueError:
            pass
        except OSError:
            return False
        with suppress(OSError), private.file(mark) as file:
            file.write(str(now).encode())
            return True
        return False

    def _is_own(self, db: sqlite3.Connection) -> bool:
        """Whether this is the home's own store: neither one in memory that stands in for it, nor
        one of a newer ion, which is only looked at."""
        file = db.execute("PRAGMA database_list").fetchone()[2]
        if not file or Path(file).resolve() != (self._home / "sessions.db").resolve():
            return False
        return bool(db.execute("PRAGMA user_version").fetchone()[0] == VERSION)

    def _knows_all(self, db: sqlite3.Connection) -> bool:
        """Whether no other sessions of this home lie in a damaged file that was set aside."""
        return self._is_own(db) and not any(self._home.glob("sessions.db.broken-*"))

    @property
    def _limit(self) -> int:
        return self._rules.max_size_mb * MEGABYTE

    @property
    def _now_ms(self) -> int:
        return round(self._clock() * 1000)


def told(report: Report) -> str:
    """What a person should know of what was done by itself: that sessions left the list."""
    archived, trashed = len(report.due.archive), len(report.due.trash)
    said = []
    if archived:
        were = "session was" if archived == 1 else "sessions were"
        said.append(f"{archived} {were} archived, not having been used for long.")
    if trashed:
        went = "session" if trashed == 1 else "sessions"
        said.append(f"{trashed} archived {went} went to the trash, as the settings say.")
    return " ".join(said)


def _is_roomy(db: sqlite3.Connection) -> bool:
    free, pages, page = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("freelist_count", "page_count", "page_size")
    )
    return free * page > SHRINK_ABOVE[0] and free > pages * SHRINK_ABOVE[1]
