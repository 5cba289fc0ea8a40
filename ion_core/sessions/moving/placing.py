"""Entries from elsewhere, put into the tree of a session many at a time.

The columns are those that the session's own commits write. What is already here, by its external
id, stays as it is: placing the same entries again adds nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from ion_core.sessions.moving.lines import native
from ion_core.sessions.moving.packed import VALUES, Packed
from ion_core.sessions.rows import one
from ion_core.sessions.tree import Node

_REMEMBERED = 20_000
"""Nodes that are kept at hand; older ones are asked for again."""
_VALUES = 32_000
"""Values of one statement, of which SQLite allows 32,766. The trigger that fills the full-text
index writes what it gathered at the end of each statement: row by row that is four times as much
work; and only within a statement does the thread that packs get on."""
_SIZES = 16
"""Different sizes that large statements have: the connection keeps each that it has understood."""

_PLACE = ("id", "parent_id", "ext_uuid", "session_id", "depth", "jump_id", "turn", "ts_ms")
_COLUMNS = (*_PLACE, *VALUES)
_ENTRY = f"INSERT INTO entry({', '.join(_COLUMNS)}) VALUES"
_TEXT = "INSERT INTO entry_text(id, session_id, kind, body) VALUES"

T = TypeVar("T")


class Foreign(NamedTuple):
    """An entry that may be new: its place in the file, its ids, its time and what it says."""

    line: int
    id: str
    parent: str | None
    at_ms: int
    packed: Packed


class Placing:
    """Where the entries of one import go. In each transaction, on the writer's thread:
    :meth:`begin`, then :meth:`place` for each entry, then :meth:`write`."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.added = self.asked = 0
        self.last: int | None = None
        self.has_own = True
        """Whether entries may be here that no import brought."""
        self._next = 1
        self._rows: dict[str, int] = {}
        self._absent: set[str] = set()
        self._nodes: dict[int, Node] = {}
        self._waiting: list[tuple[Foreign, tuple[Any, ...]]] = []
        self._texts: list[tuple[int, str, str, str]] = []

    def begin(self, db: sqlite3.Connection, entries: Iterable[str] = ()) -> None:
        """Look which number is free and which of ``entries`` are here, and forget what is not
        needed at hand."""
        self._next = db.execute("SELECT coalesce(max(id), 0) + 1 FROM entry").fetchone()[0]
        if len(self._rows) > _REMEMBERED:
            self._rows.clear()
        if len(self._nodes) > _REMEMBERED:
            self._nodes.clear()
        self._look(db, [ext for ext in entries if ext not in self._rows])

    def _look(self, db: sqlite3.Connection, entries: Sequence[str]) -> None:
        """Many questions of :meth:`row` in few statements."""
        for some in _cut(entries, _VALUES):
            marks = ", ".join("?" * len(some))
            sql = f"SELECT ext_uuid, id FROM entry WHERE ext_uuid IN ({marks}) AND +session_id = ?"
            self._rows.update(db.execute(sql, (*some, self.session)))
        self._absent = {ext for ext in entries if ext not in self._rows}

    def place(self, db: sqlite3.Connection, entry: Foreign) -> str:
        """Add one entry unless it is here; what was wrong with its place, "" for nothing.

        One whose parent is nowhere follows the entry before it.
        """
        if (row := self.row(db, entry.id)) is not None:
            self.last = row
            return ""
        parent = None if entry.parent is None else self.row(db, entry.parent)
        lost = entry.parent is not None and parent is None
        if lost:
            parent = self.last
        self._put(db, entry, None if parent is None else self._node(db, parent))
        return "its parent is not here; it follows the entry before it" if lost else ""

    def write(self, db: sqlite3.Connection) -> list[tuple[int, str]]:
        """Write what was placed; the lines that the store refused, and why. What follows such an
        entry stays, without it."""
        waiting, texts = self._waiting, self._texts
        self._waiting, self._texts = [], []
        db.execute("SAVEPOINT together")
        refused = []
        try:
            insert_many(db, _ENTRY, [values for _, values in waiting])
        except (sqlite3.IntegrityError, OverflowError):
            db.execute("ROLLBACK TO together")
            refused = self._one_by_one(db, waiting)
        db.execute("RELEASE together")
        gone = {row for _, row, _ in refused}
        insert_many(db, _TEXT, [text for text in texts if text[0] not in gone])
        return [(line, why) for line, _, why in refused]

    def row(self, db: sqlite3.Connection, ext: str) -> int | None:
        """The number of the entry with an external id, if it is in this session."""
        found = self._rows.get(ext)
        if found is None and (self.has_own or ext not in self._absent):
            return self._known(db, ext)
        return found

    def _known(self, db: sqlite3.Connection, ext: str) -> int | None:
        """An entry that came with this id, or that is this session's own."""
        place = None
        if ext not in self._absent:
            sql = "SELECT id FROM entry WHERE ext_uuid = ? AND session_id = ?"
            place = one(db, sql, ext, self.session)
        own = native(ext) if place is None and self.has_own else None
        if own is not None and own[0] == self.session:
            sql = (
                "SELECT id FROM entry "
                "WHERE id = ? AND session_id = ? AND ts_ms = ? AND ext_uuid IS NULL"
            )
            place = one(db, sql, own[1], self.session, own[2])
        return None if place is None else place[0]

    def _put(self, db: sqlite3.Connection, entry: Foreign, parent: Node | None) -> None:
        row, self._next = self._next, self._next + 1
        packed = entry.packed
        above, depth, jump, turn = None, 0, None, int(packed.asked)
        if parent is not None:
            jump = self._jump(db, parent)
            above, depth, turn = parent.row, parent.depth + 1, parent.turn + turn
        node = Node(row, depth, row if jump is None else jump, turn)
        place = (row, above, entry.id, self.session, depth, jump, turn, entry.at_ms)
        self._waiting.append((entry, place + packed.values))
        if packed.text:
            self._texts.append((row, self.session, packed.kind, packed.text))
        self._rows[entry.id], self._nodes[row] = row, node
        self.added, self.asked, self.last = self.added + 1, self.asked + packed.asked, row

    def _one_by_one(
        self, db: sqlite3.Connection, waiting: Sequence[tuple[Foreign, tuple[Any, ...]]]
    ) -> list[tuple[int, int, str]]:
        """The line, the number and the reason of each that is refused."""
        refused: list[tuple[int, int, str]] = []
        instead: dict[int, int | None] = {}
        for entry, (row, above, ext, *others) in waiting:
            parent = instead.get(above, above)
            try:
                insert_many(db, _ENTRY, [(row, parent, ext, *others)])
            except (sqlite3.IntegrityError, OverflowError) as error:
                refused.append((entry.line, row, _why(error)))
                instead[row] = parent
                self.added -= 1
                self.asked -= entry.packed.asked
                self._forget(ext, row, parent)
        return refused

    def _forget(self, ext: str, row: int, parent: int | None) -> None:
        self._nodes.pop(row, None)
        self._rows.pop(ext, None)
        if parent is not None:
            self._rows[ext] = parent
        if self.last == row:
            self.last = parent

    def _jump(self, db: sqlite3.Connection, parent: Node) -> int:
        nodes = self._nodes
        near = nodes.get(parent.jump) or self._node(db, parent.jump)
        far = nodes.get(near.jump) or self._node(db, near.jump)
        return far.row if parent.depth - near.depth == near.depth - far.depth else parent.row

    def _node(self, db: sqlite3.Connection, row: int) -> Node:
        node = self._nodes.get(row)
        if node is None:
            sql = "SELECT depth, coalesce(jump_id, id), turn FROM entry WHERE id = ?"
            depth, jump, turn = db.execute(sql, (row,)).fetchone()
            node = self._nodes[row] = Node(row, depth, jump, turn)
        return node


def insert_many(db: sqlite3.Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows behind an INSERT that ends in VALUES, in as few statements as there can be."""
    for some in _cut(rows, _VALUES // len(rows[0]) if rows else 1):
        marks = f"({', '.join('?' * len(some[0]))})"
        db.execute(sql + ", ".join([marks] * len(some)), list(chain.from_iterable(some)))


def _cut(rows: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """All of them, ``most`` at a time; of the last ones a round number, then the few others."""
    step, at = max(1, most // _SIZES), 0
    while left := len(rows) - at:
        size = min(most, left if left < step else left - left % step)
        yield rows[at : at + size]
        at += size


def _why(error: Exception) -> str:
    if isinstance(error, OverflowError):
        return "a number in it is too large"
    if "ext_uuid" in str(error):
        return "another session has this entry; it is left out"
    return "the same call is answered twice; this answer is left out"
