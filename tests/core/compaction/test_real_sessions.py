"""Real long sessions, compacted as they went along: each request valid, no word of a person lost.

The recordings lie beside the checkout and are no part of it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from ion_core.compaction.compactor import CheckpointCompactor
from ion_core.compaction.sizes import size
from ion_core.context.ledgers import ledgers, render
from ion_core.context.projector import project
from ion_core.context.reading import reading
from ion_core.entries import Compaction, Entry
from ion_core.ids import EntryId, entry_id
from ion_core.messages import Message
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.pi import Pi
from ion_core.sessions.importers.take_in import take_in
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.talks import GOOD, MODEL, Teller, task

RECORDINGS = Path(__file__).resolve().parents[3].parent / "shared" / "transcripts"
NAMES = ("pi-before-compaction.jsonl", "pi-large-session.jsonl")


async def recorded(name: str, folder: Path) -> list[Entry]:
    """The path of a recording."""
    file = RECORDINGS / name
    if not file.exists():
        pytest.skip(f"{file} is not there: the recordings are no part of the project")
    store = await SqliteStore.memory()
    try:
        await take_in(store, Blobs(folder / "blobs"), file, Pi(), folder)
        [session] = await store.sessions()
        return list(await store.path(session.id))
    finally:
        await store.aclose()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("window", [32_000, 128_000, 200_000])
async def test_a_real_session_goes_on_through_any_number_of_compactions(
    name: str, window: int, tmp_path: Path
) -> None:
    path: list[Entry] = []
    made = 0
    for entry in await recorded(name, tmp_path):
        path.append(replace(entry, id=entry_id(len(path) + 1)))
        if not _is_point(entry) or len(path) % 7:
            continue
        weight = sum(map(size, reading(path)))
        given = task(path, window=window, tokens=weight, keep=20_000)
        if weight < given.ceilings.soft:
            continue
        found = partial(_ledgers, list(path), given.ceilings.soft)
        done = await CheckpointCompactor().compact(replace(given, ledgers=found), Teller(GOOD))
        id_ = EntryId(entry_id(len(path) + 1))
        path.append(Entry(id=id_, parent=path[-1].id, at=entry.at, body=done.entry))
        made += 1
        after = sum(map(size, reading(path)))
        assert after < min(given.ceilings.soft, 0.75 * weight)
        _check(path)
    assert made >= (window < 200_000)


def _is_point(entry: Entry) -> bool:
    """Where a request is made: behind a prompt or a result."""
    return isinstance(entry.body, Message) and entry.body.role != "assistant"


def _ledgers(path: list[Entry], soft: int, kept: int) -> str:
    return render(ledgers(path, root=Path("/"), spoken=len(path) - kept), soft=soft)


def _check(path: list[Entry]) -> None:
    request = project(path, system="", tools=(), model=MODEL)
    calls = [call.id for message in request.messages for call in message.calls]
    assert calls == [result.call for message in request.messages for result in message.results]
    said = "\n".join(message.text for message in request.messages)
    if any(isinstance(entry.body, Compaction) for entry in path):
        for entry in path:
            body = entry.body
            if isinstance(body, Message) and body.role == "user" and body.text.strip():
                start = body.text.strip().splitlines()[0].rstrip()
                assert entry.id in said or start in said
