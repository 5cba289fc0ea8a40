"""Every occasion of a session on which hooks are told, and what they change."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ion_core.entries import HookContext
from ion_core.errors import BadRequest, ConfigError, HookBlocked
from ion_core.events import Notice
from ion_core.hooks.base import Occasion, Verdict
from ion_core.providers.script import Reply
from ion_core.todo import todo_of
from tests.fakes.scene import Scene, call, scene

Says = Callable[[Occasion], Verdict]


class Heard:
    """``Hooks`` in memory: by event, what they say."""

    def __init__(self, **says: Verdict | Says) -> None:
        self.says, self.occasions = says, list[Occasion]()

    def wants(self, event: str) -> bool:
        return event in self.says

    def matchers(self, event: str) -> tuple[str, ...]:
        return ("watched.txt",)

    async def run(self, occasion: Occasion) -> Verdict:
        self.occasions.append(occasion)
        said = self.says[occasion.event]
        return said(occasion) if callable(said) else said

    def fields(self, event: str) -> dict[str, Any]:
        return next(o.fields for o in self.occasions if o.event == event)


def last_request(on: Scene) -> str:
    return str(on.model.requests[-1])


async def test_a_prompt_may_be_blocked_and_nothing_is_said(tmp_path: Path) -> None:
    hooks = Heard(UserPromptSubmit=Verdict(decision="deny", reason="not today"))
    async with scene(tmp_path / "ws", ["hi"], hooks=hooks) as on:
        with pytest.raises(HookBlocked, match="not today"):
            await on.session.submit("do it")
        assert on.session.view.entries == []
        assert on.model.requests == []


async def test_a_word_to_a_running_turn_may_be_blocked_and_reports_come_through(
    tmp_path: Path,
) -> None:
    def says(occasion: Occasion) -> Verdict:
        is_secret = "hunter2" in occasion.fields["prompt"]
        return Verdict(decision="deny", reason="no secrets") if is_secret else Verdict()

    gate = asyncio.Event()
    steps = [Reply(parts=(call("list"),), gate=gate), "done"]
    async with scene(tmp_path / "ws", steps, hooks=Heard(UserPromptSubmit=says)) as on:
        await on.session.submit("go")
        await on.session.steer("the password is hunter2")
        await on.session.steer("[Job 1 ended after 2 s with exit code 0: make]")
        gate.set()
        await on.session.idle()
        assert "hunter2" not in last_request(on)
        assert "[Job 1 ended" in last_request(on)
        assert on.session.view.queue == ()
        told = [event.text for event in on.hear() if isinstance(event, Notice)]
        assert told == ["Not said: no secrets"]


async def test_what_hooks_of_a_start_and_a_prompt_say_is_read_by_the_model(tmp_path: Path) -> None:
    hooks = Heard(
        SessionStart=Verdict(context=("on monday",)), UserPromptSubmit=Verdict(context=("quickly",))
    )
    async with scene(tmp_path / "ws", ["hi", "ho"], hooks=hooks) as on:
        await on.play("do it")
        await on.play("again")
        told = [e.body for e in on.session.view.entries if isinstance(e.body, HookContext)]
        assert [(one.event, one.text) for one in told] == [
            ("SessionStart", "on monday"),
            ("UserPromptSubmit", "quickly"),
            ("UserPromptSubmit", "quickly"),
        ]
        assert '<hook event="SessionStart">\\non monday' in last_request(on)
    assert hooks.fields("SessionStart")["source"] == "startup"


async def test_a_call_is_refused_with_the_reason(tmp_path: Path) -> None:
    hooks = Heard(PreToolUse=Verdict(decision="deny", reason="use uv"), PermissionDenied=Verdict())
    steps = [[call("bash", command="touch made")], "ok"]
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        await on.play("go")
        assert (on.results[0].status, on.results[0].content) == (
            "denied",
            "Refused by a hook: use uv",
        )
    assert not (tmp_path / "ws" / "made").exists()
    assert hooks.fields("PreToolUse")["tool_input"] == {"command": "touch made"}
    assert hooks.fields("PermissionDenied")["reason"] == "Refused by a hook: use uv"


async def test_a_call_is_changed_and_validated_again(tmp_path: Path) -> None:
    hooks = Heard(PreToolUse=Verdict(updated_input={"command": "echo changed"}))
    steps = [[call("bash", command="echo original")], "ok"]
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        await on.play("go")
        assert "changed" in on.results[0].content
        assert "[A hook changed the call.]" in on.results[0].content
    hooks = Heard(PreToolUse=Verdict(updated_input={"wrong": 1}))
    async with scene(tmp_path / "ws2", [[call("bash", command="echo a")], "ok"], hooks=hooks) as on:
        await on.play("go")
        assert 'field "command" is required' in on.results[0].content


async def test_a_rule_that_denies_is_not_beaten_by_a_hook_that_allows(tmp_path: Path) -> None:
    hooks = Heard(PreToolUse=Verdict(decision="allow"))
    steps = [[call("write", path="a.txt", content="x")], "ok"]
    async with scene(tmp_path / "ws", steps, hooks=hooks, mode="read") as on:
        await on.play("go")
        assert on.results[0].status == "denied"


async def test_a_result_is_added_to_and_replaced(tmp_path: Path) -> None:
    def after(occasion: Occasion) -> Verdict:
        if occasion.fields["tool_use_id"] == "c1":
            return Verdict(decision="deny", reason="lint failed", context=("line 3",))
        return Verdict(updated_output="[hidden]")

    hooks = Heard(PostToolUse=after)
    steps = [
        [call("bash", command="echo one")],
        [call("bash", "c2", command="echo two")],
        "ok",
    ]
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        await on.play("go")
        first, second = on.results
    assert "one" in first.content
    assert "lint failed" in first.content
    assert "line 3" in first.content
    assert second.content == "[hidden]"
    assert hooks.fields("PostToolUse")["duration_ms"] >= 0


async def test_a_failed_call_is_told_as_one(tmp_path: Path) -> None:
    hooks = Heard(PostToolUseFailure=Verdict(context=("try pnpm",)), PostToolUse=Verdict())
    steps = [[call("bash", command="exit 3")], "ok"]
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        await on.play("go")
        assert "try pnpm" in on.results[0].content
    assert [o.event for o in hooks.occasions] == ["PostToolUseFailure"]


async def test_after_a_batch_something_can_be_said(tmp_path: Path) -> None:
    hooks = Heard(PostToolBatch=Verdict(context=("both done",)))
    steps = [[call("bash", command="echo 1"), call("bash", "c2", command="echo 2")], "ok"]
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        await on.play("go")
        assert "both done" in last_request(on)
    assert len(hooks.fields("PostToolBatch")["tool_calls"]) == 2


async def test_a_turn_goes_on_while_hooks_want_it_but_not_for_ever(tmp_path: Path) -> None:
    hooks = Heard(Stop=Verdict(decision="deny", reason="tests fail"))
    async with scene(tmp_path / "ws", ["done"] * 20, hooks=hooks) as on:
        await on.play("go")
        assert len(on.model.requests) == 9
        assert "tests fail" in last_request(on)
    active = [o.fields["stop_hook_active"] for o in hooks.occasions]
    assert active[:2] == [False, True]


async def test_nothing_goes_on_when_a_hook_wants_that(tmp_path: Path) -> None:
    hooks = Heard(PostToolUse=Verdict(stop="budget of the team is spent"))
    steps = [[call("bash", command="echo 1")], "never"]
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        ended = await on.play("go")
        assert (ended.reason, ended.error) == ("hook", "budget of the team is spent")
        assert len(on.model.requests) == 1


async def test_a_hook_may_answer_in_the_place_of_the_model(tmp_path: Path) -> None:
    hooks = Heard(BeforeModel=Verdict(said={"response": "from a hook"}), AfterModel=Verdict())
    async with scene(tmp_path / "ws", ["never"], hooks=hooks) as on:
        await on.play("go")
        assert on.messages[-1].parts[0].text == "from a hook"  # type: ignore[union-attr]
        assert on.model.requests == []
    assert hooks.fields("AfterModel")["response"] == "from a hook"


async def test_tools_can_be_taken_out_of_use_and_stay_in_the_request(tmp_path: Path) -> None:
    hooks = Heard(BeforeToolSelection=Verdict(said={"deniedTools": ["bash"]}))
    steps = [[call("bash", command="echo 1")], "ok"]
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        await on.play("go")
        assert on.results[0].status == "denied"
        assert "bash" in [tool.name for tool in on.model.requests[1].tools]


async def test_an_error_is_told(tmp_path: Path) -> None:
    hooks = Heard(StopFailure=Verdict(), OnError=Verdict())
    async with scene(tmp_path / "ws", [BadRequest("bad")], hooks=hooks) as on:
        await on.play("go")
    assert [o.event for o in hooks.occasions] == ["StopFailure", "OnError"]
    assert hooks.occasions[0].matched == "bad_request"


async def test_a_compaction_can_be_forbidden_and_steered(tmp_path: Path) -> None:
    hooks = Heard(PreCompact=Verdict(decision="deny", reason="not now"))
    async with scene(tmp_path / "ws", ["a"] * 5, hooks=hooks) as on:
        await on.play("go")
        await on.session.compact("focus")
        failed = [e for e in on.hear() if type(e).__name__ == "CompactionFailed"]
        assert "not now" in failed[0].reason  # type: ignore[attr-defined]
    assert hooks.fields("PreCompact") == {"trigger": "manual", "custom_instructions": "focus"}


async def test_what_hooks_say_to_the_person_is_shown(tmp_path: Path) -> None:
    hooks = Heard(UserPromptSubmit=Verdict(messages=("look out",)))
    async with scene(tmp_path / "ws", ["hi"], hooks=hooks) as on:
        await on.play("go")
        assert "look out" in [e.text for e in on.hear() if isinstance(e, Notice)]


async def test_the_end_of_a_session_is_told(tmp_path: Path) -> None:
    hooks = Heard(SessionEnd=Verdict())
    async with scene(tmp_path / "ws", ["hi"], hooks=hooks) as on:
        await on.play("go")
        await on.session.aclose()
    assert hooks.fields("SessionEnd") == {"reason": "prompt_input_exit"}


async def test_a_step_that_hooks_do_not_want_is_not_written_down(tmp_path: Path) -> None:
    hooks = Heard(
        TaskCreated=lambda o: (
            Verdict(decision="deny", reason=f"no {o.fields['task_subject']}")
            if "secret" in o.fields["task_subject"]
            else Verdict()
        ),
        TaskCompleted=Verdict(),
    )
    items = [{"content": "plain", "status": "completed"}, {"content": "secret thing"}]
    steps = [
        [call("todo", items=items[:1])], [call("todo", items=items)], "ok",
    ]  # fmt: skip
    async with scene(tmp_path / "ws", steps, hooks=hooks) as on:
        await on.play("go")
        assert "Refused by a hook: no secret thing" in last_request(on)
        assert [item.text for item in todo_of(on.session.view.entries)] == ["plain"]
    events = [o.event for o in hooks.occasions]
    assert events == ["TaskCreated", "TaskCompleted", "TaskCreated"]


async def test_files_are_watched_between_requests(tmp_path: Path) -> None:
    hooks = Heard(FileChanged=lambda o: Verdict(context=(f"{o.fields['event']}!",)))
    ws = tmp_path / "ws"
    steps = [[call("write", path="watched.txt", content="1")], "ok", "ok", "ok"]
    async with scene(ws, steps, hooks=hooks) as on:
        await on.play("go")
        (ws / "watched.txt").write_text("22")
        os.utime(ws / "watched.txt", (1, 1))
        await on.play("again")
        (ws / "watched.txt").unlink()
        await on.play("and again")
        told = [e.body.text for e in on.session.view.entries if isinstance(e.body, HookContext)]
    assert told == ["add!", "change!", "unlink!"]
    assert hooks.occasions[0].fields["file_path"] == str(ws / "watched.txt")


async def test_another_model_may_be_refused(tmp_path: Path) -> None:
    hooks = Heard(
        PreModelSwitch=Verdict(decision="deny", reason="too dear"), PostModelSwitch=Verdict()
    )
    async with scene(tmp_path / "ws", ["ok"], hooks=hooks) as on:
        await on.play("go")
        before = on.session.view.model
        with pytest.raises(BadRequest, match="too dear"):
            await on.session.set_model("other/model")
        assert on.session.view.model == before
    assert [o.event for o in hooks.occasions] == ["PreModelSwitch"]


async def test_a_session_says_why_it_begins(tmp_path: Path) -> None:
    hooks = Heard(SessionStart=Verdict())
    async with scene(tmp_path / "ws", ["ok"], hooks=hooks) as on:
        on.session.hooking.source = "clear"
        await on.play("go")
    assert hooks.fields("SessionStart")["source"] == "clear"


async def test_a_working_tree_by_a_hook(tmp_path: Path) -> None:
    hooks = Heard(
        WorktreeCreate=Verdict(context=(f"made it\n{tmp_path}",)), WorktreeRemove=Verdict()
    )
    async with scene(tmp_path / "ws", ["ok"], hooks=hooks) as on:
        assert await on.session.hooking.tree("x") == str(tmp_path)
        hooks.says["WorktreeCreate"] = Verdict(context=("nowhere",))
        with pytest.raises(ConfigError, match="nowhere, which is no folder"):
            await on.session.hooking.tree("x")
        hooks.says["WorktreeCreate"] = Verdict(decision="deny", reason="no room")
        with pytest.raises(ConfigError, match="no room"):
            await on.session.hooking.tree("x")
