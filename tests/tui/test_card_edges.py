"""The cards where room, time or attention is short: low screens, clicks, pastes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from textual import events

from ion_core.asking import Decision, Option, Proposal, Question
from ion_core.events import ApprovalRequested, ApprovalSettled, QuestionAsked
from ion_core.ids import CallId
from ion_tui.widgets.arming import Arming
from tests.fakes.stage_session import Clock
from tests.tui.conftest import Show, Stage

SCRIPT = "\n".join(f"echo {n}" for n in range(20))


def request(command: str = "git push", call: str = "a", **more: Any) -> ApprovalRequested:
    return ApprovalRequested(
        call=CallId(call),
        name="bash",
        target=command,
        arguments={"command": command},
        reason="It is not known to be harmless.",
        proposal=Proposal(tool="bash", pattern="git push *"),
        editable=True,
        **more,
    )


async def ask(show: Show, event: ApprovalRequested | QuestionAsked) -> None:
    """Ask, and let time go by until the card has the keyboard and is armed."""
    if not show.session.busy:
        await show.session.submit("go")
    await show.session.emit(event)
    await show.settle()
    for _ in range(2):
        show.clock.now += 0.5
        await show.pilot.pause(0.25)


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 24), (200, 50)])
@pytest.mark.parametrize("key", ["", "v", "a", "c"])
async def test_answers_and_prompt_are_on_screen_at_any_size(
    stage: Stage, size: tuple[int, int], key: str
) -> None:
    async with stage(size=size) as show:
        await ask(show, request(SCRIPT, effects=("deletes files",)))
        if key == "a":
            await show.press(*["pagedown"] * 22)
        if key:
            await show.press(key)
        bottom = show.prompt.region.bottom
        assert bottom == size[1] - 1
        assert show.screen.asking.region.bottom < bottom
        if key in ("a", "c"):
            lines = show.screen.query_one(".draft TextArea")
            assert lines.region.bottom <= show.screen.asking.region.bottom
            assert lines.region.height
        else:
            assert "no" in show.text
            assert "once" in show.text


async def test_a_long_question_scrolls_with_the_mark(stage: Stage) -> None:
    options = tuple(Option(label=f"Way {n}", about="with words " * 9) for n in range(6))
    async with stage(size=(60, 16)) as show:
        asked = Question(question="Which way? " * 12, options=options)
        await ask(show, QuestionAsked(call=CallId("q"), questions=(asked,)))
        for n in range(6):
            assert f"❯ {n + 1}  Way {n}" in show.text
            await show.press("down")
        assert "❯ 7  in my own words" in show.text
        assert show.prompt.region.bottom == 15


async def test_a_click_gives_the_keyboard_and_decides_nothing(stage: Stage) -> None:
    async with stage() as show:
        await ask(show, request())
        show.app.post_message(events.AppBlur())
        await show.settle()
        show.app.post_message(events.AppFocus())
        await show.settle()
        for y in range(30):
            if "yes, once" in show.row(y):
                await show.pilot.click(offset=(4, y))
        await show.settle()
        assert show.session.decided == []


async def test_what_is_pasted_on_a_card_is_text(stage: Stage) -> None:
    async with stage() as show:
        await ask(show, request())
        show.app.post_message(events.Paste("y\nyes"))
        await show.settle()
        assert (show.prompt.text, show.session.decided) == ("y\nyes", [])


async def test_an_unknown_key_after_the_leader_is_neither_typed_nor_an_answer(stage: Stage) -> None:
    async with stage() as show:
        await ask(show, request())
        await show.press("ctrl+x", "z")
        assert (show.prompt.text, show.session.decided) == ("", [])


async def test_a_rule_is_shown_to_the_last_character(stage: Stage) -> None:
    async with stage() as show:
        hidden = Proposal(tool="bash", pattern="git  push\u200b *")
        await ask(show, replace(request(), proposal=hidden))
        assert "git  push⟨U+200B⟩ *" in show.text


async def test_a_question_that_is_over_takes_its_draft_with_it(stage: Stage) -> None:
    async with stage() as show:
        await ask(show, request())
        await show.press("c")
        await show.type("because")
        await show.session.emit(ApprovalSettled(call=CallId("a"), verdict="cancelled"))
        await show.settle()
        assert show.prompt.has_focus
        await show.type("mine")
        await show.session.emit(request(call="b"))
        await show.settle()
        assert show.prompt.has_focus
        assert not show.screen.asking.permission.drafting


def test_nothing_is_armed_before_it_was_painted() -> None:
    clock = Clock()
    arming = Arming(clock)
    arming.hold()
    clock.now += 5
    assert not arming.armed
    arming.disturb()
    clock.now += 5
    assert not arming.armed
    arming.painted()
    assert not arming.armed
    clock.now += 0.5
    assert arming.armed


async def test_a_decision_names_the_call_that_was_shown(stage: Stage) -> None:
    async with stage() as show:
        await ask(show, request("git push", call="a"))
        await ask(show, request("rm -rf build", call="b"))
        await show.press("y")
        assert show.session.decided == [("a", Decision(verdict="once"))]
