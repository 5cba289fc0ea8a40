"""SQLite's failures as sentences: each one a real failure of a real database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ion_core.errors import StoreCorrupt, StoreError
from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.faults import store_error
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info


def failure(*statements: str, place: str = ":memory:") -> sqlite3.Error:
    db = sqlite3.connect(place, isolation_level=None, timeout=0)
    *before, last = statements
    try:
        for statement in before:
            db.execute(statement)
        with pytest.raises(sqlite3.Error) as caught:
            db.execute(last)
        return caught.value
    finally:
        db.close()


def test_a_full_disk_asks_for_space() -> None:
    error = failure("PRAGMA max_page_count=2", "CREATE TABLE a(x)", "CREATE TABLE b(x)")
    assert "Free some space" in str(store_error("/s.db", error))


def test_a_read_only_file_asks_for_permission() -> None:
    error = failure("PRAGMA query_only=1", "CREATE TABLE a(x)")
    assert str(store_error("/s.db", error)).startswith("/s.db is read-only.")


def test_a_locked_file_names_the_lock(tmp_path: Path) -> None:
    place = str(tmp_path / "s.db")
    holder = sqlite3.connect(place, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    error = failure("CREATE TABLE a(x)", place=place)
    holder.close()
    assert "Another program has locked /s.db" in str(store_error("/s.db", error))


def test_a_damaged_file_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_text("no database " * 100)
    error = failure("CREATE TABLE a(x)", place=str(tmp_path / "s.db"))
    assert isinstance(store_error("/s.db", error), StoreCorrupt)


def test_any_other_failure_keeps_its_words() -> None:
    error = store_error("/s.db", failure("SELECT nonsense"))
    assert str(error) == "/s.db could not be used: no such column: nonsense."


async def test_a_write_that_failed_changed_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    store, info = await SqliteStore.open(tmp_path / "sessions.db"), an_info()
    await store.create(info, [Append(body=user("kept"))])
    pages = await store._writer.read(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store._writer.read(lambda db: db.execute(f"PRAGMA max_page_count={pages + 1}").fetchone())
    with pytest.raises(StoreError, match="disk is full"):
        await store.commit(info.id, *[Append(body=user(str(n) * 5000)) for n in range(500)])
    await store._writer.read(lambda db: db.execute("PRAGMA max_page_count=100000").fetchone())
    await store.commit(info.id, Append(body=user("next")))
    entries = await store.path(info.id)
    assert [entry.body for entry in entries] == [user("kept"), user("next")]
    await store.aclose()


def test_a_process_that_forgets_to_close_the_store_still_ends(tmp_path: Path) -> None:
    program = """
        import asyncio, sys
        from pathlib import Path
        from ion_core.sessions.sqlite import SqliteStore
        async def main():
            global store
            store = await SqliteStore.open(Path(sys.argv[1]))
        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "sessions.db")]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
