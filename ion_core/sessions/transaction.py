"""The writes of one commit, done in order between BEGIN and COMMIT on the writer's thread.

It reads the head once, remembers what it appends, and leaves the branch at the last of it. Nothing
here begins or ends a transaction.
"""

from __future__ import annotations

import sqlite3
from typing import Any, assert_never

from msgspec.structs import replace

from ion_core import __version__
from ion_core.codec import encode
from ion_core.entries import Body, Entry
from ion_core.errors import StoreError
from ion_core.ids import EntryId, SessionId, entry_row
from ion_core.messages import Message
from ion_core.sessions.base import (
    Append,
    Change,
    Dequeue,
    Enqueue,
    OpenEffect,
    Remember,
    SessionInfo,
    SettleEffect,
    Spend,
    Write,
)
from ion_core.sessions.marks import Label, MoveHead, NameBranch, SwitchBranch, Tag, word
from ion_core.sessions.partial import forget
from ion_core.sessions.rows import insert, one, split_model, storable
from ion_core.sessions.tree import Tree, row_of
from ion_core.sessions.wording import preview_of, title_of


class Transaction:
    """What one commit does to one session. Raises ``SessionNotFound`` when there is none."""

    def __init__(self, db: sqlite3.Connection, session: SessionId, now: float) -> None:
        self._db, self._session, self._now_ms = db, session, round(now * 1000)
        self._tree = Tree(db, session)
        self.entries: list[Entry] = []

    def do(self, write: Write) -> None:
        """One write. Raises ``StoreError`` when it makes no sense."""
        match write:
            case Append(body=body):
                self._append(body)
            case OpenEffect():
                self._open(write)
            case SettleEffect():
                self._settle(write)
            case Spend():
                self._spend(write)
            case Enqueue(kind=kind, text=text):
                self._insert(
                    "inbox", kind=kind, payload=storable(text).encode(), ts_ms=self._now_ms
                )
            case Dequeue():
                self._dequeue(write)
            case MoveHead(to=to):
                self._tree.move(to, self._now_ms)
            case SwitchBranch(name=name):
                self._tree.switch(name, self._now_ms)
            case NameBranch(name=name, old=old):
                self._tree.rename(old, name)
            case Label():
                self._label(write)
            case Tag(tag=tag, on=on):
                self._tag(word(tag), on)
            case Change():
                self._change(write)
            case Remember(text=text):
                self._remember(storable(text))
            case _:
                assert_never(write)

    @property
    def head(self) -> EntryId | None:
        """The entry that the next one will follow."""
        return self._tree.head

    def finish(self) -> tuple[Entry, ...]:
        """Leave the branch at the new head; the entries that were appended."""
        self._tree.save(self._now_ms)
        return tuple(self.entries)

    def _append(self, body: Body) -> None:
        self.entries.append(self._tree.append(body, self._now_ms))
        self._count(body)

    def _count(self, body: Body) -> None:
        self._run("UPDATE session SET n_entries = n_entries + 1 WHERE id = ?", self._session)
        if not isinstance(body, Message) or body.role == "tool":
            return
        self._run("UPDATE session SET updated_ms = ? WHERE id = ?", self._now_ms, self._session)
        if body.role == "assistant":
            forget(self._db, self._session)
        if body.role == "user":
            self._run(
                "UPDATE session SET n_user = n_user + 1, archived = 0, "
                "preview = coalesce(preview, ?), title = coalesce(title, ?) WHERE id = ?",
                preview_of(body.text) or None,
                title_of(body.text) or None,
                self._session,
            )

    # effects, money, messages that wait

    def _open(self, effect: OpenEffect) -> None:
        self._insert(
            "effect",
            kind=storable(effect.tool),
            recovery=effect.recovery,
            state="open",
            detail=encode(effect).decode(),
            started_ms=self._now_ms,
        )

    def _settle(self, effect: SettleEffect) -> None:
        self._run(
            "UPDATE effect SET state = 'settled', settled_ms = ?, entry_id = ? "
            "WHERE session_id = ? AND settled_ms IS NULL AND json_extract(detail, '$.call') = ?",
            self._now_ms,
            self._last_row,
            self._session,
            storable(effect.call),
        )

    def _spend(self, spend: Spend) -> None:
        usage = spend.usage
        self._insert(
            "usage_event",
            root_session_id=self._session,
            entry_id=self._last_row,
            purpose=spend.purpose,
            provider=storable(spend.provider),
            model=storable(spend.model),
            tok_in=usage.input,
            tok_out=usage.output,
            tok_cache_r=usage.cache_read,
            tok_cache_w=usage.cache_write,
            tok_reason=usage.reasoning,
            cost_nano=spend.cost_nano,
            ts_ms=self._now_ms,
        )
        self._run(
            "UPDATE session SET tok_in = tok_in + ?, tok_out = tok_out + ?, "
            "tok_cache_r = tok_cache_r + ?, tok_cache_w = tok_cache_w + ?, "
            "cost_nano = cost_nano + ?, cost_known = min(cost_known, ?) WHERE id = ?",
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_write,
            spend.cost_nano or 0,
            int(spend.cost_nano is not None),
            self._session,
        )

    def _dequeue(self, waiting: Dequeue) -> None:
        taken = self._run(
            "UPDATE inbox SET state = 'taken', entry_id = ? "
            "WHERE id = ? AND session_id = ? AND state = 'queued'",
            self._last_row,
            waiting.id,
            self._session,
        )
        if not taken.rowcount:
            raise StoreError(
                f"Message {waiting.id} waits no longer: it was delivered or taken back."
            )

    # the session itself

    def _change(self, change: Change) -> None:
        if change.title_source == "auto" and self._is_named():
            change = replace(change, title=None, title_source=None)
        self._run(
            "UPDATE session SET title = coalesce(?, title), "
            "title_source = coalesce(?, title_source), description = coalesce(?, description), "
            "mode = coalesce(?, mode), pinned = coalesce(?, pinned), "
            "archived = coalesce(?, archived) WHERE id = ?",
            None if change.title is None else storable(change.title),
            change.title_source,
            None if change.description is None else storable(change.description),
            change.mode,
            change.pinned,
            change.archived,
            self._session,
        )
        if change.model is not None:
            model = split_model(change.model)
            self._run(
                "UPDATE session SET provider = ?, model = ? WHERE id = ?", *model, self._session
            )
        if change.deleted is not None:
            at = self._now_ms if change.deleted else None
            self._run("UPDATE session SET deleted_ms = ? WHERE id = ?", at, self._session)

    def _label(self, label: Label) -> None:
        row, text = row_of(self._db, self._session, label.entry), word(label.label)
        if label.on:
            self._run(
                "INSERT OR IGNORE INTO label(entry_id, label, ts_ms) VALUES(?, ?, ?)",
                row,
                text,
                self._now_ms,
            )
        else:
            self._run("DELETE FROM label WHERE entry_id = ? AND label = ?", row, text)

    def _tag(self, tag: str, on: bool) -> None:
        if on:
            self._run("INSERT OR IGNORE INTO tag(session_id, tag) VALUES(?, ?)", self._session, tag)
        else:
            self._run("DELETE FROM tag WHERE session_id = ? AND tag = ?", self._session, tag)

    def _is_named(self) -> bool:
        """Whether a person gave the title, which nothing automatic replaces."""
        sql = "SELECT 1 FROM session WHERE id = ? AND title_source = 'user'"
        return one(self._db, sql, self._session) is not None

    def _remember(self, text: str) -> None:
        self._run(
            "INSERT INTO input_history(project_id, text, ts_ms) "
            "SELECT s.project_id, ?1, ?2 FROM session s WHERE s.id = ?3 AND ?1 IS NOT "
            "(SELECT h.text FROM input_history h WHERE h.project_id = s.project_id "
            "ORDER BY h.id DESC LIMIT 1)",
            text,
            self._now_ms,
            self._session,
        )

    # rows

    @property
    def _last_row(self) -> int | None:
        """The entry that this commit appended last."""
        return entry_row(self.entries[-1].id) if self.entries else None

    def _insert(self, table: str, **values: Any) -> int:
        return insert(self._db, table, session_id=self._session, **values)

    def _run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return self._db.execute(sql, values)


def begin(db: sqlite3.Connection, info: SessionInfo) -> None:
    """The rows of a session without entries. Raises ``StoreError`` when its id is taken."""
    if one(db, "SELECT 1 FROM session WHERE id = ?", info.id):
        raise StoreError(f"There is already a session {info.id}.")
    provider, model = split_model(info.model)
    created_ms = round(info.created_at * 1000)
    insert(
        db,
        "session",
        id=info.id,
        project_id=info.project,
        cwd=storable(info.cwd),
        title=storable(info.title) or None,
        title_source=info.title_source,
        preview=storable(info.preview) or None,
        description=storable(info.description),
        provider=provider,
        model=model,
        mode=info.mode,
        kind=info.kind,
        parent_session_id=info.parent,
        parent_entry_id=info.parent_entry and entry_row(info.parent_entry),
        created_ms=created_ms,
        updated_ms=round(info.updated_at * 1000),
        ion_version=__version__,
    )
    branch = insert(
        db, "branch", session_id=info.id, name="main", created_ms=created_ms, updated_ms=created_ms
    )
    db.execute("UPDATE session SET active_branch_id = ? WHERE id = ?", (branch, info.id))
