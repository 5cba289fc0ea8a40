"""What arrives of an answer is kept while it arrives, and only until it is an entry."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ion_core.errors import Overloaded
from ion_core.messages import Message, Origin, Reasoning, Text
from ion_core.providers.script import Reply
from ion_core.sessions.base import Append
from ion_core.sessions.pieces import Piece, Pieces
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.scene import Scene, scene
from tests.fakes.sessions import an_info, said

ORIGIN = Origin(protocol="scripted", provider="p", base_url="", model="m")


async def kept(s: Scene, text: str) -> Message:
    async with asyncio.timeout(20):
        while (found := await s.store.partial(s.session.id)) is None or found.text != text:  # noqa: ASYNC110 - a file is asked
            await asyncio.sleep(0.02)
        return found


async def test_an_answer_that_stalls_is_kept_to_its_last_word(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with scene(tmp_path / "ws", [Reply(parts=(Text(text="Half of it."),), gate=gate)]) as s:
        await s.session.submit("hi")
        found = await kept(s, "Half of it.")
        assert found.stop == "interrupted"
        gate.set()
        await s.session.idle()
        assert await s.store.partial(s.session.id) is None


async def test_nothing_is_kept_of_an_attempt_that_was_discarded(tmp_path: Path) -> None:
    broken = Reply(parts=(Text(text="Wrong."),), error=Overloaded("busy", retry_after=0.0))
    async with scene(tmp_path / "ws", [broken, "Right."]) as s:
        await s.play("hi")
        assert s.messages[-1].text == "Right."
        assert await s.store.partial(s.session.id) is None


async def test_an_interrupted_answer_is_an_entry_and_kept_once(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with scene(tmp_path / "ws", [Reply(parts=(Text(text="Half of it."),), gate=gate)]) as s:
        await s.session.submit("hi")
        await kept(s, "Half of it.")
        await s.session.cancel()
        assert [m.text for m in s.messages] == ["hi", "Half of it."]
        assert await s.store.partial(s.session.id) is None


async def test_pieces_of_several_parts_become_one_message() -> None:
    store = await SqliteStore.memory()
    info = an_info()
    await store.create(info)
    for pieces in (
        (Piece(part=0, channel="reasoning", text="hm"), Piece(part=1, channel="text", text="one ")),
        (Piece(part=1, channel="text", text="two"),),
    ):
        await store.keep_partial(info.id, Pieces(origin=ORIGIN, pieces=pieces))
    found = await store.partial(info.id)
    assert found is not None
    assert found.parts == (Reasoning(text="hm"), Text(text="one two"))
    assert found.origin == ORIGIN
    assert await store.open_effects(info.id) == ()
    await store.commit(info.id, Append(body=said("one two three")))
    assert await store.partial(info.id) is None
    await store.aclose()
