"""Cancelling at awkward moments: the end is told once, and the history stays whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ion_core.entries import SystemEvent
from ion_core.events import EntryAppended, StepEnded, ToolEnded, TurnEnded, TurnStarted
from ion_core.messages import Message
from ion_core.providers.script import Reply
from tests.fakes.scene import Scene, call, scene


def ends(s: Scene) -> list[str]:
    return [event.reason for event in s.hear() if isinstance(event, TurnEnded)]


async def test_a_turn_that_is_cancelled_before_it_began_still_ends(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["Hello."]) as s:
        await s.session.submit("hi")
        await s.session.cancel()
        assert ends(s) == ["interrupted"]
        assert sum(isinstance(event, TurnStarted) for event in s.events) == 1


async def test_cancelling_twice_ends_the_turn_once(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with scene(tmp_path / "ws", [Reply(gate=gate)]) as s:
        await s.session.submit("hi")
        await asyncio.gather(*(s.session.cancel() for _ in range(3)))
        assert ends(s) == ["interrupted"]
        kept = [entry.body for entry in await s.store.path(s.session.id)]
        assert sum(isinstance(body, SystemEvent) for body in kept) == 1


async def test_calls_of_an_answer_cancelled_while_it_was_stored_are_settled(
    tmp_path: Path,
) -> None:
    calls = [call("list", "c1"), call("list", "c2")]
    for rounds in range(40):
        async with scene(tmp_path / str(rounds) / "ws", [calls], chunk=1000) as s:
            await s.session.submit("go")
            for _ in range(rounds):
                await asyncio.sleep(0)
            await s.session.cancel()
            answered = sum(isinstance(event, StepEnded) for event in s.hear())
            stored = [m for m in s.messages if m.role == "assistant"]
            assert answered >= len(stored)
            assert len(s.results) == 2 * sum(1 for m in stored if m.calls)
            assert sum(isinstance(event, ToolEnded) for event in s.events) == len(s.results)


async def test_what_was_announced_reads_back_the_same(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["Hello."]) as s:
        await s.play("half a pair: \ud800")
        assert await s.store.path(s.session.id) == s.session.view.entries
        first = s.events[0]
        assert isinstance(first, EntryAppended)
        assert isinstance(first.entry.body, Message)
        assert first.entry.body.text == "half a pair: \ufffd"
