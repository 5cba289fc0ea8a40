"""A damaged database: what can be read is saved, nothing is deleted, and it is said."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from ion_core.entries import SystemEvent
from ion_core.errors import SessionBusy, StoreCorrupt, StoreError, StoreTooNew
from ion_core.messages import user
from ion_core.sessions.base import Append, Change
from ion_core.sessions.mending import examine, mend
from ion_core.sessions.rescue import damage, rescue
from ion_core.sessions.schema import APPLICATION_ID
from ion_core.sessions.sqlite import SqliteStore
from ion_core.sessions.vault import Vault
from ion_core.sessions.writer import damage_mark
from tests.fakes.sessions import an_info, did, said, texts

SESSIONS, ROUNDS = 12, 20
PAGE = 4096


async def _filled(file: Path) -> list[str]:
    store = await SqliteStore.open(file)
    ids = []
    for number in range(SESSIONS):
        info = an_info()
        ids.append(info.id)
        await store.create(info, [Append(body=user(f"begin {number}"))])
        for turn in range(ROUNDS):
            bodies = [said(f"answer {turn} " + "word " * 90, "c1"), did("c1"), user(f"go {turn}")]
            await store.commit(info.id, *[Append(body=body) for body in bodies])
    await store.aclose()
    return ids


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with twelve sessions of 61 entries, closed."""
    file = tmp_path_factory.mktemp("filled") / "sessions.db"
    asyncio.run(_filled(file))
    return file


@pytest.fixture
def file(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "sessions.db"))


def numbers(file: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(file)) as db:
        counts = [
            db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("session", "entry")
        ]
    return counts[0], counts[1]


def assert_whole(file: Path) -> None:
    assert damage(file) == ""
    found = examine(file)
    assert (found.damaged, found.findings) == ("", ())


async def opened_everywhere(file: Path) -> int:
    """Read every session to its head and append to it; how many entries were there."""
    store, entries = await SqliteStore.open(file), 0
    for info in await store.sessions():
        entries += len(await store.path(info.id))
        await store.commit(info.id, Append(body=user("go on")))
    await store.search("answer")
    await store.aclose()
    return entries


@pytest.mark.parametrize("seed", range(12))
async def test_pages_of_garbage_cost_no_more_than_what_stood_on_them(file: Path, seed: int) -> None:
    chance, pages = random.Random(seed), file.stat().st_size // PAGE
    hit = sorted(chance.sample(range(1, pages), 3))
    with file.open("r+b") as data:
        for page in hit:
            data.seek(page * PAGE)
            data.write(chance.randbytes(PAGE))
    before = file.read_bytes()
    vault = Vault(file, time.time)
    store = await vault.open()
    await store.aclose()
    told = mend(file)
    if not told:
        assert damage(file) == ""  # pages that nobody uses
    else:
        [aside] = file.parent.glob("sessions.db.broken-*")
        assert aside.read_bytes() == before
        assert aside.stat().st_mode & 0o777 == 0o600
        assert str(aside) in told[0]
    assert_whole(file)
    sessions, entries = numbers(file)
    assert sessions >= SESSIONS - 1
    assert entries >= SESSIONS * (3 * ROUNDS + 1) * 0.7
    assert await opened_everywhere(file) > 0


@pytest.mark.parametrize("share", [0.25, 0.6, 0.95])
async def test_a_file_that_was_cut_off_keeps_what_is_left(file: Path, share: float) -> None:
    whole = file.stat().st_size
    os.truncate(file, int(whole * share))
    vault = Vault(file, time.time)
    store = await vault.open()
    await store.aclose()
    assert "damaged" in vault.news[0]
    assert_whole(file)
    assert numbers(file)[1] >= SESSIONS * 3 * ROUNDS * share * share * 0.5
    await opened_everywhere(file)


