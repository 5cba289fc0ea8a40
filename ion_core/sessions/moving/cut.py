"""One path of a session instead of all its branches: what ``--branch``, ``--from`` and ``--to`` of
an export choose."""

from __future__ import annotations

import sqlite3

from msgspec import Struct
from msgspec.structs import replace

from ion_core.errors import StoreError
from ion_core.ids import EntryId, SessionId
from ion_core.sessions.moving import questions
from ion_core.sessions.moving.lines import Header, external
from ion_core.sessions.rows import one
from ion_core.sessions.tree import row_of


class Cut(Struct, frozen=True, kw_only=True):
    """The path to the tip of ``branch`` (empty: the active one), from ``first`` on and up to
    ``last``; None is no bound."""

    branch: str = ""
    first: EntryId | None = None
    last: EntryId | None = None


def rows(db: sqlite3.Connection, session: SessionId, cut: Cut) -> list[int]:
    """The entries that are chosen. Raises ``StoreError`` for a branch or entry that is not there,
    or not on the path."""
    last = None if cut.last is None else row_of(db, session, cut.last)
    tip = _tip(db, session, cut.branch) if cut.branch or last is None else last
    path = [] if tip is None else questions.path(db, tip)
    if last is not None and last not in path:
        raise StoreError(f"{cut.last} is not on the branch {cut.branch}.")
    path = path if last is None else path[: path.index(last) + 1]
    if cut.first is None:
        return path
    first = row_of(db, session, cut.first)
    if first not in path:
        raise StoreError(f"{cut.first} does not come before the end of what is exported.")
    return path[path.index(first) :]


def header(db: sqlite3.Connection, told: Header, kept: list[int], cut: Cut) -> Header:
    """The header of a session of which nothing but ``kept`` goes out."""
    name = cut.branch or told.session.branch
    ids = {_external(db, told.session.id, row): row for row in kept}
    leaf = next(reversed(ids), None)
    known = [branch for branch in told.branches if branch.name == name]
    branches = tuple(
        replace(branch, leaf=leaf, base=branch.base if branch.base in ids else None)
        for branch in known
    )
    return replace(
        told,
        session=replace(told.session, branch=name),
        entries=len(kept),
        branches=branches,
        labels=tuple(label for label in told.labels if label.entry in ids),
    )


def _tip(db: sqlite3.Connection, session: SessionId, branch: str) -> int | None:
    if not branch:
        return questions.head(db, session)
    sql = "SELECT leaf_id FROM branch WHERE session_id = ? AND name = ?"
    found = one(db, sql, session, branch)
    if found is None:
        names = db.execute("SELECT name FROM branch WHERE session_id = ? ORDER BY id", (session,))
        known = ", ".join(name for (name,) in names)
        raise StoreError(f"There is no branch {branch}. There are: {known}.")
    tip: int | None = found[0]
    return tip


def _external(db: sqlite3.Connection, session: str, row: int) -> str:
    at_ms, ext = db.execute("SELECT ts_ms, ext_uuid FROM entry WHERE id = ?", (row,)).fetchone()
    return external(session, row, at_ms, ext)
