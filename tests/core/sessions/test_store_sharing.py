"""Many commits at once, and several stores on one file."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from ion_core.errors import StoreError
from ion_core.ids import EntryId, SessionId
from ion_core.messages import user
from ion_core.sessions.base import Append, Enqueue
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, texts

MAKE = """
    import asyncio, sys
    from pathlib import Path
    from ion_core.sessions.sqlite import SqliteStore
    async def main():
        store = await SqliteStore.open(Path(sys.argv[1]))
        await store.aclose()
    asyncio.run(main())
"""


async def test_commits_at_once_all_happen_in_the_order_of_asking(tmp_path: Path) -> None:
    store, info = await SqliteStore.open(tmp_path / "sessions.db"), an_info()
    await store.create(info)
    prompts = [str(number) for number in range(50)]
    await asyncio.gather(*[store.commit(info.id, Append(body=user(text))) for text in prompts])
    assert texts(await store.path(info.id)) == prompts
    await store.aclose()


async def test_one_of_many_commits_fails_alone(tmp_path: Path) -> None:
    store, info = await SqliteStore.open(tmp_path / "sessions.db"), an_info()
    await store.create(info)
    good = [store.commit(info.id, Append(body=user(str(number)))) for number in range(10)]
    bad = store.commit(info.id, Append(body=user("bad")), MoveHead(to=EntryId("e9999")))
    outcomes = await asyncio.gather(*good[:5], bad, *good[5:], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [*[tuple] * 5, StoreError, *[tuple] * 5]
    assert texts(await store.path(info.id)) == [str(number) for number in range(10)]
    assert (await store.info(info.id)).entries == 10
    await store.aclose()


async def test_commits_at_once_on_a_full_disk_keep_what_they_acknowledged(tmp_path: Path) -> None:
    store, info = await SqliteStore.open(tmp_path / "sessions.db"), an_info()
    await store.create(info)
    await store._writer.read(lambda db: db.execute("PRAGMA max_page_count=60").fetchone())
    noise = [os.urandom(3000).hex() for _ in range(100)]
    outcomes = await asyncio.gather(
        *[store.commit(info.id, Append(body=user(text))) for text in noise], return_exceptions=True
    )
    kept = [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]
    assert any(isinstance(outcome, StoreError) for outcome in outcomes)
    assert await store.path(info.id) == kept
    await store.aclose()


async def test_two_stores_on_one_file_see_one_another(tmp_path: Path) -> None:
    file = tmp_path / "sessions.db"
    left, right = await SqliteStore.open(file), await SqliteStore.open(file)
    mine, theirs = an_info(), an_info()
    await left.create(mine, [Append(body=user("mine"))])
    await right.create(theirs, [Append(body=user("theirs"))])

    async def write(store: SqliteStore, session: SessionId) -> None:
        for number in range(30):
            await store.commit(session, Append(body=user(str(number))))

    await asyncio.gather(write(left, mine.id), write(right, theirs.id))
    numbers = [str(number) for number in range(30)]
    assert texts(await right.path(mine.id)) == ["mine", *numbers]
    assert texts(await left.path(theirs.id)) == ["theirs", *numbers]
    await left.aclose()
    await right.aclose()


async def test_two_stores_on_one_session_keep_one_tree(tmp_path: Path) -> None:
    file, info = tmp_path / "sessions.db", an_info()
    left, right = await SqliteStore.open(file), await SqliteStore.open(file)
    await left.create(info, [Append(body=user("root"))])
    await right.path(info.id)

    async def write(store: SqliteStore, name: str) -> EntryId:
        for number in range(20):
            [entry] = await store.commit(
                info.id, Append(body=user(f"{name}{number}")), Enqueue(kind="steer", text=name)
            )
        return entry.id

    tips = await asyncio.gather(write(left, "l"), write(right, "r"))
    assert len((await left.tree(info.id)).nodes) == (await right.info(info.id)).entries == 41
    for name, tip in zip("lr", tips, strict=True):
        path = await left.path(info.id, head=tip)
        assert texts(path) == ["root", *(f"{name}{number}" for number in range(20))]
    assert {branch.tip for branch in await right.branches(info.id)} == set(tips)
    assert len(await right.queue(info.id)) == 40
    await left.aclose()
    await right.aclose()


def test_processes_that_make_the_store_at_once_all_open_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(MAKE), str(tmp_path / "home" / "sessions.db")]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(6)]
    failures = [process.communicate(timeout=60)[1].decode() for process in started]
    assert failures == [""] * 6
    assert [process.returncode for process in started] == [0] * 6


async def test_a_cancelled_caller_does_not_tear_a_commit(tmp_path: Path) -> None:
    store, info = await SqliteStore.open(tmp_path / "sessions.db"), an_info()
    await store.create(info)
    async with asyncio.TaskGroup() as tasks:
        commit = tasks.create_task(
            store.commit(info.id, *[Append(body=user(str(number))) for number in range(200)])
        )
        await asyncio.sleep(0)
        commit.cancel()
    found = await store.info(info.id)
    assert found.entries == len(await store.path(info.id)) == 200
    await store.aclose()


async def test_a_session_of_ten_thousand_entries_opens(tmp_path: Path) -> None:
    store, info = await SqliteStore.open(tmp_path / "sessions.db"), an_info()
    await store.create(info, [Append(body=user(f"message {number}")) for number in range(10_000)])
    path = await store.path(info.id)
    assert len(path) == 10_000
    assert await store.path(info.id, limit=400) == path[-400:]
    await store.aclose()
