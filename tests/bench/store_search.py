"""Searching a store of 5,000 sessions and 130,000 entries: rare and common words, a beginning of
words, filters. The floor is a search through the same words kept as text, without an index.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from pathlib import Path

from ion_core.ids import CallId, new_session_id
from ion_core.messages import Message, Text, ToolResult, answered, user
from ion_core.sessions.base import Append, SessionInfo
from ion_core.sessions.sqlite import SqliteStore
from tests.bench.row import Floor, Row
from tests.bench.scratch import Scratch

SESSIONS, ENTRIES = 5_000, 26
VOCABULARY = 8_000
QUERIES = {
    "two words": "w17 w1203 ",
    "a common word": "w0 ",
    "a beginning": "w1",
    "two beginnings": "w1* w2",
    "a phrase": '"w0 w1"',
    "no word of it together": "w7990 w7991 w7992 w7993 ",
    "common, failed, of this year": "w0 is:error after:365d",
    "common, of one model": "w0 model:m3 ",
    "common, of one file": "w0 file:w900.py",
    "common, failed, of one model and file, of this year": (
        "w0 is:error model:m3 file:w900.py after:365d"
    ),
    "two phrases": '"w0 w1" "w2 w3"',
    "24 words": " ".join(f"w{number}" for number in range(24)) + " ",
}


def measure(runs: int) -> list[Row]:
    """A row for each sort of query."""
    with Scratch() as scratch:
        path = scratch.folder / "sessions.db"
        asyncio.run(_fill(path))
        return asyncio.run(_searches(path, max(5, runs)))


async def _searches(path: Path, runs: int) -> list[Row]:
    store = await SqliteStore.open(path)
    rows = []
    for name, query in QUERIES.items():
        await store.search(query)
        samples = [await _timed(store, query) for _ in range(runs)]
        floors = (Floor(name="LIKE over the same words", samples=(_like(path),)),)
        rows.append(
            Row(
                name=f"search in 130,000 entries: {name}",
                unit="s",
                samples=tuple(samples),
                floors=floors if name == "two words" else (),
            )
        )
    await store.aclose()
    return rows


async def _timed(store: SqliteStore, query: str) -> float:
    began = time.monotonic()
    await store.search(query)
    return time.monotonic() - began


def _like(path: Path) -> float:
    db = sqlite3.connect(path)
    try:
        began = time.monotonic()
        db.execute(
            "SELECT id FROM entry_text WHERE body LIKE '%w17 %' AND body LIKE '%w1203 %'"
        ).fetchall()
        return time.monotonic() - began
    finally:
        db.close()


async def _fill(path: Path) -> None:
    """Words as language has them: the n-th most frequent is 1/n as frequent as the first."""
    chance = random.Random(1)
    words = [f"w{number}" for number in range(VOCABULARY)]
    weights = [1 / (number + 1) for number in range(VOCABULARY)]
    now = made = time.time()
    store = await SqliteStore.open(path, clock=lambda: made)
    for number in range(SESSIONS):
        drawn = " ".join(chance.choices(words, weights, k=ENTRIES * 60))
        made = now - chance.random() * 400 * 86_400
        info = SessionInfo(
            id=new_session_id(lambda made=made: made),  # type: ignore[misc]
            project=f"p{number % 40}",
            cwd=f"/work/{number % 40}",
            model=f"mock/m{number % 5}",
            created_at=made,
            updated_at=made,
        )
        await store.create(info, [Append(body=body) for body in _bodies(drawn)])
    await store.aclose()


def _bodies(drawn: str) -> list[Message]:
    size = len(drawn) // ENTRIES
    pieces = [drawn[at : at + size] for at in range(0, size * ENTRIES, size)]
    return [_body(number, piece) for number, piece in enumerate(pieces)]


def _body(number: int, words: str) -> Message:
    match number % 3:
        case 0:
            return user(words)
        case 1:
            return Message(role="assistant", parts=(Text(text=words),))
        case _:
            status = "error" if number % 9 == 2 else "ok"
            said = ToolResult(
                call=CallId(f"c{number}"), name="bash", status=status, content=f"src/{words}.py"
            )
            return answered(said)
