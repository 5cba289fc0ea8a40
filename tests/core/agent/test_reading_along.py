"""Two ions on one session: one writes it, the other reads along, takes over, or waits its turn."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import pytest

from ion_core.agent.session import Session
from ion_core.errors import SessionBusy, StoreTooNew
from ion_core.events import Notice
from ion_core.messages import Message
from ion_core.runtime import Runtime
from tests.fakes.scripted_home import scripted_home
from tests.fakes.sessions import texts

ANSWERS = [{"text": "One.", "delay_s": 0.001}, {"text": "Two.", "delay_s": 0.001}]


@asynccontextmanager
async def two(tmp_path: Path, steps: object = ANSWERS) -> AsyncIterator[tuple[Runtime, Runtime]]:
    env = scripted_home(tmp_path / "home", steps)  # type: ignore[arg-type]  # rows of JSON
    (tmp_path / "ws").mkdir()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(Runtime(tmp_path / "ws", env=env))
        second = await stack.enter_async_context(Runtime(tmp_path / "ws", env=env))
        yield first, second


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what another process did is seen by looking
            await asyncio.sleep(0.02)


async def say(session: Session, text: str) -> None:
    await session.submit(text)
    await session.idle()


async def test_the_second_one_sees_what_the_first_one_writes(tmp_path: Path) -> None:
    async with two(tmp_path) as (ours, theirs):
        writer = await ours.open()
        await say(writer, "hi")
        reader = await theirs.open(writer.id)
        assert "writes this session" in reader.reading_along
        assert writer.reading_along == ""
        await say(writer, "more")
        await writer.set_mode("plan")
        await writer.rename("Ours")
        await until(lambda: reader.view.title == "Ours")
        assert reader.view.entries == writer.view.entries
        assert reader.view.mode == "plan"


async def test_whoever_reads_along_sees_what_is_spent(tmp_path: Path) -> None:
    steps = [{"text": "One.", "usage": {"input": 1_000, "output": 20}}] * 2
    async with two(tmp_path, steps) as (ours, theirs):
        writer = await ours.open()
        await say(writer, "hi")
        reader = await theirs.open(writer.id)
        await say(writer, "more")
        await until(lambda: reader.view.usage.input == 2_000)
        assert reader.view.cost_nano == writer.view.cost_nano > 0
        assert reader.view.context == writer.view.context == 1_020


async def test_in_the_app_a_session_that_was_taken_over_is_known_without_a_commit(
    tmp_path: Path,
) -> None:
    env = scripted_home(tmp_path / "home", ANSWERS)
    async with (
        two(tmp_path) as (_, theirs),
        Runtime(tmp_path / "ws", env=env, interactive=True) as app,
    ):
        idle = await app.open()
        await say(idle, "hi")
        winner = await theirs.open(idle.id)
        await winner.take_over()
        await until(lambda: idle.reading_along)
        await until(lambda: any("took it over" in n.text for n in idle.view.notices))
        await say(winner, "mine now")
        await until(lambda: idle.view.entries == winner.view.entries)


async def test_whoever_reads_along_changes_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as (ours, theirs):
        writer = await ours.open()
        await say(writer, "hi")
        reader = await theirs.open(writer.id)
        before = await ours.store.info(writer.id)
        for act in (
            lambda: reader.submit("me too"),
            lambda: reader.steer("me too"),
            lambda: reader.set_mode("read"),
            lambda: reader.rename("Theirs"),
            lambda: reader.move_to(None),
            reader.resume,
        ):
            with pytest.raises(SessionBusy, match="take it over"):
                await act()
        assert await ours.store.info(writer.id) == before
        assert [entry.id for entry in reader.view.entries] == [e.id for e in writer.view.entries]


async def test_a_call_that_another_one_runs_is_left_to_it(tmp_path: Path) -> None:
    steps = [{"calls": [{"name": "bash", "arguments": {"command": "sleep 1; echo done"}}]}]
    async with two(tmp_path, [*steps, {"text": "Done."}]) as (ours, theirs):
        writer = await ours.open()
        await writer.submit("wait a little")
        await until(lambda: writer.view.running)
        reader = await theirs.open(writer.id)
        assert reader.waiting == ()
        await writer.idle()
        answers = [r for m in _messages(writer) for r in m.results]
        assert [answer.status for answer in answers] == ["ok"]


async def test_a_session_that_is_left_is_written_by_whoever_read_along(tmp_path: Path) -> None:
    async with two(tmp_path) as (ours, theirs):
        writer = await ours.open()
        await say(writer, "hi")
        reader = await theirs.open(writer.id)
        await writer.aclose()
        await until(lambda: not reader.reading_along)
        await say(reader, "and now me")
        assert texts(reader.view.entries) == ["hi", "One.", "and now me", "One."]


async def test_taking_over_stops_the_other_one_and_its_turn_writes_nothing_more(
    tmp_path: Path,
) -> None:
    steps = [{"calls": [{"name": "bash", "arguments": {"command": "sleep 30"}}]}, {"text": "B."}]
    async with two(tmp_path, steps) as (ours, theirs):
        loser = await ours.open()
        await loser.submit("wait long")
        await until(lambda: loser.view.running)
        winner = await theirs.open(loser.id)
        await winner.take_over()
        assert winner.reading_along == ""
        assert [r.status for m in _messages(winner) for r in m.results] == ["indeterminate"]
        with pytest.raises(SessionBusy):
            await loser.steer("go on")
        await until(lambda: not loser.busy and len(loser.view.entries) >= 3)
        assert loser.reading_along
        assert any("took it over" in each.text for each in loser.view.notices)
        await winner.set_mode("plan")
        await until(lambda: loser.view.mode == "plan")
        assert loser.view.entries == winner.view.entries
        assert await ours.store.path(loser.id) == winner.view.entries


async def test_taking_over_what_is_ours_changes_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as (ours, _):
        session = await ours.open()
        await say(session, "hi")
        before = session.view.seq
        await session.take_over()
        assert session.view.seq == before


async def test_a_taken_session_can_be_taken_back(tmp_path: Path) -> None:
    async with two(tmp_path) as (ours, theirs):
        first = await ours.open()
        await say(first, "hi")
        second = await theirs.open(first.id)
        await second.take_over()
        with pytest.raises(SessionBusy):
            await first.submit("mine")
        await until(lambda: any("took it over" in n.text for n in first.view.notices))
        await first.take_over()
        with pytest.raises(SessionBusy):
            await second.submit("mine")
        await say(first, "back")
        assert texts(first.view.entries)[-2:] == ["back", "Two."]
        notice = first.view.notices[-1]
        assert notice == Notice(level="info", text="You write this session now.")


def _messages(session: Session) -> list[Message]:
    return [e.body for e in session.view.entries if isinstance(e.body, Message)]


async def test_a_session_of_a_newer_ion_says_to_update_and_cannot_be_taken(tmp_path: Path) -> None:
    async with two(tmp_path) as (ours, _):
        written = await ours.open()
        await say(written, "hi")
    with closing(sqlite3.connect(tmp_path / "home" / "sessions.db")) as db:
        db.execute("PRAGMA user_version=999")
    env = scripted_home(tmp_path / "home", ANSWERS)
    async with Runtime(tmp_path / "ws", env=env) as later:
        session = await later.open(written.id)
        assert "Update ion" in session.reading_along
        assert not session.can_take_over
        for act in (session.take_over, lambda: session.submit("more"), session.resume):
            with pytest.raises(StoreTooNew, match="Update ion"):
                await act()
        assert texts(session.view.entries) == ["hi", "One."]
