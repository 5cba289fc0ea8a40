"""The law of moving: what is exported and imported is the same tree with the same words."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.codec import encode
from ion_core.context.projector import project
from ion_core.entries import Body, Entry
from ion_core.ids import SessionId, entry_id
from ion_core.providers.base import ModelInfo
from ion_core.sessions.base import Append
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.moving.arrival import take_in
from ion_core.sessions.moving.jsonl import Jsonl
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes import values
from tests.fakes.sessions import an_info, ticking

steps = st.lists(st.tuples(st.none() | st.integers(0, 8), values.bodies), max_size=12)


async def grown(store: SqliteStore, steps: list[tuple[int | None, Body]]) -> SessionId:
    """A session whose entries follow the head, or the entry with an index from the end."""
    info = an_info()
    await store.create(info)
    made: list[Entry] = []
    for back, body in steps:
        if back is not None and back < len(made):
            await store.commit(info.id, MoveHead(to=made[-back - 1].id))
        made += await store.commit(info.id, Append(body=body))
    return info.id


async def paths(store: SqliteStore, session: SessionId) -> list[list[tuple[float, Body]]]:
    """The path to every entry, without the ids, which are each store's own."""
    departure = Departure(store, session)
    await departure.header()
    heads = [None, *(entry_id(node.row) for node in await departure.skeleton())]
    return [
        [(entry.at, entry.body) for entry in await store.path(session, head=head)] for head in heads
    ]


async def named(store: SqliteStore, session: SessionId) -> tuple[object, ...]:
    """What the session says of its branches, by ids that hold outside of a store."""
    header = await Departure(store, session).header()
    return header.session.branch, header.branches, header.labels, header.tags


async def projected(store: SqliteStore, session: SessionId) -> bytes:
    """What a model reads of it."""
    path = await store.path(session)
    request = project(path, system="", tools=(), model=ModelInfo(provider="mock", id="m"))
    return b"\n".join(encode(message) for message in request.messages)


@settings(max_examples=40, deadline=None)
@given(steps, st.integers(1, 5))
def test_an_export_imports_as_the_same_tree(
    steps: list[tuple[int | None, Body]], times: int
) -> None:
    async def story(folder: Path) -> None:
        one, two = [await SqliteStore.memory(clock=ticking()) for _ in range(2)]
        try:
            await grown(two, steps[:times])  # so that row numbers differ
            session = await grown(one, steps)
            blobs, file = Blobs(folder / "blobs"), folder / "s.jsonl"
            made = Jsonl(Departure(one, session), blobs)
            file.write_bytes(b"".join([chunk async for chunk in made.chunks()]))
            first = await take_in(two, blobs, file, folder)
            assert (first.entries, first.skipped, first.absent) == (len(steps), 0, 0)
            assert (await take_in(two, blobs, file, folder)).entries == 0
            assert await paths(two, session) == await paths(one, session)
            assert await named(two, session) == await named(one, session)
            assert await projected(two, session) == await projected(one, session)
        finally:
            await one.aclose()
            await two.aclose()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))
