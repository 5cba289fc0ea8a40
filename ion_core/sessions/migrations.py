"""From an older schema to this one, a step a version, and each step wholly or not at all.

Version 1 is in ``schema.py``; what came since is here, and a new file goes through it too, so that
there is one way to every version. A file that people have is copied beside itself first.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from ion_core import private
from ion_core.errors import StoreError

STEPS: dict[int, tuple[str, ...]] = {
    # What refers to an entry or a session is looked for when that is deleted for good.
    2: (
        "CREATE INDEX branch_leaf ON branch(leaf_id)",
        "CREATE INDEX branch_base ON branch(base_id)",
        "CREATE INDEX checkpoint_entry ON checkpoint(entry_id)",
        "CREATE INDEX checkpoint_session ON checkpoint(session_id)",
        "CREATE INDEX session_deleted ON session(deleted_ms) WHERE deleted_ms IS NOT NULL",
    ),
}
"""The statements that lead to each version from the one before it."""

LATEST = max(STEPS)

PAGES = 1024
"""What is copied at once."""
PATIENCE_S = 5.0


def migrate(db: sqlite3.Connection, place: str, version: int) -> None:
    """Bring the file ``place``, which holds an older ``version``, to the latest one.

    Its copy is ``<place>.bak-<version>`` (0600). Raises ``StoreError`` when there can be no copy,
    with nothing changed.
    """
    _back_up(db, place, version)
    for step in range(version + 1, LATEST + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            if _version(db) == step - 1:  # else another process was here meanwhile
                advance(db, step)
            db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite may have given it up by itself
                db.execute("ROLLBACK")
            raise


def advance(db: sqlite3.Connection, step: int) -> None:
    """One step, inside a transaction."""
    for statement in STEPS[step]:
        db.execute(statement)
    db.execute(f"PRAGMA user_version={step}")


def _back_up(db: sqlite3.Connection, place: str, version: int) -> None:
    target = Path(f"{place}.bak-{version}")
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        private.file(scratch).close()
        with closing(sqlite3.connect(scratch)) as copy:
            db.backup(copy, pages=PAGES, progress=_Patience(), sleep=0.05)
            is_as_before = _version(copy) == version
        if is_as_before:
            _sync(scratch)
            scratch.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{place} is of an older ion, and no copy of it could be made before it is brought up "
            f"to date: {error}. Free some space, then repeat; nothing was changed."
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


class _Patience:
    """Ends a copying that another program keeps waiting; by itself it would wait for ever."""

    def __init__(self) -> None:
        self._end = time.monotonic() + PATIENCE_S

    def __call__(self, status: int, left: int, pages: int) -> None:
        if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._end = time.monotonic() + PATIENCE_S
        elif time.monotonic() > self._end:
            raise sqlite3.OperationalError("another program has locked it")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
