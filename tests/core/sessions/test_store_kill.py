"""What a killed process leaves: every acknowledged row, and a history that can go on."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from ion_core.entries import Entry
from ion_core.messages import Message, user
from ion_core.sessions.base import Append, SessionInfo
from ion_core.sessions.recovery import recovery
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info

KILLS = 10
PROGRAM = Path(__file__).with_name("store_writer.py")


def acknowledged_before_death(file: Path, info: SessionInfo, after: int) -> list[str]:
    """Run a writer, kill it once it acknowledged ``after`` entries; all that it acknowledged."""
    command = [sys.executable, str(PROGRAM), str(file), info.id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        heard = [writer.stdout.readline().strip() for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        heard += writer.stdout.read().split()
    assert writer.returncode == -signal.SIGKILL
    return heard


def left_open(path: list[Entry]) -> list[str]:
    """Calls without exactly one result before the next message that is not a result."""
    waiting: list[str] = []
    for body in (entry.body for entry in path if isinstance(entry.body, Message)):
        for result in body.results:
            waiting.remove(result.call)
        if body.role != "tool":
            if waiting:
                break
            waiting = [call.id for call in body.calls]
    return waiting


async def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    chance, file, info = random.Random(8), tmp_path / "sessions.db", an_info()
    store = await SqliteStore.open(file)
    await store.create(info, [Append(body=user("begin"))])
    await store.aclose()
    for _ in range(KILLS):
        heard = acknowledged_before_death(file, info, chance.randrange(1, 40))
        store = await SqliteStore.open(file)
        path = await store.path(info.id)
        ids = [entry.id for entry in path]
        assert set(heard) <= set(ids)
        assert len(ids) - ids.index(heard[-1]) <= 2  # at most one commit was not heard of
        await store.commit(
            info.id, *recovery(path, await store.open_effects(info.id)), Append(body=user("go on"))
        )
        assert left_open(await store.path(info.id)) == []
        assert await store.open_effects(info.id) == ()
        await store.aclose()
    db = sqlite3.connect(file)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()
