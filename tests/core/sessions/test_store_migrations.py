"""Databases of older ions, opened by this one."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ion_core.errors import StoreError
from ion_core.messages import user
from ion_core.sessions import migrations
from ion_core.sessions.base import Append
from ion_core.sessions.schema import VERSION
from ion_core.sessions.sqlite import SqliteStore
from tests.core.sessions import stored
from tests.fakes.sessions import an_info

OLDER = range(1, VERSION)


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def schema_of(path: Path) -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return set(db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master"))


def rows_of(path: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        tables = ("session", "entry", "branch", "effect", "inbox", "usage_event", "entry_text")
        return [db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]


async def opened(path: Path) -> None:
    store = await SqliteStore.open(path)
    await store.aclose()


def test_there_is_a_database_of_every_version() -> None:
    names = {path.name for path in stored.FIXTURES.iterdir()}
    assert names >= {f"v{version}.db.gz" for version in range(1, VERSION + 1)}
    assert migrations.LATEST == VERSION


@pytest.mark.parametrize("version", range(1, VERSION + 1))
async def test_an_older_database_answers_as_it_did(version: int, tmp_path: Path) -> None:
    said, then = await stored.answers(stored.unpacked(version, tmp_path)), stored.expected(version)
    for now, before in zip(said["sessions"], then["sessions"], strict=True):
        assert {name: now[name] for name in before} == before
    for question in ("paths", "queues", "effects", "history", "spending"):
        assert said[question] == then[question], question
    assert _found(said["hits"]) == _found(then["hits"])


@pytest.mark.parametrize("version", OLDER)
async def test_an_older_database_becomes_like_a_new_one(version: int, tmp_path: Path) -> None:
    path, new = stored.unpacked(version, tmp_path), tmp_path / "new.db"
    await opened(path)
    await opened(new)
    assert version_of(path) == VERSION
    assert schema_of(path) == schema_of(new)


@pytest.mark.parametrize("version", OLDER)
async def test_a_migration_leaves_a_private_copy_of_what_was(version: int, tmp_path: Path) -> None:
    path = stored.unpacked(version, tmp_path)
    rows = rows_of(path)
    await opened(path)
    copy = tmp_path / f"sessions.db.bak-{version}"
    assert (version_of(copy), rows_of(copy)) == (version, rows)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert rows_of(path) == rows
    assert {each.name for each in tmp_path.iterdir()} == {path.name, copy.name}


async def test_a_copy_that_cannot_be_made_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = stored.unpacked(1, tmp_path)
    (tmp_path / "sessions.db.bak-1").mkdir()
    rows = rows_of(path)
    with pytest.raises(StoreError, match=r"no copy of it could be made.*nothing was changed"):
        await opened(path)
    assert (version_of(path), rows_of(path)) == (1, rows)


async def test_an_old_database_can_be_written_at_once(tmp_path: Path) -> None:
    store = await SqliteStore.open(stored.unpacked(1, tmp_path))
    info = an_info()
    (entry,) = await store.create(info, [Append(body=user("hello"))])
    assert await store.path(info.id) == [entry]
    await store.aclose()


def _found(hits: dict[str, list[dict[str, object]]]) -> dict[str, list[list[object]]]:
    """What each search finds; how it ranks and quotes that is another matter."""
    names = ("entry", "session", "branch", "role", "at")
    return {query: sorted([each[name] for name in names] for each in hits[query]) for query in hits}


def test_a_migration_that_breaks_off_changes_nothing(tmp_path: Path) -> None:
    path = stored.unpacked(1, tmp_path)
    schema, rows = schema_of(path), rows_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for left in range(len(migrations.STEPS[2])):
            denied = _after(left)
            db.set_authorizer(denied)
            with pytest.raises(sqlite3.DatabaseError):
                migrations.migrate(db, str(path), 1)
            db.set_authorizer(None)
            assert (version_of(path), schema_of(path), rows_of(path)) == (1, schema, rows)


def _after(allowed: int) -> object:
    """An authorizer that lets so many indexes be made, and no more."""
    made = [0]

    def may(action: int, *_: object) -> int:
        if action != sqlite3.SQLITE_CREATE_INDEX:
            return sqlite3.SQLITE_OK
        made[0] += 1
        return sqlite3.SQLITE_DENY if made[0] > allowed else sqlite3.SQLITE_OK

    return may


KILLED = """
import os, signal, sqlite3, sys
from ion_core.sessions import migrations
db = sqlite3.connect(sys.argv[1], isolation_level=None)
seen = [0]
def count(statement):
    seen[0] += 1
    if seen[0] == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
db.set_trace_callback(count)
migrations.migrate(db, sys.argv[1], 1)
"""
STATEMENTS = len(migrations.STEPS[2]) + 5
"""With the questions for the version, BEGIN, the new version and COMMIT; one for good measure."""


@pytest.mark.parametrize("point", range(1, STATEMENTS + 1))
async def test_a_migration_that_is_killed_is_done_at_the_next_start(
    point: int, tmp_path: Path
) -> None:
    path = stored.unpacked(1, tmp_path)
    schema, rows = schema_of(path), rows_of(path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(path), str(point)
    )
    assert await process.wait() in (0, -9)
    if version_of(path) == 1:
        assert (schema_of(path), rows_of(path)) == (schema, rows)
    await opened(path)
    assert (version_of(path), rows_of(path)) == (VERSION, rows)
