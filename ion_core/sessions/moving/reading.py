"""What of a session leaves the store, asked page by page on the writer's thread.

A page is short, so that whoever else writes does not wait. Entries are asked for up to the last
that there was at the beginning: what is appended meanwhile belongs to the next export.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import AsyncIterator, Sequence
from functools import partial

from ion_core.ids import SessionId
from ion_core.sessions.moving import questions
from ion_core.sessions.moving.lines import Exported, Header, Node, UsageLine, external
from ion_core.sessions.rows import ZLIB
from ion_core.sessions.sqlite import SqliteStore

PAGE = 400
"""Rows of a page: a few milliseconds."""

_ENTRY = (
    "SELECT e.id, e.parent_id, e.ext_uuid, p.ext_uuid, p.ts_ms, e.ts_ms, e.codec, e.payload "
    "FROM entry e LEFT JOIN entry p ON p.id = e.parent_id WHERE e.session_id = ? "
)


class Departure:
    """One session of a store, to be read whole: :meth:`header` first."""

    def __init__(self, store: SqliteStore, session: SessionId) -> None:
        self._store, self.session = store, session
        self._last = 0

    async def header(self) -> Header:
        """The session without its entries. Raises ``SessionNotFound``."""
        header, self._last = await self._store.ask(partial(questions.header, session=self.session))
        return header

    async def entries(self) -> AsyncIterator[list[Exported]]:
        """Every entry of every branch in pages, parents before children."""
        after = 0
        while page := await self._store.ask(partial(self._page, after=after)):
            yield page
            after = page[-1].row

    async def usage(self) -> AsyncIterator[list[UsageLine]]:
        """What was paid for, in pages, in order."""
        after = 0
        while rows := await self._store.ask(
            partial(questions.usage, session=self.session, after=after)
        ):
            yield [line for _, line in rows]
            after = rows[-1][0]

    async def skeleton(self) -> list[Node]:
        """The tree, oldest entry first."""
        return await self._store.ask(self._nodes)

    async def chosen(self, rows: Sequence[int]) -> AsyncIterator[list[Exported]]:
        """The entries of these numbers in pages, in order of their numbers."""
        for start in range(0, len(rows), PAGE):
            yield await self._store.ask(partial(self._these, rows=rows[start : start + PAGE]))

    async def costs(self) -> dict[int, int | None]:
        """What each entry that was paid for cost, in nano-dollars; None is unknown."""
        return await self._store.ask(partial(questions.costs, session=self.session))

    async def head(self) -> int | None:
        """The number of the entry that the active branch ends at."""
        return await self._store.ask(partial(questions.head, session=self.session))

    def _page(self, db: sqlite3.Connection, after: int) -> list[Exported]:
        rows = db.execute(
            _ENTRY + "AND e.id > ? AND e.id <= ? ORDER BY e.id LIMIT ?",
            (self.session, after, self._last, PAGE),
        )
        return [self._exported(*row) for row in rows]

    def _these(self, db: sqlite3.Connection, rows: Sequence[int]) -> list[Exported]:
        marks = ", ".join("?" * len(rows))
        found = db.execute(_ENTRY + f"AND e.id IN ({marks}) ORDER BY e.id", (self.session, *rows))
        return [self._exported(*row) for row in found]

    def _nodes(self, db: sqlite3.Connection) -> list[Node]:
        rows = db.execute(
            "SELECT id, parent_id, role = 'user' FROM entry "
            "WHERE session_id = ? AND id <= ? ORDER BY id",
            (self.session, self._last),
        )
        return [Node(row=row, parent=parent, asked=bool(asked)) for row, parent, asked in rows]

    def _exported(
        self,
        row: int,
        parent: int | None,
        ext: str | None,
        parent_ext: str | None,
        parent_ms: int,
        at_ms: int,
        codec: int,
        payload: bytes,
    ) -> Exported:
        return Exported(
            row=row,
            parent_row=parent,
            id=external(self.session, row, at_ms, ext),
            parent=None
            if parent is None
            else external(self.session, parent, parent_ms, parent_ext),
            at=at_ms / 1000,
            body=zlib.decompress(payload) if codec == ZLIB else payload,
        )
