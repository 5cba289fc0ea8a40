"""Entries from elsewhere, put into the tree of a session many at a time.

The columns are those that the session's own commits write. What is already here, by its external
id, stays as it is: placing the same entries again adds nothing.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from ion_core.entries import Body
from ion_core.messages import Message
from ion_core.sessions.moving.lines import native
from ion_core.sessions.rows import columns, one, pack
from ion_core.sessions.tree import Node
from ion_core.sessions.wording import searchable

_REMEMBERED = 20_000
"""Nodes that are kept at hand; older ones are asked for again."""

_COLUMNS = (
    *("id", "session_id", "parent_id", "depth", "jump_id", "turn", "ts_ms", "codec", "payload"),
    *("ext_uuid", "type", "role", "status", "tool", "call_id", "is_error", "provider", "model"),
    *("stop_reason", "latency_ms", "tok_in", "tok_out", "tok_cache_r", "tok_cache_w"),
)
_ENTRY = (
    f"INSERT INTO entry({', '.join(_COLUMNS)}) VALUES({', '.join(f':{name}' for name in _COLUMNS)})"
)
_ABSENT = {**dict.fromkeys(_COLUMNS), "status": "final"}
_TEXT = "INSERT INTO entry_text(id, session_id, kind, body) VALUES(?, ?, ?, ?)"


class Foreign(NamedTuple):
    """An entry that may be new: its place in the file, its ids, its time and what it says."""

    line: int
    id: str
    parent: str | None
    at_ms: int
    body: Body


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
        self._nodes: dict[int, Node] = {}
        self._waiting: list[tuple[int, dict[str, Any]]] = []
        self._texts: list[tuple[int, str, str, str]] = []

    def begin(self, db: sqlite3.Connection) -> None:
        """Look which number is free, and forget what is not needed at hand."""
        self._next = db.execute("SELECT coalesce(max(id), 0) + 1 FROM entry").fetchone()[0]
        if len(self._rows) > _REMEMBERED:
            self._rows.clear()
        if len(self._nodes) > _REMEMBERED:
            self._nodes.clear()

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
            db.executemany(_ENTRY, [values for _, values in waiting])
        except (sqlite3.IntegrityError, OverflowError):
            db.execute("ROLLBACK TO together")
            refused = self._one_by_one(db, waiting)
        db.execute("RELEASE together")
        gone = {row for _, row, _ in refused}
        db.executemany(_TEXT, [text for text in texts if text[0] not in gone])
        return [(line, why) for line, _, why in refused]

    def row(self, db: sqlite3.Connection, ext: str) -> int | None:
        """The number of the entry with an external id, if it is in this session."""
        found = self._rows.get(ext)
        return self._known(db, ext) if found is None else found

    def _known(self, db: sqlite3.Connection, ext: str) -> int | None:
        """An entry that came with this id, or that is this session's own."""
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
        asked = isinstance(entry.body, Message) and entry.body.role == "user"
        row, self._next = self._next, self._next + 1
        codec, payload = pack(entry.body)
        jump = self._jump(db, parent) if parent else None
        node = Node(
            row,
            parent.depth + 1 if parent else 0,
            jump or row,
            (parent.turn if parent else 0) + asked,
        )
        values = {
            **_ABSENT,
            **columns(entry.body),
            "id": row,
            "session_id": self.session,
            "parent_id": parent.row if parent else None,
            "depth": node.depth,
            "jump_id": jump,
            "turn": node.turn,
            "ts_ms": entry.at_ms,
            "codec": codec,
            "payload": payload,
            "ext_uuid": entry.id,
        }
        self._waiting.append((entry.line, values))
        kind, text = searchable(entry.body)
        if text:
            self._texts.append((row, self.session, kind, text))
        self._rows[entry.id], self._nodes[row] = row, node
        self.added, self.asked, self.last = self.added + 1, self.asked + asked, row

    def _one_by_one(
        self, db: sqlite3.Connection, waiting: list[tuple[int, dict[str, Any]]]
    ) -> list[tuple[int, int, str]]:
        """The line, the number and the reason of each that is refused."""
        refused: list[tuple[int, int, str]] = []
        instead: dict[int, int | None] = {}
        for line, values in waiting:
            if values["parent_id"] in instead:
                values["parent_id"] = instead[values["parent_id"]]
            try:
                db.execute(_ENTRY, values)
            except (sqlite3.IntegrityError, OverflowError) as error:
                why = _why(error)
                refused.append((line, values["id"], why))
                instead[values["id"]] = values["parent_id"]
                self.added -= 1
                self.asked -= values["role"] == "user"
                self._forget(values["ext_uuid"], values["id"], values["parent_id"])
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


def _why(error: Exception) -> str:
    if isinstance(error, OverflowError):
        return "a number in it is too large"
    if "ext_uuid" in str(error):
        return "another session has this entry; it is left out"
    return "the same call is answered twice; this answer is left out"