@pytest.mark.parametrize("length", [16, 100, PAGE])
async def test_a_file_without_its_first_bytes_loses_nothing(file: Path, length: int) -> None:
    with file.open("r+b") as data:
        data.write(b"\xff" * length)
    vault = Vault(file, time.time)
    store = await vault.open()
    assert len(await store.sessions()) == SESSIONS
    await store.aclose()
    assert numbers(file) == (SESSIONS, SESSIONS * (3 * ROUNDS + 1))
    assert f"{SESSIONS} sessions with {SESSIONS * (3 * ROUNDS + 1)} entries" in vault.news[0]
    assert_whole(file)


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_log_without_its_file_gives_back_what_it_has(
    tmp_path: Path, is_there: bool
) -> None:
    file, info = tmp_path / "sessions.db", an_info()
    store = await SqliteStore.open(file)
    await store.create(info, [Append(body=user("kept"))])
    copy = tmp_path / "copy" / "sessions.db"
    copy.parent.mkdir()
    if is_there:
        copy.touch()
    shutil.copy(f"{file}-wal", f"{copy}-wal")
    await store.aclose()
    vault = Vault(copy, time.time)
    store = await vault.open()
    assert texts(await store.path(info.id)) == ["kept"]
    assert "1 session with 1 entry" in vault.news[0]
    await store.aclose()


