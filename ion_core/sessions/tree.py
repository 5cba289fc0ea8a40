"""The tree of one session as a commit sees it: a head that grows or moves, and stays in its tree.

A node knows its depth and a skip pointer, so that any ancestor is O(log n) steps away.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from ion_core.codec import legible
from ion_core.entries import Body, Entry
from ion_core.errors import StoreError
from ion_core.ids import EntryId, SessionId, entry_id, entry_row
from ion_core.messages import Message
from ion_core.sessions.branches import Branches
from ion_core.sessions.rows import COLUMNS, columns, insert, one, pack
from ion_core.sessions.wording import searchable


class Node(NamedTuple):
    """What a child must know of its parent.

    ``jump`` is the row of an ancestor, a root's its own. Skips are skew-binary: E. W. Myers, "An
    applicative random-access stack", 1983.
    """

    row: int
    depth: int
    jump: int
    turn: int


class Tree:
    """The active branch of a session, inside one transaction.

    Raises ``SessionNotFound`` when there is no such session.
    """

    def __init__(self, db: sqlite3.Connection, session: SessionId) -> None:
        self._db, self._session = db, session
        self._branches = Branches(db, session)
        self._head = self._tip()

    @property
    def head(self) -> EntryId | None:
        """The entry that the next one will follow."""
        return None if self._head is None else entry_id(self._head.row)

    def _tip(self) -> Node | None:
        tip = self._branches.tip
        return None if tip is None else self._node(tip)

    def append(self, body: Body, at_ms: int) -> Entry:
        """A new entry after the head, which is the head from now on, as it will be read back."""
        parent, body = self._head, legible(body)
        node = self._insert(body, at_ms, parent)
        kind, text = searchable(body)
        if text:
            insert(
                self._db, "entry_text", id=node.row, session_id=self._session, kind=kind, body=text
            )
        self._head = node
        return Entry(
            id=entry_id(node.row),
            parent=entry_id(parent.row) if parent else None,
            at=at_ms / 1000,
            body=body,
        )

    def move(self, to: EntryId | None, at_ms: int) -> None:
        """Another head. Raises ``StoreError`` for an entry of another session, or of none."""
        row = None if to is None else row_of(self._db, self._session, to)
        self.save(at_ms)
        self._branches.go_to(row, at_ms)
        self._head = self._tip()

    def switch(self, name: str, at_ms: int) -> None:
        """The head of another branch. Raises ``StoreError`` when there is none of that name."""
        self.save(at_ms)
        self._branches.switch(name)
        self._head = self._tip()

    def rename(self, old: str, new: str) -> None:
        """Another name for a branch, the active one for an empty ``old``. Raises ``StoreError``."""
        self._branches.rename(old, new)

    def save(self, at_ms: int) -> None:
        """Leave the branch at the head."""
        self._branches.grow(self._head.row if self._head else None, at_ms)

    def _insert(self, body: Body, at_ms: int, parent: Node | None) -> Node:
        asked = isinstance(body, Message) and body.role == "user"
        placed: dict[str, Any] = {
            "parent_id": parent.row if parent else None,
            "depth": parent.depth + 1 if parent else 0,
            "jump_id": self._jump(parent) if parent else None,
            "turn": (parent.turn if parent else 0) + asked,
        }
        codec, payload = pack(body)
        row = insert(
            self._db,
            "entry",
            session_id=self._session,
            ts_ms=at_ms,
            codec=codec,
            payload=payload,
            **placed,
            **dict(zip(COLUMNS, columns(body), strict=True)),
        )
        return Node(row, placed["depth"], placed["jump_id"] or row, placed["turn"])

    def _jump(self, parent: Node) -> int:
        """Where a child of ``parent`` skips to: past two skips of one length, else to it."""
        near = self._node(parent.jump)
        far = self._node(near.jump)
        return far.row if parent.depth - near.depth == near.depth - far.depth else parent.row

    def _node(self, row: int) -> Node:
        sql = "SELECT depth, coalesce(jump_id, id), turn FROM entry WHERE id = ?"
        return Node(row, *self._db.execute(sql, (row,)).fetchone())


def row_of(db: sqlite3.Connection, session: SessionId, entry: EntryId) -> int:
    """The row number of an entry of this session. Raises ``StoreError`` for any other."""
    try:
        row = entry_row(entry)
        if one(db, "SELECT 1 FROM entry WHERE id = ? AND session_id = ?", row, session):
            return row
    except (ValueError, OverflowError):
        pass
    raise StoreError(f"Session {session} has no entry {entry}.")
