"""What of a session leaves the store, asked page by page on the writer's thread.

A page is short, so that whoever else writes does not wait. Entries are asked for up to the last
that there was at the beginning: what is appended meanwhile belongs to the next export.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import AsyncIterator, Sequence
from functools import partial

from msgspec.structs import replace

from ion_core.ids import SessionId
from ion_core.sessions.moving import cut, questions
from ion_core.sessions.moving.cut import Cut
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
    """One session of a store, to be read whole, or the path that ``cut`` chooses: :meth:`header`
    first."""

    def __init__(self, store: SqliteStore, session: SessionId, cut: Cut | None = None) -> None:
        self._store, self.session, self._cut = store, session, cut
        self._last = 0
        self._kept: list[int] | None = None
        self._chosen: frozenset[int] = frozenset()

    async def header(self) -> Header:
        """The session without its entries. Raises ``SessionNotFound``, and like ``cut.rows``."""
        return await self._store.ask(self._header)

    async def entries(self) -> AsyncIterator[list[Exported]]:
        """Every entry of every branch in pages, parents before children."""
        if self._kept is not None:
            async for page in self.chosen(self._kept):
                yield page
            return
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
            yield [line for _, entry, line in rows if self._keeps(entry)]
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

    async def labels(self) -> dict[int, list[str]]:
        """The labels of the entries that have some."""
        return await self._store.ask(partial(questions.labels, session=self.session))

    async def tips(self) -> dict[int, list[str]]:
        """The names of the branches by the entries that they end at."""
        return await self._store.ask(partial(questions.tips, session=self.session))

    async def head(self) -> int | None:
        """The number of the entry that the active branch ends at, or what is chosen of it."""
        if self._kept is not None:
            return self._kept[-1] if self._kept else None
        return await self._store.ask(partial(questions.head, session=self.session))

    def _header(self, db: sqlite3.Connection) -> Header:
        told, self._last = questions.header(db, self.session)
        if self._cut is None:
            return told
        self._kept = cut.rows(db, self.session, self._cut)
        self._chosen = frozenset(self._kept)
        return cut.header(db, told, self._kept, self._cut)

    def _keeps(self, entry: int | None) -> bool:
        return self._kept is None or entry in self._chosen

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
        found = [Node(row=row, parent=parent, asked=bool(asked)) for row, parent, asked in rows]
        if self._kept is None:
            return found
        return [
            node if node.parent in self._chosen else replace(node, parent=None)
            for node in found
            if node.row in self._chosen
        ]

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
