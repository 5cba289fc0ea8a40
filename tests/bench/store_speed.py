"""The session store: how long one durable commit takes, how many fit into a second, and how long
it takes to open. The floor is the same insert by the ``sqlite3`` module on the caller's thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from ion_core.ids import new_session_id
from ion_core.messages import user
from ion_core.sessions.base import Append, SessionInfo
from ion_core.sessions.sqlite import SqliteStore
from tests.bench.row import Floor, Row
from tests.bench.scratch import Scratch

COMMITS = 500


def measure(runs: int) -> list[Row]:
    """The rows of the store."""
    with Scratch() as scratch:
        asyncio.run(_commits(scratch.folder / "warm-up.db"))
        latencies = asyncio.run(_commits(scratch.folder / "bench.db"))
        opened = [asyncio.run(_opening(scratch.folder / "bench.db")) for _ in range(runs)]
        floor = _plain(scratch.folder / "plain.db")
    return [
        Row(
            name="store: one durable commit",
            unit="s",
            samples=tuple(latencies),
            floors=(Floor(name="sqlite3, FULL, same thread", samples=tuple(floor)),),
        ),
        Row(
            name="store: durable commits, one after another",
            unit="1/s",
            samples=(len(latencies) / sum(latencies),),
            more=True,
        ),
        Row(name="store: open", unit="s", samples=tuple(opened)),
    ]


async def _commits(path: Path) -> list[float]:
    now = time.time()
    info = SessionInfo(
        id=new_session_id(), project="bench", cwd="/", created_at=now, updated_at=now
    )
    store = await SqliteStore.open(path)
    await store.create(info)
    spent = []
    for number in range(COMMITS):
        began = time.monotonic()
        await store.commit(info.id, Append(body=user(f"message {number}")))
        spent.append(time.monotonic() - began)
    await store.aclose()
    return spent


async def _opening(path: Path) -> float:
    began = time.monotonic()
    store = await SqliteStore.open(path)
    spent = time.monotonic() - began
    await store.aclose()
    return spent


def _plain(path: Path) -> list[float]:
    db = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE message(id INTEGER PRIMARY KEY, body TEXT)",
    ):
        db.execute(statement)
    try:
        return [_timed(lambda: _insert(db)) for _ in range(COMMITS)]
    finally:
        db.close()


def _insert(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO message(body) VALUES('a message of the usual length')")
    db.execute("COMMIT")


def _timed(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
