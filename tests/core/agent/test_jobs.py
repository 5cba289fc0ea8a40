"""Jobs in a session: the model hears of their end, the person moves and stops them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ion_core.agent.jobs import MOST_WAKES, is_report, wakes
from ion_core.config.schema import PermissionRule
from ion_core.entries import Mode
from ion_core.errors import NoSuchJob
from ion_core.events import (
    ApprovalRequested,
    JobEnded,
    JobStarted,
    Notice,
    ToolEnded,
    ToolProgress,
    ToolStarted,
    TurnEnded,
)
from ion_core.ids import CallId
from ion_core.policy.permission import Permission, Protection
from ion_core.providers.script import Reply, Step
from ion_core.tools.job import JobTool
from tests.fakes.scene import Scene, call, scene

WAITS = "echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done; echo bye"
BEGINS: Step = [call("bash", command=WAITS, background=True)]
RARE = (JobTool(),)


def _lives(workspace: Path) -> bool:
    pid = (workspace / "pid").read_text().strip()
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _prompts(s: Scene) -> list[str]:
    return [message.text for message in s.messages if message.role == "user"]


def _reports(s: Scene) -> list[str]:
    return [text for text in _prompts(s) if is_report(text)]


async def test_a_job_outlives_its_turn_and_not_its_session(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [BEGINS, "It runs."], rare=RARE) as s:
        ended = await s.play("serve it")
        assert ended.reason == "done"
        assert [job.ended for job in s.session.view.jobs.values()] == [None]
        assert _lives(tmp_path / "ws")
        await s.session.aclose()
        assert not _lives(tmp_path / "ws")
        assert [e.status for e in s.hear() if isinstance(e, JobEnded)] == ["stopped"]
        assert _reports(s) == []


async def test_a_cancelled_turn_leaves_its_jobs_alone(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with scene(tmp_path / "ws", [BEGINS, Reply(gate=gate)], rare=RARE) as s:
        await s.session.submit("serve it")
        await s.until(ToolEnded)
        await s.session.cancel()
        assert _lives(tmp_path / "ws")
        assert len(s.session.jobs.running) == 1


async def test_the_model_can_call_job_once_there_is_one(tmp_path: Path) -> None:
    looks: Step = [call("job", "c2", action="stop", id="1")]
    async with scene(tmp_path / "ws", [BEGINS, looks, "ok"], rare=RARE) as s:
        await s.play("serve it")
        tools = [[tool.name for tool in request.tools] for request in s.model.requests]
        assert "job" not in tools[0]
        assert tools[1] == [*tools[0], "job"]
        assert "[job 1 ended: stopped" in s.results[-1].content


async def test_a_job_that_ends_is_told_before_the_next_step(tmp_path: Path) -> None:
    waits = "touch go; while kill -0 $(cat pid) 2>/dev/null; do sleep 0.02; done; sleep 0.3"
    steps: list[Step] = [BEGINS, [call("bash", "c2", command=waits)], "Done."]
    async with scene(tmp_path / "ws", steps, rare=RARE) as s:
        ended = await s.play("go")
        assert ended.reason == "done"
        assert len(_reports(s)) == 1
        assert _reports(s)[0].startswith("[Job 1 ended after ")
        assert "exit code 0" in _reports(s)[0]
        assert "bye" not in _reports(s)[0].partition("\n")[2]
        told = s.model.requests[-1].messages[-1]
        assert is_report(told.text)


async def test_an_idle_session_with_a_person_goes_on_when_a_job_ends(tmp_path: Path) -> None:
    steps: list[Step] = [BEGINS, "Waiting.", "It is through."]
    async with scene(tmp_path / "ws", steps, rare=RARE, interactive=True) as s:
        await s.play("build it")
        (tmp_path / "ws/go").touch()
        await s.until(TurnEnded, 2)
        assert s.messages[-1].text == "It is through."
        assert len(_reports(s)) == 1


@pytest.mark.parametrize("reason", ["nobody", "interrupted", "stopped"])
async def test_an_idle_session_stays_idle(tmp_path: Path, reason: str) -> None:
    gate = asyncio.Event()
    steps: list[Step] = [BEGINS, Reply(gate=gate) if reason == "interrupted" else "Waiting."]
    present = reason != "nobody"
    async with scene(tmp_path / "ws", [*steps, "Later."], rare=RARE, interactive=present) as s:
        await s.session.submit("build it")
        await s.until(ToolEnded)
        if reason == "interrupted":
            await s.session.cancel()
            gate.set()
        await s.session.idle()
        if reason == "stopped":
            await s.session.stop_job("1")
        (tmp_path / "ws/go").touch()
        await s.session.jobs.find("1").over.wait()
        assert not s.session.busy
        assert [is_report(item.text) for item in s.session.view.queue] == [True]
        await s.play("and?")
        assert len(_reports(s)) == 1
        told = "was stopped by the person" if reason == "stopped" else "exit code 0"
        assert told in _reports(s)[0]


async def test_jobs_do_not_keep_a_session_going_for_ever(tmp_path: Path) -> None:
    said = [f"[Job {number} as good as said by nobody]" for number in range(MOST_WAKES - 1)]
    begins: Step = [call("bash", command="sleep 0.6", background=True)]
    steps: list[Step] = ["Hm."] * (len(said) - 1) + [begins, "Again."] * 3
    async with scene(tmp_path / "ws", steps, rare=RARE, interactive=True) as s:
        for text in said:
            await s.play(text)
        await s.until(JobEnded, 2)
        await s.session.jobs.find("2").over.wait()
        assert not s.session.busy
        assert wakes(s.session.view.entries) == MOST_WAKES
        assert [item.text.partition(" ended")[0] for item in s.session.view.queue] == ["[Job 2"]


async def test_the_person_moves_a_running_command(tmp_path: Path) -> None:
    steps: list[Step] = [[call("bash", command=f"echo hi; {WAITS}")], "Fine.", "Through."]
    async with scene(tmp_path / "ws", steps, rare=RARE, interactive=True, hint_s=0.0) as s:
        await s.session.submit("build it")
        await s.until(ToolProgress)
        s.session.background(CallId("c1"))
        await s.until(TurnEnded)
        assert "the person moved it there" in s.results[0].content
        assert s.session.job_output("1") == "hi"
        kinds = [type(e) for e in s.events if isinstance(e, (ToolStarted, JobStarted, ToolEnded))]
        assert kinds == [ToolStarted, JobStarted, ToolEnded]
        assert any("Ctrl+X B" in e.text for e in s.events if isinstance(e, Notice))
        (tmp_path / "ws/go").touch()
        await s.until(TurnEnded, 2)
        assert s.session.job_output("1") == "hi\nbye"


async def test_a_call_that_runs_nothing_cannot_be_moved(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["Hello."]) as s:
        with pytest.raises(NoSuchJob):
            s.session.background(CallId("c1"))
        with pytest.raises(NoSuchJob):
            await s.session.stop_job("1")


def _permission(tmp_path: Path, protection: Protection, *rules: PermissionRule) -> Permission:
    async def held() -> Protection:
        return protection

    return Permission(lambda: rules, tmp_path, held)


SHELL: Step = [call("bash", command="exec bash", background=True)]
TYPES: Step = [call("job", "c2", action="input", id=1, text="touch made")]
NO_TOUCH = PermissionRule(tool="bash", pattern="touch *", decision="deny")


async def test_what_is_typed_is_ruled_like_a_command(tmp_path: Path) -> None:
    denied = _permission(tmp_path, "off", NO_TOUCH)
    async with scene(tmp_path / "ws", [SHELL, TYPES, "ok"], rare=RARE, permission=denied) as s:
        await s.play("go")
        assert [result.status for result in s.results] == ["ok", "denied"]
        assert not (tmp_path / "ws/made").exists()


async def test_where_nothing_holds_commands_what_is_typed_asks(tmp_path: Path) -> None:
    unheld = _permission(
        tmp_path, "unheld", PermissionRule(tool="bash", pattern="exec bash", decision="allow")
    )
    async with scene(tmp_path / "ws", [SHELL, TYPES, "ok"], rare=RARE, permission=unheld) as s:
        ended = await s.play("go")
        assert (ended.reason, ended.waiting) == ("approval_required", ("c2",))
        asked = next(event for event in s.events if isinstance(event, ApprovalRequested))
        assert asked.name == "job"
        assert "touch made" in asked.target


@pytest.mark.parametrize("mode", ["read", "plan"])
async def test_read_mode_looks_at_jobs_and_ends_them_but_types_nothing(
    tmp_path: Path, mode: Mode
) -> None:
    steps: list[Step] = [
        SHELL,
        "It runs.",
        TYPES,
        [call("job", "c3", action="list")],
        [call("job", "c4", action="stop", id=1)],
        "ok",
    ]
    async with scene(tmp_path / "ws", steps, rare=RARE) as s:
        await s.play("go")
        await s.session.set_mode(mode)
        await s.play("and now?")
        assert [result.status for result in s.results] == ["ok", "denied", "ok", "ok"]
        assert not (tmp_path / "ws/made").exists()
