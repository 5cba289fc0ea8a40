"""Two processes that want one session: in any moment one of them writes it, and never both."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from ion_core.entries import Entry
from ion_core.messages import Message
from ion_core.runtime import Runtime
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.scripted_home import ION, scripted_home
from tests.fakes.sessions import an_info

HAMMER_S = 2.0

GRAB_AND_WRITE = """
import asyncio, os, random, sys, time
from pathlib import Path
from ion_core.errors import SessionBusy
from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.sqlite import SqliteStore

async def main(path, session, seconds):
    store, end, refused = await SqliteStore.open(Path(path)), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        if await store.take(session, over=random.random() < 0.3) is not None:
            await asyncio.sleep(0.001)
            continue
        lease = store._leases._held[session]
        try:
            for _ in range(random.randrange(20)):
                await store.commit(session, Append(body=user(f"{os.getpid()} {lease}")))
        except SessionBusy:
            refused += 1
    await store.aclose()
    print(refused)

asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
"""

TALK_AND_TAKE = """
import asyncio, sys, time
from pathlib import Path
from ion_core.errors import SessionBusy, StoreError
from ion_core.runtime import Runtime

async def main(session, seconds):
    end = time.monotonic() + seconds
    async with Runtime(Path.cwd()) as runtime:
        mine = await runtime.open(session)
        while time.monotonic() < end:
            try:
                await mine.take_over()
                await mine.submit("go on")
                await asyncio.sleep(0.05)
            except SessionBusy:
                pass
        print(mine.view.head)

asyncio.run(main(sys.argv[1], float(sys.argv[2])))
"""


def both(program: str, env: dict[str, str], cwd: Path, *arguments: str) -> list[str]:
    """Run it twice at once; what each printed."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            env=env,
            cwd=cwd,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    return said


async def stored(path: Path, session: str = "") -> list[Entry]:
    store = await SqliteStore.open(path)
    try:
        found = session or (await store.sessions())[0].id
        return await store.path((await store.info(found)).id)  # type: ignore[arg-type]  # a str is one
    finally:
        await store.aclose()


def test_every_row_was_written_by_whoever_held_the_lease_then(tmp_path: Path) -> None:
    info, path = an_info(), tmp_path / "s.db"

    async def begin() -> None:
        store = await SqliteStore.open(path)
        await store.create(info)
        await store.aclose()

    asyncio.run(begin())
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    both(GRAB_AND_WRITE, env, tmp_path, str(path), info.id, str(HAMMER_S))
    entries = asyncio.run(stored(path, info.id))
    bodies = [entry.body for entry in entries if isinstance(entry.body, Message)]
    wrote = [tuple(map(int, body.text.split())) for body in bodies]
    fences = [fence for _, fence in wrote]
    assert fences == sorted(fences)
    assert len(set(wrote)) == len(set(fences)) > 2
    assert len({pid for pid, _ in wrote}) == 2


def test_two_ions_that_snatch_a_session_from_one_another_leave_one_history(tmp_path: Path) -> None:
    env = scripted_home(
        tmp_path / "home",
        [
            {"calls": [{"name": "bash", "arguments": {"command": "echo one"}}], "delay_s": 0.01},
            {"text": "Done.", "delay_s": 0.01},
        ]
        * 200,
    )
    cwd = tmp_path / "ws"
    cwd.mkdir()
    subprocess.run([*ION, "run", "begin"], env=env, cwd=cwd, check=True, capture_output=True)
    session = _latest(env, cwd)
    both(TALK_AND_TAKE, env, cwd, session, str(HAMMER_S))

    async def gone_on_with() -> list[Entry]:
        async with Runtime(cwd, env=env) as runtime:
            opened = await runtime.open(session)
            assert opened.reading_along == ""
            await opened.submit("the end")
            await opened.idle()
            assert opened.view.ended is not None
            assert opened.view.ended.reason == "done"
            tree = await opened.tree()
            assert [branch.name for branch in tree.branches] == ["main"]
            return list(opened.view.entries)

    entries = asyncio.run(gone_on_with())
    messages = [entry.body for entry in entries if isinstance(entry.body, Message)]
    called = [call.id for message in messages for call in message.calls]
    answered = [result.call for message in messages for result in message.results]
    assert sorted(called) == sorted(answered)


def test_a_run_that_resumes_what_another_ion_writes_says_so_and_ends(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "Hello.", "delay_s": 0.01}])
    cwd = tmp_path / "ws"
    cwd.mkdir()
    subprocess.run([*ION, "run", "begin"], env=env, cwd=cwd, check=True, capture_output=True)
    session = _latest(env, cwd)

    def resumed(*flags: str) -> subprocess.CompletedProcess[str]:
        command = [*ION, "run", "--resume", session, *flags, "more"]
        return subprocess.run(
            command, env=env, cwd=cwd, capture_output=True, text=True, timeout=60, check=False
        )

    async def while_it_is_open() -> None:
        async with Runtime(cwd, env=env) as runtime:
            ours = await runtime.open(session)
            before = list(ours.view.entries)
            text = await asyncio.to_thread(resumed)
            assert text.returncode == 1
            assert f"Another ion (pid {os.getpid()}) writes this session." in text.stderr
            assert text.stdout == ""
            result = json.loads(
                (await asyncio.to_thread(resumed, "--output-format", "json")).stdout
            )
            assert result["status"] == "error"
            assert result["error"]["kind"] == "session_busy"
            assert await runtime.store.path(ours.id) == before

    asyncio.run(while_it_is_open())
    assert resumed().returncode == 0


def _latest(env: dict[str, str], cwd: Path) -> str:
    done = subprocess.run(
        [*ION, "sessions", "list", "--json"], env=env, cwd=cwd, check=True, capture_output=True
    )
    found = json.loads(done.stdout)
    rows = found["sessions"] if isinstance(found, dict) else found
    return str(rows[0].get("id") or rows[0]["session"])
