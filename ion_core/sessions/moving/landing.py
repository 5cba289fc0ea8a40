"""The session that an import goes to: made, found again, and at last given what the file says.

While an import is unfinished the session says so in its ``meta``; a second run goes on where the
first one ended. A session that was here before keeps its own words, and gains entries and branches.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ion_core.errors import StoreError
from ion_core.sessions.base import SessionInfo
from ion_core.sessions.moving.lineage import join, remembered
from ion_core.sessions.moving.lines import Branch, Header, UsageLine
from ion_core.sessions.moving.placing import Placing, insert_many
from ion_core.sessions.project import project_id
from ion_core.sessions.rows import insert, one, storable
from ion_core.sessions.transaction import begin

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNFINISHED = "importing"
_MODES = ("read", "plan", "write")
_SUMS = ("tok_in", "tok_out", "tok_cache_r", "tok_cache_w", "cost_nano")
_PAID = (
    "INSERT INTO usage_event(session_id, root_session_id, entry_id, purpose, provider, model, "
    "tok_in, tok_out, tok_cache_r, tok_cache_w, tok_reason, cost_nano, ts_ms) VALUES"
)
_KINDS = ("main", "subagent", "fork", "handoff", "import")


class Landing:
    """Where one file goes. Each method runs inside a transaction on the writer's thread."""

    def __init__(self, header: Header, cwd: Path) -> None:
        if not _UUID.fullmatch(header.session.id):
            raise StoreError(f"{header.session.id!r} is no id of a session.")
        self._header, self._cwd = header, cwd
        self.placing = Placing(header.session.id)
        self._fresh = False
        self._paid: set[int] = set()

    def begin(self, db: sqlite3.Connection) -> None:
        """Find the session, also in the trash, or make it."""
        found = one(db, "SELECT meta FROM session WHERE id = ?", self.placing.session)
        if found is None:
            self._make(db)
        self._fresh = found is None or _UNFINISHED in json.loads(found[0])
        db.execute("UPDATE session SET deleted_ms = NULL WHERE id = ?", (self.placing.session,))
        rows = db.execute(
            "SELECT entry_id, ts_ms, purpose FROM usage_event WHERE session_id = ?",
            (self.placing.session,),
        )
        self._paid = {hash(tuple(row)) for row in rows}

    def pay(self, db: sqlite3.Connection, lines: Sequence[UsageLine]) -> None:
        """Record what was paid for, unless it is recorded. Raises ``OverflowError``."""
        rows = [self._paid_row(db, line) for line in lines]
        if self._paid:
            rows = [row for row in rows if hash((row[2], row[-1], row[3])) not in self._paid]
        insert_many(db, _PAID, rows)
        if rows and not self._fresh:
            grown = ", ".join(f"{name} = {name} + ?" for name in _SUMS)
            sums = [sum(row[at] or 0 for row in rows) for at in (6, 7, 8, 9, 11)]
            known = int(all(row[11] is not None for row in rows))
            db.execute(
                f"UPDATE session SET {grown}, cost_known = min(cost_known, ?) WHERE id = ?",
                (*sums, known, self.placing.session),
            )

    def _paid_row(self, db: sqlite3.Connection, line: UsageLine) -> tuple[Any, ...]:
        session, usage = self.placing.session, line.usage
        return (
            session,
            session,
            None if line.entry is None else self.placing.row(db, line.entry),
            storable(line.purpose),
            storable(line.provider),
            storable(line.model),
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_write,
            usage.reasoning,
            line.cost_nano,
            round(line.at * 1000),
        )

    def count(self, db: sqlite3.Connection, added: int, asked: int) -> None:
        """Count entries that were placed."""
        db.execute(
            "UPDATE session SET n_entries = n_entries + ?, n_user = n_user + ? WHERE id = ?",
            (added, asked, self.placing.session),
        )

    def finish(self, db: sqlite3.Connection) -> None:
        """Branches, labels and tags; and what a new session says of itself."""
        for branch in self._header.branches:
            self._branch(db, branch)
        if not self._header.branches and self._fresh:
            self._grow(db, "main", self.placing.last)
        for label in self._header.labels:
            if (row := self.placing.row(db, label.entry)) is not None:
                db.execute(
                    "INSERT OR IGNORE INTO label(entry_id, label, note, ts_ms) VALUES(?, ?, ?, ?)",
                    (row, storable(label.label), label.note, round(label.at * 1000)),
                )
        for tag in self._header.tags:
            db.execute(
                "INSERT OR IGNORE INTO tag(session_id, tag) VALUES(?, ?)",
                (self.placing.session, storable(tag)),
            )
        if self._fresh:
            self._describe(db)
        elif self.placing.added:
            db.execute(
                "UPDATE session SET updated_ms = max(updated_ms, ?) WHERE id = ?",
                (round(self._header.session.updated_at * 1000), self.placing.session),
            )

    def _make(self, db: sqlite3.Connection) -> None:
        told = self._header.session
        here = Path(told.cwd).is_dir()
        info = SessionInfo(
            id=self.placing.session,  # type: ignore[arg-type]  # checked to be one
            project=told.project if here else project_id(self._cwd),
            cwd=told.cwd if here else str(self._cwd),
            title=told.title or "",
            model=told.model,
            mode=told.mode if told.mode in _MODES else "write",  # type: ignore[arg-type]  # checked
            created_at=told.created_at,
            updated_at=told.updated_at,
        )
        begin(db, info)
        self.placing.has_own = False
        self._set(db, meta=json.dumps({_UNFINISHED: True}))

    def _describe(self, db: sqlite3.Connection) -> None:
        told = self._header.session
        self._set(
            db,
            git_branch=told.git_branch,
            git_head=told.git_head,
            title=told.title,
            title_source="user" if told.title_source == "user" else "auto",
            description=told.description,
            preview=told.preview,
            kind=told.kind if told.kind in _KINDS else "import",
            agent=told.agent,
            updated_ms=round(told.updated_at * 1000),
            tok_in=told.usage.input,
            tok_out=told.usage.output,
            tok_cache_r=told.usage.cache_read,
            tok_cache_w=told.usage.cache_write,
            cost_nano=told.cost_nano,
            cost_known=int(told.cost_known),
            pinned=int(told.pinned),
            archived=int(told.archived),
            meta=json.dumps({k: v for k, v in remembered(told).items() if k != _UNFINISHED}),
        )
        join(db, self.placing.session)
        db.execute(
            "UPDATE session SET active_branch_id = coalesce((SELECT id FROM branch "
            "WHERE session_id = ?1 AND name = ?2), active_branch_id) WHERE id = ?1",
            (self.placing.session, storable(told.branch)),
        )

    def _set(self, db: sqlite3.Connection, **values: Any) -> None:
        """New values for columns of the session; the names are the program's own."""
        names = ", ".join(f"{name} = ?" for name in values)
        told = (storable(v) if isinstance(v, str) else v for v in values.values())
        db.execute(f"UPDATE session SET {names} WHERE id = ?", (*told, self.placing.session))

    # branches

    def _branch(self, db: sqlite3.Connection, branch: Branch) -> None:
        leaf = None if branch.leaf is None else self.placing.row(db, branch.leaf)
        if leaf is None and branch.leaf is not None:
            leaf = self.placing.last  # its end is not in the file: a line was cut off or broken
        base = None if branch.base is None else self.placing.row(db, branch.base)
        self._grow(db, storable(branch.name), leaf, base, branch)

    def _grow(
        self,
        db: sqlite3.Connection,
        name: str,
        leaf: int | None,
        base: int | None = None,
        told: Branch | None = None,
    ) -> None:
        """The branch at ``leaf``; where it went another way meanwhile, a branch beside it."""
        made_ms, changed_ms = (
            (round(told.created_at * 1000), round(told.updated_at * 1000)) if told else (0, 0)
        )
        found = one(
            db,
            "SELECT id, leaf_id FROM branch WHERE session_id = ? AND name = ?",
            self.placing.session,
            name,
        )
        if found and (self._fresh or _is_above(db, found[1], leaf)):
            db.execute(
                "UPDATE branch SET leaf_id = ?, base_id = coalesce(?, base_id), rev = rev + 1, "
                "updated_ms = max(updated_ms, ?) WHERE id = ?",
                (leaf, base, changed_ms, found[0]),
            )
        elif not found:
            insert(
                db,
                "branch",
                session_id=self.placing.session,
                name=name,
                leaf_id=leaf,
                base_id=base,
                created_ms=made_ms,
                updated_ms=changed_ms,
            )
        elif not _is_above(db, leaf, found[1]):
            self._grow(db, _beside(name), leaf, found[1], told)


def _beside(name: str) -> str:
    """``main``, ``main~2``, ``main~3`` …"""
    stem, _, number = name.rpartition("~")
    return f"{stem}~{int(number) + 1}" if stem and number.isdecimal() else f"{name}~2"


def _is_above(db: sqlite3.Connection, row: int | None, leaf: int | None) -> bool:
    """Whether ``leaf`` is ``row`` or comes after it; the empty beginning is above everything."""
    if row is None or row == leaf:
        return True
    found = one(
        db,
        "WITH RECURSIVE up(id) AS (SELECT ?1 UNION ALL SELECT e.parent_id FROM up "
        "JOIN entry e ON e.id = up.id WHERE e.parent_id IS NOT NULL) "
        "SELECT 1 FROM up WHERE id = ?2",
        leaf,
        row,
    )
    return found is not None