async def test_a_log_that_was_cut_off_leaves_a_database_that_is_whole(tmp_path: Path) -> None:
    file, info = tmp_path / "sessions.db", an_info()
    store = await SqliteStore.open(file)
    await store.create(info, [Append(body=user("first"))])
    for number in range(20):
        await store.commit(info.id, Append(body=user(f"{number}")))
    size = Path(f"{file}-wal").stat().st_size
    for part in range(1, 8):
        copy = tmp_path / f"copy{part}" / "sessions.db"
        copy.parent.mkdir()
        shutil.copy(file, copy)
        shutil.copy(f"{file}-wal", f"{copy}-wal")
        os.truncate(f"{copy}-wal", size * part // 8)
        vault = Vault(copy, time.time)
        left = await vault.open()
        assert len(await left.sessions()) <= 1
        await left.aclose()
        assert_whole(copy)
    await store.aclose()


async def test_damage_that_shows_while_reading_is_mended_and_the_question_answered(
    file: Path,
) -> None:
    pages = file.stat().st_size // PAGE
    with file.open("r+b") as data:
        for page in range(pages // 2, pages):
            data.seek(page * PAGE)
            data.write(b"\x07" * PAGE)
    vault = Vault(file, time.time)
    store = await vault.open()
    found = await vault.whole(store, store.sessions)
    for info in found:
        await vault.whole(store, lambda info=info: store.path(info.id))
    assert vault.news
    await store.aclose()
    assert not damage_mark(file).exists()
    assert_whole(file)


async def test_damage_that_was_met_is_mended_by_the_next_start(file: Path) -> None:
    pages = file.stat().st_size // PAGE
    with file.open("r+b") as data:
        for page in range(pages // 3, pages):
            data.seek(page * PAGE)
            data.write(b"\x07" * PAGE)
    store = await SqliteStore.open(file)
    with pytest.raises(StoreCorrupt, match="next start of ion"):
        await asyncio.gather(*[store.path(info.id) for info in await store.sessions()])
    await store.aclose()
    assert damage_mark(file).exists()
    vault = Vault(file, time.time)
    await (await vault.open()).aclose()
    assert len(vault.news) == 1
    assert not damage_mark(file).exists()


def test_a_file_that_another_process_has_open_is_left_alone(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)
    before = file.read_bytes()
    program = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA writable_schema=ON")
db.execute("SELECT * FROM session LIMIT 1").fetchall()
print("open", flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", program, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(SessionBusy, match="another ion has it open"):
            rescue(file)
        assert file.read_bytes() == before
        other.kill()
    assert "could be saved" in rescue(file)


async def test_another_programs_file_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sessions.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE theirs(x)")
    before = file.read_bytes()
    with pytest.raises(StoreCorrupt, match="another program"):
        await Vault(file, time.time, stands_in=True).open()
    assert file.read_bytes() == before
    assert list(tmp_path.glob("*broken*")) == []


async def test_a_newer_database_can_be_read_and_not_written(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version=999")
    before = file.read_bytes()
    vault = Vault(file, time.time)
    store = await vault.open()
    [first, *_] = await store.sessions()
    assert len(await store.path(first.id)) == 3 * ROUNDS + 1
    with pytest.raises(StoreTooNew, match="newer ion"):
        await store.commit(first.id, Change(title="x"))
    assert "the sessions can be read" in vault.news[0]
    await store.aclose()
    assert file.read_bytes() == before


def _stray(before: list[threading.Thread]) -> list[str]:
    now = [thread.name for thread in threading.enumerate() if thread not in before]
    return [name for name in now if not name.startswith("asyncio_")]


async def test_a_newer_database_that_cannot_be_read_is_left_closed(tmp_path: Path) -> None:
    place = tmp_path / "sessions.db"
    with closing(sqlite3.connect(place)) as db:
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute("PRAGMA user_version=999")
    before = threading.enumerate()
    with pytest.raises(StoreTooNew, match="newer ion"):
        await Vault(place, time.time).open()
    async with asyncio.timeout(10):
        while left := _stray(before):  # noqa: ASYNC110 - a thread that ends says nothing
            await asyncio.sleep(0.01)
    assert left == []


async def test_where_nothing_can_be_written_ion_starts_and_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    place = tmp_path / "home" / "sessions.db"
    vault = Vault(place, time.time, stands_in=True)
    store = await vault.open()
    await store.create(an_info())
    assert "nothing of what you do here is kept" in vault.news[0]
    await store.aclose()
    with pytest.raises(StoreError, match="cannot be opened"):
        await Vault(place, time.time).open()


async def test_rows_that_belong_to_nothing_are_found_and_set_right(file: Path) -> None:
    assert_whole(file)
    store = await SqliteStore.open(file)
    info, other = (await store.sessions())[:2]
    await store.aclose()
    rows = {"info": info.id, "other": other.id}
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("DELETE FROM entry WHERE id = (SELECT min(id) + 9 FROM entry)")
        db.execute("UPDATE session SET n_entries = 7 WHERE id = :info", rows)
        db.execute("UPDATE session SET active_branch_id = NULL WHERE id = :other", rows)
        db.execute("UPDATE branch SET leaf_id = 10000000 WHERE session_id = :other", rows)
        db.execute("INSERT INTO tag(session_id, tag) VALUES('none', 'x')")
        db.execute("UPDATE entry SET payload = x'00ff' WHERE id = (SELECT max(id) FROM entry)")
        db.execute("INSERT INTO entry_fts(entry_fts) VALUES('delete-all')")
    assert len(examine(file).findings) >= 6
    before = file.read_bytes()
    assert file.read_bytes() == before  # a check changes nothing
    told = mend(file)
    assert any("kept as" in sentence for sentence in told)
    assert_whole(file)
    store = await SqliteStore.open(file)
    for each in await store.sessions():
        path = await store.path(each.id)
        assert [entry.parent for entry in path] == [None, *(entry.id for entry in path[:-1])]
    bodies = [entry.body for entry in await store.path(info.id)]
    assert isinstance(bodies[-1], SystemEvent)
    assert await store.search("answer")
    await store.aclose()
    await opened_everywhere(file)
    assert_whole(file)


async def test_a_kind_of_entry_that_is_not_known_yet_is_no_damage(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute(
            "UPDATE entry SET codec = 0, payload = CAST(? AS BLOB) WHERE id = 1",
            ('{"kind":"from_the_future"}',),
        )
    assert examine(file).findings == ()


def repair(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ion_core", "sessions", "repair", *options]
    env = {**os.environ, "ION_HOME": str(home), "PYTHONPATH": os.getcwd()}
    return subprocess.run(command, check=False, env=env, capture_output=True, text=True, timeout=60)


def test_repair_says_what_is_wrong_mends_it_and_is_content(file: Path) -> None:
    home = file.parent
    assert repair(home).stdout == f"{file} is whole.\n"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("UPDATE session SET n_entries = 7")
    checked = repair(home, "--check")
    assert (checked.returncode, checked.stdout) == (
        1,
        f"{SESSIONS} sessions did not count all entries rightly.\n",
    )
    mended = repair(home, "--json")
    assert mended.returncode == 0
    assert '"whole": true' in mended.stdout
    assert repair(home, "--check").returncode == 0
    assert len(list(home.glob("sessions.db.before-*"))) == 1


def test_repair_replaces_a_damaged_file(file: Path) -> None:
    with file.open("r+b") as data:
        data.write(b"nothing" * 50)
    checked = repair(file.parent, "--check")
    assert checked.returncode == 1
    assert "is damaged" in checked.stdout
    mended = repair(file.parent)
    assert mended.returncode == 0
    assert "could be saved" in mended.stdout
    assert repair(file.parent).returncode == 0


def test_repair_of_nothing_is_content(tmp_path: Path) -> None:
    assert repair(tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []
