"""One store writes a session, and each of the others can tell who does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ion_core.errors import SessionBusy
from ion_core.ids import SessionId
from ion_core.messages import user
from ion_core.sessions.base import Append, Change
from ion_core.sessions.process_facts import is_running, started_ms
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import START, an_info, texts

TAKE_AND_STAY = """
import asyncio, sys
from pathlib import Path
from ion_core.sessions.sqlite import SqliteStore

async def main():
    store = await SqliteStore.open(Path(sys.argv[1]))
    print(await store.take(sys.argv[2]), flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[SqliteStore, SqliteStore]]:
    stores = [await SqliteStore.open(tmp_path / "s.db") for _ in range(2)]
    yield stores[0], stores[1]
    for store in stores:
        await store.aclose()


async def begun(store: SqliteStore) -> SessionId:
    info = an_info()
    await store.create(info, [Append(body=user("one"))], hold=True)
    return info.id


async def test_a_session_that_was_just_made_is_written_by_its_maker_alone(
    two: tuple[SqliteStore, SqliteStore],
) -> None:
    ours, theirs = two
    session = await begun(ours)
    with pytest.raises(SessionBusy, match="writes this session"):
        await theirs.commit(session, Append(body=user("two")))
    await ours.commit(session, Append(body=user("three")))
    assert texts(await theirs.path(session)) == ["one", "three"]


async def test_taking_a_session_that_is_written_tells_by_whom(
    two: tuple[SqliteStore, SqliteStore],
) -> None:
    ours, theirs = two
    session = await begun(ours)
    assert await theirs.take(session) == await theirs.writer(session)
    assert await theirs.take(session) is not None
    assert await ours.writer(session) is None


async def test_a_released_session_can_be_taken_and_its_former_writer_is_refused(
    two: tuple[SqliteStore, SqliteStore],
) -> None:
    ours, theirs = two
    session = await begun(ours)
    await ours.release(session)
    assert await theirs.take(session) is None
    with pytest.raises(SessionBusy):
        await ours.commit(session, Change(title="mine"))


async def test_a_lease_that_was_taken_over_stays_lost_after_the_other_one_left(
    two: tuple[SqliteStore, SqliteStore],
) -> None:
    ours, theirs = two
    session = await begun(ours)
    assert await theirs.take(session, over=True) is None
    await theirs.commit(session, Append(body=user("two")))
    await theirs.release(session)
    with pytest.raises(SessionBusy, match="taken this session over"):
        await ours.commit(session, Append(body=user("from an old view")))
    assert texts(await ours.path(session)) == ["one", "two"]


async def test_what_a_store_held_is_free_once_it_is_closed(tmp_path: Path) -> None:
    ours = await SqliteStore.open(tmp_path / "s.db")
    session = await begun(ours)
    await ours.aclose()
    theirs = await SqliteStore.open(tmp_path / "s.db")
    assert await theirs.writer(session) is None
    await theirs.commit(session, Append(body=user("two")))
    await theirs.aclose()


async def test_a_process_holds_its_lease_until_it_is_killed(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "s.db")
    info = an_info()
    await store.create(info)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        TAKE_AND_STAY,
        tmp_path / "s.db",
        info.id,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"None\n"
    holder = await store.take(info.id)
    assert holder is not None
    assert holder.pid == child.pid
    child.kill()
    await child.wait()
    assert await store.take(info.id) is None
    await store.aclose()


@pytest.mark.parametrize(
    ("column", "value"), [("boot_id", "'another boot'"), ("started_ms", "1"), ("pid", "0")]
)
async def test_a_lease_of_a_process_that_is_no_more_is_over_at_once(
    two: tuple[SqliteStore, SqliteStore], column: str, value: str
) -> None:
    ours, theirs = two
    session = await begun(ours)
    number = "2147483646" if column == "pid" else value
    await theirs.change(lambda db: db.execute(f"UPDATE session_lease SET {column} = {number}"))
    assert await theirs.take(session) is None


async def test_a_lease_of_another_host_is_over_half_a_minute_after_its_last_commit(
    tmp_path: Path,
) -> None:
    now = Now()
    ours = await SqliteStore.open(tmp_path / "s.db", clock=now)
    theirs = await SqliteStore.open(tmp_path / "s.db", clock=now)
    session = await begun(ours)
    await theirs.change(lambda db: db.execute("UPDATE session_lease SET host = 'elsewhere'"))
    now.at += 25
    holder = await theirs.take(session)
    assert holder is not None
    assert holder.host == "elsewhere"
    await ours.commit(session, Append(body=user("two")))
    now.at += 25
    assert await theirs.take(session) is not None
    now.at += 6
    assert await theirs.take(session) is None
    with pytest.raises(SessionBusy):
        await ours.commit(session, Append(body=user("three")))
    for store in (ours, theirs):
        await store.aclose()


def test_a_killed_process_that_nobody_buried_does_not_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = started_ms(child.pid) or 0
    assert is_running(child.pid, began)
    assert not is_running(child.pid, began + 10_000)
    child.kill()
    while is_running(child.pid, began):
        pass
    child.communicate()
