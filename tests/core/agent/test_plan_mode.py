"""PLAN mode: one file may be written, and the person says whether it is carried out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ion_core.asking import Answer
from ion_core.entries import Mode
from ion_core.events import QuestionAsked, ToolEnded
from ion_core.messages import Message
from ion_core.providers.script import Step
from ion_core.tools.ask import Ask
from ion_core.tools.exit_plan import KEEP, READ, WRITE, ExitPlan
from tests.fakes.scene import Scene, call, scene

PLAN = ".ion/plans/faster.md"
WRITES: Step = [call("write", path=PLAN, content="# Faster\n1. Measure.\n")]
LEAVES: Step = [call("exit_plan", "c2", path=PLAN)]
CHANGES: Step = [call("write", "c3", path="app.py", content="fast = True\n")]


@asynccontextmanager
async def _planning(
    tmp_path: Path, *steps: Step, mode: Mode = "plan", present: bool = True
) -> AsyncIterator[Scene]:
    rare = (Ask(), ExitPlan())
    script: Sequence[Step] = [*steps, "Done."]
    async with scene(tmp_path / "ws", script, mode=mode, rare=rare, interactive=present) as s:
        yield s


async def _answered(s: Scene, answer: Answer | None) -> None:
    """Begin, and answer what is asked."""
    await s.session.submit("Make it faster")
    await s.until(QuestionAsked)
    call = next(iter(s.session.view.asking))
    s.session.reply(call, () if answer is None else (answer,))
    await s.session.idle()


def _results(s: Scene) -> list[tuple[str, str]]:
    return [(result.name, result.status) for result in s.results]


async def test_the_plan_is_written_and_everything_else_is_refused(tmp_path: Path) -> None:
    async with _planning(tmp_path, WRITES, CHANGES) as s:
        await s.play("Make it faster")
        assert _results(s) == [("write", "ok"), ("write", "denied")]
        assert (tmp_path / "ws" / PLAN).read_text() == "# Faster\n1. Measure.\n"
        assert not (tmp_path / "ws/app.py").exists()
        assert PLAN in s.results[-1].content
        assert "exit_plan" in s.results[-1].content


async def test_a_plan_can_be_edited_and_patched(tmp_path: Path) -> None:
    edit = call("edit", path=PLAN, edits=[{"old_string": "Measure", "new_string": "Look"}])
    patch = f"*** Begin Patch\n*** Update File: {PLAN}\n-1. Look.\n+1. Weigh.\n*** End Patch"
    steps: list[Step] = [WRITES, [edit], [call("apply_patch", patch=patch)]]
    async with _planning(tmp_path, *steps) as s:
        await s.play("Make it faster")
        assert [status for _, status in _results(s)] == ["ok", "ok", "ok"]
        assert "Weigh" in (tmp_path / "ws" / PLAN).read_text()


async def test_a_patch_that_touches_another_file_too_changes_nothing(tmp_path: Path) -> None:
    patch = f"*** Begin Patch\n*** Add File: {PLAN}\n+a\n*** Add File: app.py\n+b\n*** End Patch"
    moved = f"*** Begin Patch\n*** Update File: {PLAN}\n*** Move to: app.py\n-1\n+2\n*** End Patch"
    steps: list[Step] = [[call("apply_patch", patch=patch)], [call("apply_patch", patch=moved)]]
    async with _planning(tmp_path, *steps) as s:
        await s.play("Make it faster")
        assert "ok" not in [status for _, status in _results(s)]
        assert list((tmp_path / "ws").iterdir()) == []


@pytest.mark.parametrize(
    "path",
    [
        ".ion/config.toml",
        ".ion/plans/a.txt",
        ".ion/plans/.md",
        ".ion/plans/.hidden.md",
        ".ion/plans/deep/a.md",
        ".ion/plans/../config.md",
        ".ion/a.md",
        ".ION/plans/a.md",
        "sub/.ion/plans/a.md",
        "../.ion/plans/a.md",
        "plans/a.md",
    ],
)
async def test_what_only_looks_like_a_plan_is_refused(tmp_path: Path, path: str) -> None:
    for mode in ("plan", "read"):
        async with _planning(tmp_path, [call("write", path=path, content="x")], mode=mode) as s:
            await s.play("Plan it")
            assert _results(s) == [("write", "denied")]
            assert list((tmp_path / "ws").iterdir()) == []


@pytest.mark.parametrize("linked", [".ion", ".ion/plans", PLAN])
async def test_a_link_on_the_way_is_not_followed(tmp_path: Path, linked: str) -> None:
    workspace, elsewhere = tmp_path / "ws", tmp_path / "ws/elsewhere"
    (elsewhere / "plans").mkdir(parents=True)
    (elsewhere / "faster.md").write_text("mine")
    (elsewhere / "plans/faster.md").write_text("mine")
    (workspace / linked).parent.mkdir(parents=True, exist_ok=True)
    (workspace / linked).symlink_to(elsewhere / "faster.md" if linked == PLAN else elsewhere)
    async with _planning(tmp_path, WRITES, LEAVES) as s:
        await s.play("Make it faster")
        assert _results(s) == [("write", "denied"), ("exit_plan", "error")]
        assert "link" in s.results[-1].content
        assert {file.read_text() for file in elsewhere.rglob("*.md")} == {"mine"}


async def test_a_second_plan_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    other: Step = [call("write", "c2", path=".ion/plans/other.md", content="x")]
    async with _planning(tmp_path, WRITES, other) as s:
        await s.play("Make it faster")
        assert _results(s) == [("write", "ok"), ("write", "denied")]
        assert f"the plan of this session, {PLAN}" in s.results[-1].content


async def test_an_approved_plan_ends_plan_mode_and_is_carried_out(tmp_path: Path) -> None:
    async with _planning(tmp_path, WRITES, LEAVES, CHANGES) as s:
        await _answered(s, Answer(chosen=(WRITE,), text="Mind the tests."))
        assert _results(s) == [("write", "ok"), ("exit_plan", "ok"), ("write", "ok")]
        assert s.session.view.mode == "write"
        assert "WRITE mode now" in s.results[1].content
        assert "Mind the tests." in s.results[1].content
        assert (tmp_path / "ws/app.py").read_text() == "fast = True\n"


async def test_the_person_reads_the_plan_before_they_answer(tmp_path: Path) -> None:
    async with _planning(tmp_path, WRITES, LEAVES) as s:
        await s.session.submit("Make it faster")
        await s.until(QuestionAsked)
        running = next(iter(s.session.view.running.values()))
        assert "1. Measure." in running.output
        s.session.reply(running.call, ())
        await s.session.idle()
        ended = [event for event in s.hear() if isinstance(event, ToolEnded)][-1]
        assert ended.display is not None
        assert "1. Measure." in ended.display.output


async def test_what_the_person_changes_in_the_plan_reaches_the_model(tmp_path: Path) -> None:
    async with _planning(tmp_path, WRITES, LEAVES) as s:
        await s.session.submit("Make it faster")
        await s.until(QuestionAsked)
        (tmp_path / "ws" / PLAN).write_text("1. Measure twice.\n")
        s.session.reply(next(iter(s.session.view.asking)), (Answer(chosen=(WRITE,)),))
        await s.session.idle()
        assert "1. Measure twice." in s.results[-1].content


async def test_a_plan_approved_in_read_changes_nothing(tmp_path: Path) -> None:
    async with _planning(tmp_path, WRITES, LEAVES, CHANGES) as s:
        await _answered(s, Answer(chosen=(READ,)))
        assert s.session.view.mode == "read"
        assert _results(s)[-1] == ("write", "denied")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(text="Too risky."), "They say: Too risky."),
        (Answer(chosen=(KEEP,)), "worked on"),
        (None, "Stay in PLAN mode"),
    ],
)
async def test_without_a_yes_the_session_stays_in_plan(
    tmp_path: Path, answer: Answer | None, told: str
) -> None:
    async with _planning(tmp_path, WRITES, LEAVES, CHANGES) as s:
        await _answered(s, answer)
        assert s.session.view.mode == "plan"
        assert told in s.results[1].content
        assert _results(s)[-1] == ("write", "denied")


async def test_where_nobody_can_approve_the_plan_is_the_answer(tmp_path: Path) -> None:
    async with _planning(tmp_path, WRITES, LEAVES, present=False) as s:
        ended = await s.play("Make it faster")
        assert ended.reason == "done"
        assert s.session.view.mode == "plan"
        assert "Nobody can approve" in s.results[-1].content


async def test_exit_plan_says_what_is_wrong_with_a_plan(tmp_path: Path) -> None:
    empty: Step = [call("write", path=PLAN, content=" \n")]
    steps: list[Step] = [LEAVES, [call("exit_plan", path="app.py")], empty, LEAVES]
    async with _planning(tmp_path, *steps) as s:
        await s.play("Make it faster")
        said = [result.content for result in s.results if result.name == "exit_plan"]
        assert "does not exist" in said[0]
        assert "is no plan" in said[1]
        assert "is empty" in said[2]


async def test_outside_of_plan_there_is_nothing_to_leave(tmp_path: Path) -> None:
    async with _planning(tmp_path, WRITES, LEAVES, mode="write") as s:
        await s.play("Make it faster")
        assert _results(s) == [("write", "ok"), ("exit_plan", "error")]
        assert "not in PLAN mode" in s.results[-1].content


async def test_a_session_that_begins_in_plan_tells_the_model_once(tmp_path: Path) -> None:
    async with _planning(tmp_path, "One.", "Two.") as s:
        await s.play("Make it faster")
        await s.play("And smaller")
        requests = s.model.requests
        prompts = [message.text for message in requests[-1].messages if message.role == "user"]
        assert "PLAN mode" in prompts[0]
        assert ".ion/plans/make-it-faster-" in prompts[0]
        assert prompts[1] == "And smaller"
        assert requests[0].messages[0] == requests[1].messages[0]
        first = s.session.view.entries[0].body
        assert isinstance(first, Message)
        assert first.text == "Make it faster"


async def test_the_end_of_plan_mode_is_told_and_the_tools_stay_the_same(tmp_path: Path) -> None:
    async with _planning(tmp_path, "One.", "Two.", mode="read") as s:
        await s.session.set_mode("plan")
        await s.play("Make it faster")
        await s.session.set_mode("write")
        await s.play("Go on")
        first, last = s.model.requests[0], s.model.requests[1]
        assert first.tools == last.tools
        assert first.system == last.system
        assert "WRITE mode now" in last.messages[-1].text
