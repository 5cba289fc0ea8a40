"""``kill -9`` at random points of a ten-tool turn: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from ion_core.context.projector import project
from ion_core.entries import Entry
from ion_core.providers.base import ModelInfo
from ion_core.runtime import Runtime
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.scripted_home import ION, scripted_home

TOOLS = 10
KILLS = 5
"""In each batch; the ordinary run has one batch, ALL_TESTS=1 five."""
BATCHES = 5 if os.environ.get("ALL_TESTS") == "1" else 1


def ten_tools() -> list[dict[str, Any]]:
    """Ten steps, one call each: reads, writes, edits and commands in turn."""
    calls = [
        {"name": "write", "arguments": {"path": "a.txt", "content": "one\n"}},
        {"name": "read", "arguments": {"path": "a.txt"}},
        {"name": "bash", "arguments": {"command": "echo line >> log.txt"}},
        {
            "name": "edit",
            "arguments": {
                "path": "a.txt",
                "edits": [{"old_string": "one", "new_string": "one one", "replace_all": True}],
            },
        },
        {"name": "list", "arguments": {}},
    ]
    steps = [
        {"text": f"Step {i}.", "calls": [calls[i % len(calls)]], "delay_s": 0.002}
        for i in range(TOOLS)
    ]
    return [*steps, {"text": "All ten are done.", "delay_s": 0.002}]


def play(env: dict[str, str], cwd: Path, prompt: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*ION, "run", "--output-format", "stream-json", prompt],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def killed_at(child: subprocess.Popen[bytes], line: int, pause_s: float) -> list[dict[str, Any]]:
    """Kill the process after its ``line``-th line; every entry that it had acknowledged."""
    assert child.stdout is not None
    lines = []
    for _ in range(line):
        text = child.stdout.readline()
        if not text:
            break
        lines.append(text)
    time.sleep(pause_s)
    child.kill()
    lines += child.stdout.read().split(b"\n")[:-1]
    child.wait()
    child.stdout.close()
    said = [json.loads(text) for text in lines if text.strip()]
    events = [item["event"] for item in said if item["type"] == "event"]
    return [event["entry"] for event in events if event["kind"] == "entry_appended"]


async def stored(home: Path) -> list[Entry]:
    """What the file holds, before anybody mends it."""
    store = await SqliteStore.open(home / "sessions.db")
    try:
        return await store.path((await store.sessions())[0].id)
    finally:
        await store.aclose()


async def gone_on_with(env: dict[str, str], cwd: Path) -> list[Entry]:
    """Reopen the session, say "go on", and play the turn to its end."""
    async with Runtime(cwd, env=env) as runtime:
        session = await runtime.open_latest()
        await session.submit("go on")
        await session.idle()
        assert session.view.ended is not None
        assert session.view.ended.reason == "done"
        return list(session.view.entries)


def assert_a_provider_accepts(entries: list[Entry]) -> None:
    """Each call is answered once, directly after the message that made it."""
    request = project(entries, system="", tools=(), model=ModelInfo(provider="p", id="m"))
    messages = request.messages
    assert messages[0].role == "user"
    for index, message in enumerate(messages):
        if message.calls:
            answers = [result.call for result in messages[index + 1].results]
            assert answers == [call.id for call in message.calls]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_killed_run_keeps_every_row_and_goes_on(tmp_path: Path, batch: int) -> None:
    chance = random.Random(batch)
    for number in range(KILLS):
        home, cwd = tmp_path / f"home{number}", tmp_path / f"ws{number}"
        cwd.mkdir()
        env = scripted_home(home, ten_tools())
        child = play(env, cwd, "do ten things")
        acknowledged = killed_at(child, chance.randint(1, 110), chance.uniform(0, 0.01))
        kept = {entry.id for entry in asyncio.run(stored(home))}
        assert [entry for entry in acknowledged if entry["id"] not in kept] == []
        assert_a_provider_accepts(asyncio.run(gone_on_with(env, cwd)))
