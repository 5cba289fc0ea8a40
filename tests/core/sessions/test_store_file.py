"""The file of the store: how it is made, and which files are refused."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from ion_core.errors import StoreCorrupt, StoreError, StoreTooNew
from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.schema import APPLICATION_ID, VERSION, require_sqlite
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, texts

TABLES = {
    *("session", "entry", "branch", "label", "tag", "inbox", "effect", "blob", "checkpoint"),
    *("checkpoint_file", "usage_event", "input_history", "session_lease", "entry_text"),
    "entry_fts",
}


def mode(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


async def made(path: Path) -> Path:
    store = await SqliteStore.open(path)
    await store.aclose()
    return path


async def test_a_new_store_is_private(tmp_path: Path) -> None:
    path = tmp_path / "home" / "sessions.db"
    store = await SqliteStore.open(path)
    await store.create(an_info(), [Append(body=user("hello"))])
    beside = list(path.parent.iterdir())
    assert mode(path.parent) == 0o700
    assert {mode(file) for file in beside} == {0o600}
    await store.aclose()


async def test_a_new_store_has_the_whole_schema(tmp_path: Path) -> None:
    db = sqlite3.connect(await made(tmp_path / "sessions.db"))
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    pragmas = [
        db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("user_version", "application_id", "journal_mode", "integrity_check")
    ]
    db.close()
    assert names >= TABLES
    assert pragmas == [VERSION, APPLICATION_ID, "wal", "ok"]


async def test_an_open_store_writes_durably_and_checks_references(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "sessions.db")
    names = ("synchronous", "foreign_keys", "busy_timeout")
    values = await store._writer.read(
        lambda db: [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    )
    await store.aclose()
    assert values == [2, 1, 5000]


async def test_a_store_goes_on_where_it_was_closed(tmp_path: Path) -> None:
    path, info = tmp_path / "sessions.db", an_info()
    store = await SqliteStore.open(path)
    await store.create(info, [Append(body=user("hello"))])
    await store.aclose()
    store = await SqliteStore.open(path)
    assert texts(await store.path(info.id)) == ["hello"]
    await store.aclose()


async def test_opening_an_existing_store_writes_nothing(tmp_path: Path) -> None:
    path = await made(tmp_path / "sessions.db")
    before = path.read_bytes()
    await made(path)
    assert path.read_bytes() == before


async def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    path.touch()
    await made(path)
    assert path.stat().st_size > 0


async def test_a_newer_store_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = await made(tmp_path / "sessions.db")
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version=7")
    db.close()
    with pytest.raises(StoreTooNew, match=r"newer ion.*format is 7.*Update ion"):
        await SqliteStore.open(path)


async def test_another_program_s_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE recipe(name)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match=r"sessions\.db is a database of another program"):
        await SqliteStore.open(path)
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    path.write_text("dear diary, " * 1000)
    with pytest.raises(StoreCorrupt, match=r"sessions\.db is damaged or not a database"):
        await SqliteStore.open(path)
    assert path.read_text().startswith("dear diary")


async def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    path, info = tmp_path / "sessions.db", an_info()
    store = await SqliteStore.open(path)
    await store.create(info, [Append(body=user("hello " * 2000)) for _ in range(50)])
    await store.aclose()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreCorrupt, match=r"sessions\.db is damaged"):
        await SqliteStore.open(path)


async def test_a_damaged_entry_is_named(tmp_path: Path) -> None:
    path, info = tmp_path / "sessions.db", an_info()
    store = await SqliteStore.open(path)
    (entry,) = await store.create(info, [Append(body=user("hello"))])
    await store._writer.write(lambda db: db.execute("UPDATE entry SET payload = x'7b'").close())
    with pytest.raises(StoreCorrupt, match=f"Entry {entry.id} is damaged"):
        await store.path(info.id)
    await store.aclose()


async def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        await SqliteStore.open(tmp_path / "file" / "sessions.db")
    with pytest.raises(StoreError, match="cannot be opened"):
        await SqliteStore.open(tmp_path)


def test_an_old_sqlite_is_refused_with_what_to_do() -> None:
    with pytest.raises(StoreError, match=r"needs SQLite 3\.37\.0.*comes with 3\.36\.0"):
        require_sqlite((3, 36, 0))


async def test_a_store_in_memory_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = await SqliteStore.memory()
    await store.create(an_info(), [Append(body=user("hello"))])
    await store.aclose()
    assert list(tmp_path.iterdir()) == []
