"""A person lets a call run, once or for longer, changes it, refuses it; or nobody is there."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ion_core.asking import Decision, Proposal
from ion_core.config.schema import PermissionRule, SandboxSettings
from ion_core.confined import ConfinedLauncher
from ion_core.entries import Mode
from ion_core.errors import NotAsked
from ion_core.events import ApprovalRequested, ApprovalSettled, ToolEnded, ToolStarted
from ion_core.ids import CallId
from ion_core.policy.permission import Permission, Protection
from ion_core.providers.scripted import Step
from ion_core.tools.toolbox import standard_tools
from tests.fakes.scene import Scene, call, scene

ASKS = PermissionRule(tool="bash", pattern="touch *", decision="ask")
ONCE, NO = Decision(verdict="once"), Decision(verdict="denied")


def _permission(tmp_path: Path, protection: Protection, *rules: PermissionRule) -> Permission:
    async def held() -> Protection:
        return protection

    return Permission(lambda: rules, tmp_path, held)


@asynccontextmanager
async def _asked(
    tmp_path: Path, *steps: Step, present: bool = True, protection: Protection = "off"
) -> AsyncIterator[Scene]:
    """A session in WRITE mode, where ``touch`` asks."""
    permission = _permission(tmp_path, protection, ASKS)
    async with scene(
        tmp_path / "ws", [*steps, "ok"], permission=permission, interactive=present
    ) as s:
        yield s


async def _request(s: Scene, times: int = 1) -> ApprovalRequested:
    await s.until(ApprovalRequested, times)
    return next(event for event in reversed(s.events) if isinstance(event, ApprovalRequested))


def _made(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "ws").iterdir())


TOUCH: Step = [call("bash", command="touch a")]


async def test_a_call_waits_for_the_person_and_then_runs(tmp_path: Path) -> None:
    async with _asked(tmp_path, TOUCH) as s:
        await s.session.submit("go")
        request = await _request(s)
        assert (request.target, request.rule, request.editable) == (
            "touch a",
            "permissions.ask",
            True,
        )
        assert list(s.session.view.asking) == ["c1"]
        assert _made(tmp_path) == []
        s.session.decide(CallId("c1"), ONCE)
        await s.session.idle()
        assert _made(tmp_path) == ["a"]
        assert s.session.view.asking == {}
        kinds = [type(event) for event in s.hear()]
        order = [ApprovalRequested, ApprovalSettled, ToolStarted, ToolEnded]
        assert [kinds.index(kind) for kind in order] == sorted(map(kinds.index, order))


async def test_a_refused_call_tells_the_model_why(tmp_path: Path) -> None:
    async with _asked(tmp_path, TOUCH) as s:
        await s.session.submit("go")
        await _request(s)
        s.session.decide(CallId("c1"), Decision(verdict="denied", comment="use make instead"))
        await s.session.idle()
        assert (s.results[0].status, _made(tmp_path)) == ("denied", [])
        assert "use make instead" in s.results[0].content


async def test_the_person_may_change_the_command(tmp_path: Path) -> None:
    async with _asked(tmp_path, TOUCH) as s:
        await s.session.submit("go")
        await _request(s)
        s.session.decide(CallId("c1"), Decision(verdict="once", command="touch b"))
        await s.session.idle()
        assert _made(tmp_path) == ["b"]
        assert "touch b" in s.results[0].content
        started = next(event for event in s.hear() if isinstance(event, ToolStarted))
        assert started.target == "touch b"


async def test_no_change_of_a_command_gets_past_a_rule_that_denies(tmp_path: Path) -> None:
    denies = PermissionRule(tool="bash", pattern="rm *", decision="deny")
    permission = _permission(tmp_path, "off", ASKS, denies)
    async with scene(tmp_path / "ws", [TOUCH, "ok"], permission=permission, interactive=True) as s:
        (tmp_path / "ws/keep").touch()
        await s.session.submit("go")
        await _request(s)
        s.session.decide(CallId("c1"), Decision(verdict="once", command="rm keep"))
        await s.session.idle()
        assert (s.results[0].status, _made(tmp_path)) == ("denied", ["keep"])


async def test_a_cancel_while_the_person_thinks_closes_the_call(tmp_path: Path) -> None:
    async with _asked(tmp_path, TOUCH) as s:
        await s.session.submit("go")
        await _request(s)
        await s.session.cancel()
        assert [result.status for result in s.results] == ["cancelled"]
        settled = [event for event in s.hear() if isinstance(event, ApprovalSettled)]
        assert [event.verdict for event in settled] == ["cancelled"]
        with pytest.raises(NotAsked):
            s.session.decide(CallId("c1"), ONCE)


async def test_calls_are_asked_about_one_after_the_other(tmp_path: Path) -> None:
    two: Step = [call("bash", "c1", command="touch a"), call("bash", "c2", command="touch b")]
    async with _asked(tmp_path, two) as s:
        await s.session.submit("go")
        await _request(s)
        s.session.decide(CallId("c1"), NO)
        await _request(s, 2)
        s.session.decide(CallId("c2"), ONCE)
        await s.session.idle()
        assert _made(tmp_path) == ["b"]


async def test_where_nobody_is_the_turn_ends_and_the_call_waits(tmp_path: Path) -> None:
    three: Step = [
        call("list", "c0"),
        call("bash", "c1", command="touch a"),
        call("bash", "c2", command="echo after"),
    ]
    async with _asked(tmp_path, three, present=False) as s:
        ended = await s.play("go")
        assert (ended.reason, ended.waiting) == ("approval_required", ("c1",))
        assert [result.call for result in s.results] == ["c0"]
        assert [waiting.id for waiting in s.session.waiting] == ["c1", "c2"]
        assert await s.store.open_effects(s.session.id) == ()
        await s.session.resume([CallId("c1")])
        await s.session.idle()
        assert _made(tmp_path) == ["a"]
        assert [(result.call, result.status) for result in s.results] == [
            ("c0", "ok"),
            ("c1", "ok"),
            ("c2", "ok"),
        ]
        assert s.messages[-1].text == "ok"


async def test_an_id_that_comes_again_was_not_allowed_with_the_first(tmp_path: Path) -> None:
    again: Step = [call("bash", "c1", command="touch b")]
    async with _asked(tmp_path, TOUCH, again, present=False) as s:
        await s.play("go")
        await s.session.resume()
        await s.session.idle()
        assert (_made(tmp_path), [waiting.id for waiting in s.session.waiting]) == (["a"], ["c1"])


async def test_only_a_call_that_waits_can_be_allowed(tmp_path: Path) -> None:
    async with _asked(tmp_path, TOUCH, present=False) as s:
        with pytest.raises(NotAsked):
            await s.session.resume()
        await s.play("go")
        with pytest.raises(NotAsked, match="c1 \\(bash\\)"):
            await s.session.resume([CallId("c9")])


async def test_another_prompt_declines_what_waits(tmp_path: Path) -> None:
    async with _asked(tmp_path, TOUCH, present=False) as s:
        await s.play("go")
        await s.play("do something else")
        assert [result.status for result in s.results] == ["denied"]
        assert _made(tmp_path) == []
        assert s.session.waiting == ()


async def test_without_a_sandbox_each_command_of_write_mode_asks(tmp_path: Path) -> None:
    permission = _permission(tmp_path, "unheld")
    steps: list[Step] = [[call("bash", command="echo hi")], "ok"]
    async with scene(tmp_path / "ws", steps, permission=permission, interactive=True) as s:
        await s.session.submit("go")
        request = await _request(s)
        assert (request.rule, "sandbox" in request.reason) == ("sandbox.none", True)
        s.session.decide(CallId("c1"), ONCE)
        await s.session.idle()
        assert s.results[0].content.startswith("hi")


@asynccontextmanager
async def _read_mode(tmp_path: Path, command: str, mode: Mode = "read") -> AsyncIterator[Scene]:
    launcher = ConfinedLauncher(SandboxSettings(), tmp_path / "ion", os.environ)
    if not await launcher.is_held():
        pytest.skip("this machine has no sandbox")
    permission = Permission(lambda: (), tmp_path, launcher.protection)
    steps: list[Step] = [[call("bash", command=command)], "ok"]
    try:
        async with scene(
            tmp_path / "ws",
            steps,
            mode=mode,
            tools=standard_tools(launcher),
            permission=permission,
            interactive=True,
        ) as s:
            await s.session.submit("go")
            yield s
    finally:
        launcher.close()


async def test_what_the_person_allows_in_read_mode_runs_as_write_would_run_it(
    tmp_path: Path,
) -> None:
    async with _read_mode(tmp_path, "touch a; touch ../outside; echo done") as s:
        await _request(s)
        s.session.decide(CallId("c1"), ONCE)
        await s.session.idle()
        assert "done" in s.results[0].content
        assert (_made(tmp_path), (tmp_path / "outside").exists()) == (["a"], False)


async def test_what_is_allowed_for_the_session_is_not_asked_about_again(tmp_path: Path) -> None:
    permission = _permission(tmp_path, "unheld")
    steps: list[Step] = [
        [call("bash", "c1", command="git init -q x")],
        [call("bash", "c2", command="git init -q y")],
        "ok",
    ]
    async with scene(tmp_path / "ws", steps, permission=permission, interactive=True) as s:
        await s.session.submit("go")
        request = await _request(s)
        assert request.proposal is not None
        s.session.decide(CallId("c1"), Decision(verdict="session"))
        await s.session.idle()
        assert _made(tmp_path) == ["x", "y"]


async def test_what_is_allowed_for_good_is_kept_as_the_person_left_it(tmp_path: Path) -> None:
    kept: list[Proposal] = []

    async def remember(proposal: Proposal) -> None:
        kept.append(proposal)

    permission = _permission(tmp_path, "unheld")
    permission.remember = remember
    steps: list[Step] = [[call("bash", command="git init -q x")], "ok"]
    async with scene(tmp_path / "ws", steps, permission=permission, interactive=True) as s:
        await s.session.submit("go")
        await _request(s)
        s.session.decide(CallId("c1"), Decision(verdict="always", pattern="git init -q *"))
        await s.session.idle()
        assert kept == [Proposal(tool="bash", pattern="git init -q *")]


async def test_reading_outside_the_workspace_asks_and_opens_that_file_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/a.txt").write_text("far away\n")
    (tmp_path / "far/b.txt").write_text("secret\n")
    steps: list[Step] = [
        [call("read", "c1", path="../far/a.txt")],
        [call("read", "c2", path="../far/b.txt")],
        "ok",
    ]
    async with scene(tmp_path / "ws", steps, interactive=True) as s:
        await s.session.submit("go")
        request = await _request(s)
        assert request.rule == "path.outside"
        s.session.decide(CallId("c1"), ONCE)
        await _request(s, 2)
        s.session.decide(CallId("c2"), NO)
        await s.session.idle()
        assert "far away" in s.results[0].content
        assert s.results[1].status == "denied"


async def test_reading_outside_is_refused_and_the_turn_goes_on_where_nobody_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "far.txt").write_text("far away\n")
    steps: list[Step] = [[call("read", path="../far.txt")], "ok"]
    async with scene(tmp_path / "ws", steps) as s:
        ended = await s.play("go")
        assert (ended.reason, s.results[0].status) == ("done", "denied")
