"""The law of damage: of an export that was cut off or broken, everything that can be read arrives,
and the whole file later makes it good."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.entries import Body
from ion_core.sessions.base import Append
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.moving.arrival import take_in
from ion_core.sessions.moving.jsonl import Jsonl
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes import values
from tests.fakes.sessions import an_info, ticking

GARBAGE = (b"\xff\xfe", b"{", b"[]", b'{"line":"entry"}', b'{"line":"other"}', b"\x00\x00", b"null")
bodies = st.lists(values.bodies, min_size=1, max_size=8)
damage = st.lists(st.tuples(st.integers(1, 10), st.sampled_from(GARBAGE)), max_size=4)


@settings(max_examples=25, deadline=None)
@given(bodies, damage, st.integers(1, 30))
def test_damage_is_counted_and_made_good(
    bodies: list[Body], damage: list[tuple[int, bytes]], torn: int
) -> None:
    async def story(folder: Path) -> None:
        one, two = [await SqliteStore.memory(clock=ticking()) for _ in range(2)]
        try:
            info, blobs, file = an_info(), Blobs(folder / "blobs"), folder / "s.jsonl"
            await one.create(info, [Append(body=body) for body in bodies])
            made = Jsonl(Departure(one, info.id), blobs)
            lines = b"".join([chunk async for chunk in made.chunks()]).splitlines()
            broken = [*lines[:-1], lines[-1][:-torn]]
            for place, garbage in damage:
                broken.insert(min(place, len(broken) - 1), garbage)
            file.write_bytes(b"\n".join(broken))
            first = await take_in(two, blobs, file, folder)
            assert first.entries == len(bodies) - 1
            assert first.absent == 1
            assert first.skipped == len(damage) + 1
            assert {broken[bad.line - 1] for bad in first.bad} <= {*GARBAGE, broken[-1]}
            file.write_bytes(b"\n".join(lines))
            whole = await take_in(two, blobs, file, folder)
            assert (whole.entries, whole.skipped, whole.absent) == (1, 0, 0)
            came = [(entry.at, entry.body) for entry in await two.path(info.id)]
            assert came == [(entry.at, entry.body) for entry in await one.path(info.id)]
        finally:
            await one.aclose()
            await two.aclose()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))
