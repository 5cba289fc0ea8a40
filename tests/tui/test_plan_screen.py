"""PLAN in the app: a stop between READ and WRITE, and the card that ends it."""

from __future__ import annotations

import pytest

from ion_core.asking import Answer, Question
from ion_core.events import QuestionAsked, ToolProgress
from ion_core.ids import CallId
from ion_core.messages import ToolCall
from ion_core.tools.exit_plan import OPTIONS, WRITE
from tests.tui.conftest import Show, Stage

PLAN = "# Faster start\n\n1. Measure `ion --version` with hyperfine.\n2. Import rich late.\n"


async def _planned(show: Show, plan: str = PLAN) -> None:
    """A turn in PLAN that shows its plan and waits."""
    await show.session.set_mode("plan")
    await show.session.submit("Make it start faster")
    call = ToolCall(
        id=CallId("q"), name="exit_plan", arguments={"path": ".ion/plans/faster-start.md"}
    )
    await show.session.answer(call)
    await show.session.begin(call, ".ion/plans/faster-start.md")
    await show.session.emit(ToolProgress(call=CallId("q"), text=plan))
    question = "Carry out the plan .ion/plans/faster-start.md?"
    asked = Question(question=question, header="Plan", options=OPTIONS)
    await show.session.emit(QuestionAsked(call=CallId("q"), questions=(asked,)))
    await show.settle()
    for _ in range(2):
        show.clock.now += 0.5
        await show.pilot.pause(0.25)


async def test_shift_tab_goes_from_read_to_plan_to_write(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await show.session.set_mode("read")
        await show.settle()
        seen = []
        for _ in range(3):
            await show.press("shift+tab")
            seen.append(next(mode for mode in ("READ", "PLAN", "WRITE") if mode in show.row(23)))
        assert seen == ["PLAN", "WRITE", "READ"]


@pytest.mark.parametrize("word", ["plan", "PLAN"])
async def test_the_slash_command_sets_it(stage: Stage, word: str) -> None:
    async with stage() as show:
        await show.type(f"/mode {word}")
        await show.press("enter")
        assert show.session.view.mode == "plan"


async def test_the_plan_is_read_above_the_card_and_approved_by_a_key(stage: Stage) -> None:
    async with stage(size=(100, 40)) as show:
        await _planned(show)
        assert "Import rich late." in show.text
        assert WRITE in show.text
        await show.press("1")
        assert show.session.answered == [("q", (Answer(chosen=(WRITE,)),))]


async def test_a_long_plan_is_shown_whole_and_typeset(stage: Stage) -> None:
    async with stage(size=(100, 90)) as show:
        steps = [f"{number}. Do step {number}." for number in range(1, 60)]
        await _planned(show, "\n".join(["# Long", *steps]))
        assert "Do step 1." in show.text
        assert "Do step 59." in show.text
        assert "# Long" not in show.text
