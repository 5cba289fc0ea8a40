"""Who writes a session: one store of one process at a time, by a lease with a fence.

Taking a lease raises its fence by one, so that whoever held it before can tell, in the transaction
of its own next commit, that it writes no longer. Nothing has to be renewed while nothing happens: a
lease ends with its process, which everybody on the same machine can see. Elsewhere (another host,
another container) nobody sees that; there it is over half a minute after the last commit, and the
fence keeps two writers apart all the same.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from ion_core.errors import SessionBusy
from ion_core.ids import SessionId
from ion_core.sessions.process_facts import Holder, Place, is_running, place, started_ms
from ion_core.sessions.rows import one

EXPIRES_S, RENEWED_AFTER_S = 30.0, 10.0
"""Seconds that a lease outlives its last commit for those who cannot see its process, and after
which a commit renews it (`security.md` §3.1, without its heartbeat: see above)."""

_ROW = "SELECT owner, pid, host, boot_id, started_ms, fence, expires_ms FROM session_lease"


class Leases:
    """The leases of one store. Every method runs inside a transaction, on the writer's thread."""

    def __init__(self) -> None:
        self._owner, self._pid = os.urandom(16).hex(), os.getpid()
        self._held: dict[SessionId, int] = {}
        self._here: Place | None = None

    def take(
        self, db: sqlite3.Connection, session: SessionId, now: float, *, over: bool = False
    ) -> Holder | int:
        """The fence of this store's lease, which :meth:`hold` is told once it is durable; or who
        writes the session instead, and is alive. ``over`` takes it from them."""
        if not over and (other := self.holder(db, session, now)) is not None:
            return other
        place = self._place()
        db.execute(
            "INSERT INTO session_lease VALUES(?1, ?2, ?3, ?4, ?5, ?6, 1, ?7) "
            "ON CONFLICT(session_id) DO UPDATE SET owner = ?2, pid = ?3, host = ?4, boot_id = ?5, "
            "started_ms = ?6, fence = fence + 1, expires_ms = ?7",
            (
                session,
                self._owner,
                self._pid,
                place.host,
                place.boot,
                started_ms(self._pid) or 0,
                _ms(now + EXPIRES_S),
            ),
        )
        fence = one(db, "SELECT fence FROM session_lease WHERE session_id = ?", session)
        assert fence is not None
        return int(fence[0])

    def hold(self, session: SessionId, fence: int) -> None:
        """The lease with this fence is durable: every commit is checked against it."""
        self._held[session] = fence

    def give_up(self, session: SessionId) -> None:
        """It was lost, and the session is only read from now on."""
        self._held.pop(session, None)

    def check(self, db: sqlite3.Connection, session: SessionId, now: float) -> None:
        """Before each commit, in its transaction. Raises ``SessionBusy`` when another one writes
        the session, or did since this one took it."""
        fence = self._held.get(session)
        if fence is None:
            if (other := self.holder(db, session, now)) is not None:
                raise SessionBusy(f"{written_by(other)} Nothing was changed.")
            return
        row = one(db, f"{_ROW} WHERE session_id = ?", session)
        if row is None or not self._is_mine(row, fence):
            raise SessionBusy("Another ion has taken this session over. Nothing was changed.")
        if row[6] < _ms(now + EXPIRES_S - RENEWED_AFTER_S):
            self._expire(db, session, now + EXPIRES_S)

    def holder(self, db: sqlite3.Connection, session: SessionId, now: float) -> Holder | None:
        """Whoever else writes the session and is alive, as far as anybody here can see."""
        row = one(db, f"{_ROW} WHERE session_id = ?", session)
        if row is None or row[0] in ("", self._owner):
            return None
        _, pid, host, boot, began_ms, _, expires_ms = row
        here = self._place()
        if host != here.host:
            alive = expires_ms > _ms(now)
        else:
            alive = boot == here.boot and is_running(pid, began_ms)
        return Holder(pid=pid, host="" if host == here.host else host) if alive else None

    def lost(self, db: sqlite3.Connection, session: SessionId) -> bool:
        """Whether a lease that is held here is another one's by now."""
        fence, row = self._held.get(session), one(db, f"{_ROW} WHERE session_id = ?", session)
        return fence is not None and (row is None or not self._is_mine(row, fence))

    def _is_mine(self, row: Sequence[Any], fence: int) -> bool:
        return (row[0], row[5]) == (self._owner, fence)

    def release(self, db: sqlite3.Connection, session: SessionId) -> None:
        """Write it no longer. The row stays, and its fence with it."""
        fence = self._held.pop(session, None)
        if fence is not None:
            db.execute(
                "UPDATE session_lease SET owner = '', expires_ms = 0 "
                "WHERE session_id = ? AND owner = ? AND fence = ?",
                (session, self._owner, fence),
            )

    def release_all(self, db: sqlite3.Connection) -> None:
        """Write nothing any more."""
        for session in list(self._held):
            self.release(db, session)

    def holds(self, session: SessionId) -> bool:
        """Whether this store holds the lease, as far as it knows."""
        return session in self._held

    @property
    def any(self) -> bool:
        """Whether there is one to release."""
        return bool(self._held)

    def _expire(self, db: sqlite3.Connection, session: SessionId, at: float) -> None:
        db.execute(
            "UPDATE session_lease SET expires_ms = ? WHERE session_id = ?", (_ms(at), session)
        )

    def _place(self) -> Place:
        self._here = self._here or place()
        return self._here


def written_by(holder: Holder) -> str:
    """Who writes a session, as a sentence."""
    where = f" on {holder.host.partition(' ')[0]}" if holder.host else ""
    return f"Another ion (pid {holder.pid}{where}) writes this session."


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
