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
from ion_core.sessions.moving.packed import COLUMNS, Packed
from ion_core.sessions.rows import one
from ion_core.sessions.tree import Node

_REMEMBERED = 20_000
"""Nodes that are kept at hand; older ones are asked for again."""
_VALUES = 16_000
"""Values of one statement, of which SQLite allows 32,766. The trigger that fills the full-text
index writes what it gathered at the end of each statement: row by row that is four times as much
work; and only within a statement does the thread that packs get on."""

_PLACE = ("id", "parent_id", "ext_uuid", "session_id", "depth", "jump_id", "turn", "ts_ms")
_COLUMNS = (*_PLACE, "codec", "payload", *COLUMNS)
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


class _Waiting(NamedTuple):
    """A row that is to be written: the line it comes from, and the values of ``_COLUMNS``."""

    line: int
    asked: bool
    values: tuple[Any, ...]


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
        self._waiting: list[_Waiting] = []
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
            _insert(db, _ENTRY, [each.values for each in waiting])
        except (sqlite3.IntegrityError, OverflowError):
            db.execute("ROLLBACK TO together")
            refused = self._one_by_one(db, waiting)
        db.execute("RELEASE together")
        gone = {row for _, row, _ in refused}
        _insert(db, _TEXT, [text for text in texts if text[0] not in gone])
        return [(line, why) for line, _, why in refused]

    def row(self, db: sqlite3.Connection, ext: str) -> int | None:
        """The number of the entry with an external id, if it is in this session."""
        found = self._rows.get(ext)
        return self._known(db, ext) if found is None else found

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
        asked, codec, payload, columns, kind, text = entry.packed
        if parent is None:
            jump, node = None, Node(row, 0, row, int(asked))
        else:
            jump = self._jump(db, parent)
            node = Node(row, parent.depth + 1, jump, parent.turn + asked)
        values = (
            *(row, parent and parent.row, entry.id, self.session, node.depth, jump, node.turn),
            *(entry.at_ms, codec, payload, *columns),
        )
        self._waiting.append(_Waiting(entry.line, asked, values))
        if text:
            self._texts.append((row, self.session, kind, text))
        self._rows[entry.id], self._nodes[row] = row, node
        self.added, self.asked, self.last = self.added + 1, self.asked + asked, row

    def _one_by_one(
        self, db: sqlite3.Connection, waiting: Sequence[_Waiting]
    ) -> list[tuple[int, int, str]]:
        """The line, the number and the reason of each that is refused."""
        refused: list[tuple[int, int, str]] = []
        instead: dict[int, int | None] = {}
        for line, asked, (row, above, ext, *others) in waiting:
            parent = instead.get(above, above)
            try:
                _insert(db, _ENTRY, [(row, parent, ext, *others)])
            except (sqlite3.IntegrityError, OverflowError) as error:
                refused.append((line, row, _why(error)))
                instead[row] = parent
                self.added -= 1
                self.asked -= asked
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
        near = self._node(db, parent.jump)
        far = self._node(db, near.jump)
        return far.row if parent.depth - near.depth == near.depth - far.depth else parent.row

    def _node(self, db: sqlite3.Connection, row: int) -> Node:
        node = self._nodes.get(row)
        if node is None:
            sql = "SELECT depth, coalesce(jump_id, id), turn FROM entry WHERE id = ?"
            depth, jump, turn = db.execute(sql, (row,)).fetchone()
            node = self._nodes[row] = Node(row, depth, jump, turn)
        return node


def _insert(db: sqlite3.Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for some in _cut(rows, _VALUES // len(rows[0]) if rows else 1):
        marks = f"({', '.join('?' * len(some[0]))})"
        db.execute(sql + ", ".join([marks] * len(some)), list(chain.from_iterable(some)))


def _cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))


def _why(error: Exception) -> str:
    if isinstance(error, OverflowError):
        return "a number in it is too large"
    if "ext_uuid" in str(error):
        return "another session has this entry; it is left out"
    return "the same call is answered twice; this answer is left out"
