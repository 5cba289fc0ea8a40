"""Conversations to plant facts in: generated ones without an end, and recordings where there are
any beside the checkout.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ion_core.entries import Body, Entry
from ion_core.messages import Message
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.pi import Pi
from ion_core.sessions.importers.take_in import take_in
from ion_core.sessions.sqlite import SqliteStore
from tests.bench_context.facts import KINDS, Planter

RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "transcripts"
FACTS_EACH = 0.55
"""How often a turn of a generated session tells a fact."""
RECORDED_EVERY = 9
"""Messages of a recording between two planted facts."""


def generated(planter: Planter, seed: int) -> Iterator[list[Body]]:
    """Turns for ever, some of them with a fact."""
    chance = random.Random(f"session {seed}")
    number = 0
    while True:
        yield planter.work()
        if chance.random() < FACTS_EACH:
            yield planter.plant(KINDS[number % len(KINDS)])
            number += 1


async def recorded_paths() -> dict[str, list[Entry]]:
    """The messages of recorded sessions, with their times, by name; none where they are absent."""
    found = {}
    for file in sorted(RECORDINGS.glob("pi-*.jsonl")):
        with tempfile.TemporaryDirectory() as folder:
            store = await SqliteStore.memory()
            await take_in(store, Blobs(Path(folder)), file, Pi(), Path(folder))
            [session] = await store.sessions()
            path = await store.path(session.id)
            await store.aclose()
        found[file.stem] = [entry for entry in path if isinstance(entry.body, Message)]
    return found


async def recordings() -> dict[str, list[Message]]:
    """What was said in them."""
    return {
        name: [entry.body for entry in path if isinstance(entry.body, Message)]
        for name, path in (await recorded_paths()).items()
    }


def planted(messages: list[Message], planter: Planter) -> Iterator[list[Body]]:
    """A recording with facts between its turns."""
    turn: list[Body] = []
    number = since = 0
    for message in messages:
        if message.role == "user" and turn:
            yield turn
            turn = []
        turn.append(message)
        since += 1
        if since >= RECORDED_EVERY and message.role == "assistant" and not message.calls:
            turn += planter.plant(KINDS[number % len(KINDS)])
            number, since = number + 1, 0
    yield turn
