from __future__ import annotations

import asyncio
from pathlib import Path

from ion_core.agent.budget import Limits
from ion_core.errors import BadRequest, Overloaded
from ion_core.events import (
    Delta,
    EntryAppended,
    Notice,
    QueueChanged,
    SessionChanged,
    StepEnded,
    StepRetrying,
    StepStarted,
    ToolEnded,
    ToolProgress,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from ion_core.messages import Message, Text
from ion_core.providers.script import Reply
from ion_core.usage import Usage
from tests.fakes.scene import call, scene


async def test_a_prompt_is_answered_and_both_are_in_the_tree(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["Hello."]) as s:
        ended = await s.play("hi")
        assert ended.reason == "done"
        assert [m.role for m in s.messages] == ["user", "assistant"]
        assert s.messages[-1].text == "Hello."
        assert await s.store.path(s.session.id) == s.session.view.entries


async def test_the_first_event_is_the_prompts_own_entry(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["Hello."]) as s:
        await s.play("hi")
        first = s.events[0]
        assert isinstance(first, EntryAppended)
        assert isinstance(first.entry.body, Message)
        assert first.entry.body.text == "hi"


async def test_a_turn_with_a_tool_tells_its_story_in_order(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "a.txt").write_text("one\n")
    steps = [[Text(text="Reading."), call("read", path="a.txt")], "It says one."]
    async with scene(tmp_path / "ws", steps) as s:
        await s.play("what is in a.txt?")
        silent = (Delta, SessionChanged, ToolProgress, Notice, QueueChanged)
        story = [type(event) for event in s.events if not isinstance(event, silent)]
        assert story == [
            EntryAppended,
            TurnStarted,
            StepStarted,
            EntryAppended,
            StepEnded,
            ToolStarted,
            EntryAppended,
            ToolEnded,
            StepStarted,
            EntryAppended,
            StepEnded,
            TurnEnded,
        ]
        assert "one" in s.results[0].content


async def test_usage_and_cost_are_summed_and_stored(tmp_path: Path) -> None:
    used = Usage(input=1000, output=10)
    steps = [
        Reply(parts=(call("list"),), usage=used),
        Reply(parts=(Text(text="ok"),), usage=used),
    ]
    async with scene(tmp_path / "ws", steps) as s:
        await s.play("go")
        info = await s.store.info(s.session.id)
        assert s.session.view.usage == info.usage == used + used
        assert s.session.view.cost_nano == info.cost_nano == 2 * 1_020_000
        assert s.session.view.context == used.total


async def test_an_overloaded_server_is_asked_again_with_a_countdown(tmp_path: Path) -> None:
    steps = [Overloaded("The server is busy.", retry_after=0.01), "Here."]
    async with scene(tmp_path / "ws", steps) as s:
        ended = await s.play("go")
        assert ended.reason == "done"
        waits = [e for e in s.events if isinstance(e, StepRetrying)]
        assert waits[0].attempt == 2
        assert "busy" in waits[0].reason
        assert s.messages[-1].text == "Here."


async def test_a_discarded_answer_leaves_no_trace(tmp_path: Path) -> None:
    broken = Reply(parts=(Text(text="Half an"),), error=Overloaded("Gone.", retry_after=0.01))
    async with scene(tmp_path / "ws", [broken, "Whole."]) as s:
        await s.play("go")
        assert [m.text for m in s.messages] == ["go", "Whole."]


async def test_a_refused_request_ends_the_turn_with_its_sentence(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [BadRequest("No such field.")]) as s:
        ended = await s.play("go")
        assert (ended.reason, ended.error_kind) == ("error", "bad_request")
        assert "No such field." in ended.error
        assert len(s.model.requests) == 1


async def test_a_turn_limit_stops_after_that_many_requests(tmp_path: Path) -> None:
    steps = [[call("list", f"c{i}")] for i in range(5)]
    async with scene(tmp_path / "ws", steps, limits=Limits(steps=2)) as s:
        ended = await s.play("go")
        assert ended.reason == "max_turns"
        assert len(s.model.requests) == 2
        assert len(s.results) == 2


async def test_a_steer_reaches_the_next_step_of_the_running_turn(tmp_path: Path) -> None:
    gate = asyncio.Event()
    steps = [Reply(parts=(call("list"),), gate=gate), "Noted."]
    async with scene(tmp_path / "ws", steps) as s:
        await s.session.submit("go")
        await s.session.steer("and be quick")
        await s.session.steer("please")
        assert [q.kind for q in s.session.view.queue] == ["steer", "steer"]
        gate.set()
        await s.session.idle()
        assert s.session.view.queue == ()
        asked = s.model.requests[1].messages
        assert asked[-1].text == "and be quick\n\nplease"
        assert [m.role for m in asked] == ["user", "assistant", "tool", "user"]


async def test_a_follow_up_starts_a_turn_of_its_own(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with scene(tmp_path / "ws", [Reply(parts=(Text(text="1"),), gate=gate), "2"]) as s:
        await s.session.submit("first")
        await s.session.follow_up("second")
        gate.set()
        await s.session.idle()
        assert [m.text for m in s.messages] == ["first", "1", "second", "2"]
        assert sum(isinstance(e, TurnEnded) for e in s.hear()) == 2


async def test_a_follow_up_of_an_idle_session_is_asked_at_once(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["1", "2"]) as s:
        await s.play("first")
        await s.session.follow_up("second")
        await s.session.idle()
        assert [m.text for m in s.messages] == ["first", "1", "second", "2"]
        assert s.model.requests[1].messages[-1].text == "second"


async def test_a_waiting_message_can_be_taken_back(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with scene(tmp_path / "ws", [Reply(parts=(Text(text="1"),), gate=gate)]) as s:
        await s.session.submit("first")
        await s.session.follow_up("second")
        assert await s.session.take_back() == "second"
        assert await s.session.take_back() is None
        gate.set()
        await s.session.idle()
        assert [m.text for m in s.messages] == ["first", "1"]


async def test_cancelling_keeps_what_was_said_and_closes_the_turn(tmp_path: Path) -> None:
    gate = asyncio.Event()
    steps = [Reply(parts=(Text(text="I think"),), gate=gate), "Again."]
    async with scene(tmp_path / "ws", steps) as s:
        await s.session.submit("go")
        await s.until(Delta)
        await s.session.cancel()
        assert not s.session.busy
        ended = [e for e in s.hear() if isinstance(e, TurnEnded)]
        assert [e.reason for e in ended] == ["interrupted"]
        assert s.messages[-1].stop == "interrupted"
        assert (await s.play("again")).reason == "done"
        assert all(m.stop != "interrupted" for m in s.model.requests[1].messages)


async def test_cancelling_a_command_gives_every_call_its_result(tmp_path: Path) -> None:
    steps = [[call("bash", "c1", command="sleep 30"), call("shell", "c2", command="true")], "ok"]
    async with scene(tmp_path / "ws", steps) as s:
        await s.session.submit("go")
        await s.until(ToolStarted)
        await s.session.cancel()
        assert [(r.call, r.status) for r in s.results] == [("c1", "cancelled"), ("c2", "cancelled")]
        assert [e.name for e in s.hear() if isinstance(e, ToolEnded)] == ["bash", "bash"]
        assert await s.store.open_effects(s.session.id) == ()
        await s.play("go on")
        assert [r.call for r in s.model.requests[1].messages[2].results] == ["c1", "c2"]


async def test_moving_the_head_branches_and_keeps_the_old_path(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one", "two"]) as s:
        await s.play("first")
        old = list(s.session.view.entries)
        await s.session.move_to(None)
        assert s.session.view.entries == []
        await s.play("second")
        assert [m.text for m in s.messages] == ["second", "two"]
        assert await s.store.path(s.session.id, head=old[-1].id) == old


async def test_a_title_is_given_and_a_persons_own_stays(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one", "two"]) as s:
        await s.play("Fix the parser")
        assert s.session.view.title == "Fix the parser"
        await s.session.rename("Mine")
        await s.play("more")
        assert (await s.store.info(s.session.id)).title == "Mine"
