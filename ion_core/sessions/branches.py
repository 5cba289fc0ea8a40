"""The branches of one session as rows: which is active, and how each is named.

No tip is ever without a name. A branch that began where it still ends and was never named by a
person may be moved; any other is left as it is, and another one begins.
"""

from __future__ import annotations

import re
import sqlite3

from ion_core.errors import SessionNotFound, StoreError
from ion_core.ids import SessionId, entry_id
from ion_core.sessions.rows import insert, one, storable
from ion_core.trees import Branch

_NUMBERED = re.compile(r"(.*)~\d+", re.DOTALL)
LONGEST_NAME = 100


class Branches:
    """Inside one transaction. Raises ``SessionNotFound`` when there is no such session."""

    def __init__(self, db: sqlite3.Connection, session: SessionId) -> None:
        self._db, self._session = db, session
        found = one(
            db,
            "SELECT b.id, b.name, b.leaf_id, b.base_id FROM session s "
            "JOIN branch b ON b.id = s.active_branch_id WHERE s.id = ?",
            session,
        )
        if found is None:
            raise SessionNotFound(f"There is no session {session}.")
        self._use(found)

    def _use(self, found: tuple[int, str, int | None, int | None]) -> None:
        self._row, self._name, self.tip, self._base = found

    def grow(self, tip: int | None, at_ms: int) -> None:
        """The active branch ends at another row from now on."""
        if tip != self.tip:
            self._db.execute(
                "UPDATE branch SET leaf_id = ?, rev = rev + 1, updated_ms = ? WHERE id = ?",
                (tip, at_ms, self._row),
            )
            self.tip = tip

    def go_to(self, tip: int | None, at_ms: int) -> None:
        """Be on a branch that ends at ``tip``."""
        if tip == self.tip:
            return
        if (there := self._ending_at(tip)) is not None:
            self._activate(there)
        elif self.tip == self._base and _NUMBERED.fullmatch(self._name):
            self._db.execute("UPDATE branch SET base_id = ? WHERE id = ?", (tip, self._row))
            self._base = tip
            self.grow(tip, at_ms)
        else:
            self._begin(tip, at_ms)

    def switch(self, name: str) -> None:
        """Be on the branch of that name. Raises ``StoreError``."""
        self._activate(self._named(name))

    def rename(self, old: str, new: str) -> None:
        """Another name for a branch, the active one for an empty ``old``. Raises ``StoreError``."""
        row = self._named(old)[0] if old else self._row
        new = " ".join(storable(new).split())
        if not new or len(new) > LONGEST_NAME:
            raise StoreError(f"A branch needs a name of 1 to {LONGEST_NAME} characters.")
        taken = one(
            self._db,
            "SELECT id FROM branch WHERE session_id = ? AND name = ?",
            self._session,
            new,
        )
        if taken is not None and taken[0] != row:
            raise StoreError(f"There is already a branch {new} in this session.")
        self._db.execute("UPDATE branch SET name = ? WHERE id = ?", (new, row))
        self._name = new if row == self._row else self._name

    def _ending_at(self, tip: int | None) -> tuple[int, str, int | None, int | None] | None:
        return one(
            self._db,
            "SELECT id, name, leaf_id, base_id FROM branch WHERE session_id = ? AND leaf_id IS ? "
            "ORDER BY updated_ms DESC, id DESC LIMIT 1",
            self._session,
            tip,
        )

    def _named(self, name: str) -> tuple[int, str, int | None, int | None]:
        found = one(
            self._db,
            "SELECT id, name, leaf_id, base_id FROM branch WHERE session_id = ? AND name = ?",
            self._session,
            storable(name),
        )
        if found is None:
            known = ", ".join(branch.name for branch in branches(self._db, self._session))
            raise StoreError(f"This session has no branch {name}. There are: {known}.")
        return found

    def _activate(self, found: tuple[int, str, int | None, int | None]) -> None:
        self._db.execute(
            "UPDATE session SET active_branch_id = ? WHERE id = ?", (found[0], self._session)
        )
        self._use(found)

    def _begin(self, tip: int | None, at_ms: int) -> None:
        name = self._free_name()
        row = insert(
            self._db,
            "branch",
            session_id=self._session,
            name=name,
            leaf_id=tip,
            base_id=tip,
            created_ms=at_ms,
            updated_ms=at_ms,
        )
        self._activate((row, name, tip, tip))

    def _free_name(self) -> str:
        """``main~2``, ``main~3``… after ``main``."""
        numbered = _NUMBERED.fullmatch(self._name)
        stem = numbered[1] if numbered else self._name
        taken = {branch.name for branch in branches(self._db, self._session)}
        return next(name for n in range(2, len(taken) + 3) if (name := f"{stem}~{n}") not in taken)


def branches(db: sqlite3.Connection, session: SessionId) -> tuple[Branch, ...]:
    """The branches of a session, in the order in which they were made."""
    rows = db.execute(
        "SELECT b.name, b.leaf_id, b.base_id, b.rev, b.updated_ms, b.id = s.active_branch_id "
        "FROM branch b JOIN session s ON s.id = b.session_id WHERE s.id = ? ORDER BY b.id",
        (session,),
    )
    return tuple(
        Branch(
            name=name,
            tip=None if tip is None else entry_id(tip),
            base=None if base is None else entry_id(base),
            revision=revision,
            moved_at=at_ms / 1000,
            active=bool(active),
        )
        for name, tip, base, revision, at_ms, active in rows
    )
