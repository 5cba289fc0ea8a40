"""Opening a session of 10,000 messages in the app: how soon its last message is on the screen."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ion_core.ids import SessionId, new_session_id
from ion_core.messages import Message, Text, user
from ion_core.sessions.base import Append, SessionInfo
from ion_core.sessions.project import project_id
from ion_core.sessions.sqlite import SqliteStore
from tests.bench import process
from tests.bench.row import Row
from tests.bench.scratch import ION, Scratch
from tests.bench.terminal import Terminal

MESSAGES, BATCH = 10_000, 500
LAST = "The-very-last-message."
KEYS, KEY_PAUSE_S = 20, 0.05


def measure(runs: int) -> list[Row]:
    """The rows of the long session."""
    samples: dict[str, list[float]] = defaultdict(list)
    with Scratch() as scratch:
        scratch.configure("http://127.0.0.1:9/v1")
        session = asyncio.run(_write(scratch.home / "sessions.db", scratch.work))
        for _ in range(max(1, runs // 3) + 1):
            with Terminal([ION, "-r", session], scratch.env, scratch.work) as terminal:
                _one(terminal, samples)
    name = f"session of {MESSAGES:,} messages"
    return [
        Row(name=f"{name}: last one painted", unit="s", samples=tuple(samples["paint"][1:])),
        Row(name=f"{name}: key echo after", unit="s", samples=tuple(samples["key"][KEYS:])),
        Row(name=f"{name}: memory", unit="MB", samples=tuple(samples["memory"][1:])),
    ]


def _one(terminal: Terminal, samples: dict[str, list[float]]) -> None:
    shown = terminal.wait_for(LAST.encode())
    samples["paint"].append(shown - terminal.began)
    for _ in range(KEYS):
        typed, echoed = terminal.echo()
        samples["key"].append(echoed - typed)
        terminal.pump(KEY_PAUSE_S)
    terminal.pump(1.0)
    samples["memory"].append(process.memory_mb(terminal.pid))


async def _write(path: Path, cwd: Path) -> SessionId:
    """A session of questions and answers by turns, in the store at ``path``."""
    now = time.time()
    info = SessionInfo(
        id=new_session_id(),
        project=project_id(cwd),
        cwd=str(cwd),
        model="bench/test-model",
        created_at=now,
        updated_at=now,
    )
    store = await SqliteStore.open(path)
    await store.create(info)
    for some in _by(BATCH, _messages()):
        await store.commit(info.id, *(Append(body=message) for message in some))
    await store.aclose()
    return info.id


def _by(size: int, messages: Iterator[Message]) -> Iterator[tuple[Message, ...]]:
    while some := tuple(islice(messages, size)):
        yield some


def _messages() -> Iterator[Message]:
    for number in range(MESSAGES // 2):
        yield user(f"Question {number}: what does part {number} do, and who calls it?")
        yield Message(role="assistant", parts=(Text(text=_answer(number)),), stop="end_turn")


def _answer(number: int) -> str:
    last = f"\n\n{LAST}" if number == MESSAGES // 2 - 1 else ""
    return (
        f"## Part {number}\n\nIt reads `start` and **stops** at line {number}.\n\n"
        f"- first the head,\n- then the body.\n\n```python\nread({number})\n```{last}"
    )
