"""The tree of one session as a commit sees it: a head that grows or moves, and stays in its tree.

A node knows its depth and a skip pointer, so that any ancestor is O(log n) steps away.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from ion_core.codec import legible
from ion_core.entries import Body, Entry
from ion_core.errors import SessionNotFound, StoreError
from ion_core.ids import EntryId, SessionId, entry_id, entry_row
from ion_core.messages import Message
from ion_core.sessions.rows import columns, insert, one, pack
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
        branch = one(
            db,
            "SELECT b.id, b.leaf_id FROM session s JOIN branch b ON b.id = s.active_branch_id "
            "WHERE s.id = ?",
            session,
        )
        if branch is None:
            raise SessionNotFound(f"There is no session {session}.")
        self._branch: int = branch[0]
        self._head = self._leaf = None if branch[1] is None else self._node(branch[1])

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

    def move(self, to: EntryId | None) -> None:
        """Another head. Raises ``StoreError`` for an entry of another session, or of none."""
        self._head = None if to is None else self._node(row_of(self._db, self._session, to))

    def save(self, at_ms: int) -> None:
        """Leave the branch at the head."""
        if self._head != self._leaf:
            self._db.execute(
                "UPDATE branch SET leaf_id = ?, rev = rev + 1, updated_ms = ? WHERE id = ?",
                (self._head.row if self._head else None, at_ms, self._branch),
            )

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
            **columns(body),
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
