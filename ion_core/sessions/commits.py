"""Commits that wait at the same time share one transaction, and so one wait for the disk.

Each keeps its own fate: one that fails is undone alone, and none is answered before the COMMIT
that holds it. Results of tools that run together arrive together, which is where this pays.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Commit(Generic[T]):
    """A change that waits for its transaction, and then what became of it."""

    def __init__(self, change: Callable[[sqlite3.Connection], T]) -> None:
        self.change = change
        self.settled = False
        self._result: list[T] = []
        self._error: BaseException | None = None

    def attempt(self, db: sqlite3.Connection) -> None:
        """Make the change inside a transaction; one that raises leaves nothing behind.

        Raises only when SQLite gave up the whole transaction, as on a full disk.
        """
        db.execute("SAVEPOINT attempt")
        try:
            self._result.append(self.change(db))
        except BaseException as error:
            if not db.in_transaction:
                raise
            self._error = error
            db.execute("ROLLBACK TO attempt")
        db.execute("RELEASE attempt")

    def fail(self, error: BaseException) -> None:
        """The transaction was lost, and this with it."""
        self._error = self._error or error

    def answer(self) -> T:
        """What the change returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result[0]


class Commits:
    """The commits that wait, in the order of asking."""

    def __init__(self) -> None:
        self._waiting: deque[Commit[object]] = deque()

    def add(self, change: Callable[[sqlite3.Connection], T]) -> Commit[T]:
        """Let a change wait; each one that was added must be :meth:`settle`-d."""
        commit: Commit[T] = Commit(change)
        self._waiting.append(commit)  # type: ignore[arg-type]  # only its own caller asks for T
        return commit

    def settle(self, commit: Commit[T], db: sqlite3.Connection) -> T:
        """On the writer's thread: the answer to ``commit``, once it and all that wait are durable,
        unless an earlier call did that already."""
        if not commit.settled:
            _together([self._waiting.popleft() for _ in range(len(self._waiting))], db)
        return commit.answer()


def _together(commits: Sequence[Commit[object]], db: sqlite3.Connection) -> None:
    try:
        db.execute("BEGIN IMMEDIATE")
        for commit in commits:
            commit.attempt(db)
        db.execute("COMMIT")
    except BaseException as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        for commit in commits:
            commit.fail(error)
    for commit in commits:
        commit.settled = True
