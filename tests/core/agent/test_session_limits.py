"""Limits of time and of whole sessions: what stops, what is kept, and how it goes on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ion_core.agent.allowance import worked_s
from ion_core.agent.budget import Bounds, Limits
from ion_core.entries import Entry
from ion_core.errors import BudgetExceeded
from ion_core.events import Notice, StepEnded
from ion_core.ids import entry_id
from ion_core.messages import Display, Message, Text, ToolResult, user
from ion_core.providers.script import Reply
from ion_core.usage import Usage
from tests.fakes.scene import call, scene
from tests.fakes.talks import GOOD

USAGE = Usage(input=1_000, output=500)


def said(text: str) -> Reply:
    return Reply(parts=(Text(text=text),), usage=USAGE)


async def test_a_session_stops_at_its_limit_until_that_is_raised(tmp_path: Path) -> None:
    allowed = [Limits(tokens=2_000)]
    script = [said("one"), said("two"), said("three")]
    bounds = lambda: Bounds(session=allowed[0])  # noqa: E731 - what is allowed changes
    async with scene(tmp_path / "ws", script, bounds=bounds) as s:
        assert (await s.play("a")).reason == "done"
        assert (await s.play("b")).reason == "done"
        ended = await s.play("c")
        assert (ended.reason, ended.error_kind) == ("budget", "budget_exceeded")
        assert "session's limit on tokens: 3,000 of 2,000" in ended.error
        assert "limits.session_max_tokens" in ended.error
        allowed[0] = Limits(tokens=9_000)
        assert (await s.play("d")).reason == "done"
        assert s.messages[-1].text == "three"


async def test_what_is_made_between_turns_stops_at_the_same_limit(tmp_path: Path) -> None:
    script = [said("one"), said("two"), said("none")]
    bounds = Bounds(session=Limits(tokens=2_000))
    async with scene(tmp_path / "ws", script, bounds=lambda: bounds) as s:
        await s.play("a")
        await s.play("b")
        reached = "session's limit on tokens: 3,000 of 2,000"
        for work in (s.session.handoff("on"), s.session.preview_compaction()):
            with pytest.raises(BudgetExceeded, match=reached):
                await work
        await s.session.compact()
        assert s.session.view.ended is not None
        assert s.session.view.ended.reason == "budget"
        assert reached in s.session.view.ended.error
        assert len(s.model.requests) == 2


async def test_what_is_made_between_turns_is_charged_to_the_session(tmp_path: Path) -> None:
    script = [said("one"), Reply(parts=(Text(text=GOOD),), usage=USAGE), said("none")]
    bounds = Bounds(session=Limits(tokens=3_000))
    async with scene(tmp_path / "ws", script, bounds=lambda: bounds) as s:
        await s.play("a")
        await s.session.handoff("on")
        assert s.session.view.usage.total == 3_000
        assert (await s.play("b")).reason == "budget"


async def test_a_run_is_told_before_its_limit_and_a_next_prompt_begins_another(
    tmp_path: Path,
) -> None:
    script = [Reply(parts=(call("list", str(n)),), usage=USAGE) for n in range(5)]
    async with scene(tmp_path / "ws", [*script, said("ok")], limits=Limits(steps=5)) as s:
        assert (await s.play("go")).reason == "max_turns"
        told = [e.text for e in s.events if isinstance(e, Notice)]
        assert told == ["80 % of the run's turn limit is used: 4 of 5 requests made."]
        assert (await s.play("on")).reason == "done"


async def test_a_long_command_ends_when_the_time_is_over_and_leaves_no_process(
    tmp_path: Path,
) -> None:
    mark = tmp_path / "ws" / "late"
    sleeper = call("bash", "a", command=f"sleep 30; touch {mark}")
    async with scene(
        tmp_path / "ws", [Reply(parts=(sleeper,), usage=USAGE)], limits=Limits(time_s=1)
    ) as s:
        ended = await s.play("go")
        assert (ended.reason, "limit on time" in ended.error) == ("budget", True)
        [result] = s.results
        assert result.status == "cancelled"
        told = [e.text for e in s.events if isinstance(e, Notice)]
        assert len(told) == 1
        assert re.match(r"[89]\d % of the run's limit on time", told[0])
        assert len([e for e in s.events if isinstance(e, StepEnded)]) == 1
        assert not mark.exists()


async def test_a_person_who_cancels_before_the_time_is_over_interrupts(tmp_path: Path) -> None:
    sleeper = call("bash", "a", command="sleep 30")
    script = [Reply(parts=(sleeper,), usage=USAGE)]
    async with scene(tmp_path / "ws", script, limits=Limits(time_s=60)) as s:
        await s.session.submit("go")
        await s.until(StepEnded)
        await s.session.cancel()
        assert s.session.view.ended is not None
        assert s.session.view.ended.reason == "interrupted"


def test_the_time_of_a_session_that_is_opened_again_is_what_went_before_answers() -> None:
    result = ToolResult(
        call="a", name="bash", status="ok", content="", display=Display(duration_ms=2_000)
    )  # type: ignore[arg-type]
    bodies = [
        (0.0, user("go")),
        (3.0, Message(role="assistant", parts=(Text(text="hm"),))),
        (900.0, Message(role="tool", parts=(result,))),
        (5_000.0, user("on")),
        (5_004.0, Message(role="assistant", parts=(Text(text="ok"),))),
    ]
    path = [
        Entry(id=entry_id(n + 1), parent=None, at=at, body=b) for n, (at, b) in enumerate(bodies)
    ]
    assert worked_s(path) == 3 + 2 + 4
