"""The card that asks for leave: it reads no one's typing for an answer."""

from __future__ import annotations

from typing import Any

import pytest

from ion_core.asking import Decision, Proposal
from ion_core.events import ApprovalRequested, ApprovalSettled
from ion_core.ids import CallId
from ion_core.messages import Message, ToolCall, user
from ion_tui import acts
from tests.fakes.stage_session import StageSession
from tests.tui.conftest import Show, Stage

PUSH = "git push --force origin main"


async def _ask(show: Show, command: str = PUSH, **more: Any) -> None:
    """A turn comes to a call that needs leave."""
    if not show.session.busy:
        await show.session.submit("go")
    call = more.pop("call", "a")
    known = {"proposal": Proposal(tool="bash", pattern="git push *"), "editable": True, **more}
    known.setdefault("arguments", {"command": command})
    request = ApprovalRequested(
        call=CallId(call),
        name="bash",
        target=command,
        reason="It is not known to be harmless.",
        **known,
    )
    await show.session.emit(request)
    await show.settle()


async def _read(show: Show) -> None:
    """Time goes by until the card is armed and has the keyboard."""
    for _ in range(2):
        show.clock.now += 0.5
        await show.pilot.pause(0.25)


@pytest.mark.parametrize(
    ("key", "decision"),
    [
        ("y", Decision(verdict="once")),
        ("s", Decision(verdict="session", pattern="git push *")),
        ("n", Decision(verdict="denied")),
        ("escape", Decision(verdict="denied")),
    ],
)
async def test_a_key_decides(stage: Stage, key: str, decision: Decision) -> None:
    async with stage() as show:
        await _ask(show)
        await _read(show)
        await show.press(key)
        assert show.session.decided == [("a", decision)]


async def test_the_card_shows_the_whole_of_it_and_why(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await _ask(show, f"# harmless\n{PUSH}", effects=("changes a git remote",))
        for said in ("Run this command?", PUSH, "# harmless", "not known", "git remote"):
            assert said in show.text
        assert "Waiting for you" in show.text


async def test_what_an_edit_would_change_is_shown(stage: Stage) -> None:
    edits = [{"old_string": "port = 80", "new_string": "port = 81", "replace_all": True}]
    asked = ApprovalRequested(
        call=CallId("a"), name="edit", target="a.py", arguments={"path": "a.py", "edits": edits}
    )
    async with stage() as show:
        await show.session.submit("go")
        await show.session.emit(asked)
        await show.settle()
        for said in ("a.py", "- port = 80", "+ port = 81", "replace_all: True"):
            assert said in show.text


async def test_the_command_shown_is_the_one_that_runs(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, arguments={"command": ["git", "push"]})
        assert PUSH in show.text


async def test_the_key_that_leads_to_the_card_does_not_leave_it_at_once(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        show.clock.now += 0.5
        await show.pilot.pause(0.25)  # the card has come for the keyboard by itself
        await show.press("f6")
        show.clock.now += 0.5
        await show.press("y")
        assert show.session.decided == [("a", Decision(verdict="once"))]


async def test_what_cannot_be_seen_is_written_and_counted(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, "echo a\u202eb\x1b[2J")
        assert "⟨U+202E⟩b⟨U+001B⟩[2J" in show.text
        assert "2 hidden characters" in show.text


async def test_what_is_typed_while_it_appears_goes_to_the_prompt(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        await show.type("yes")
        await _read(show)
        await show.type("n")
        assert (show.prompt.text, show.session.decided) == ("yesn", [])


async def test_a_letter_right_after_the_card_took_the_keyboard_is_text(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        show.clock.now += 0.5
        await show.pilot.pause(0.25)
        assert show.screen.asking.has_focus
        await show.pilot.press("y")
        await show.settle()
        assert (show.prompt.text, show.session.decided) == ("y", [])


async def test_the_rule_is_edited_before_it_is_kept(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        await _read(show)
        await show.press("a")
        assert show.session.decided == []
        await show.press("backspace")
        await show.type("origin *")
        await show.press("enter")
        said = Decision(verdict="always", pattern="git push origin *")
        assert show.session.decided == [("a", said)]


async def test_the_command_is_edited_before_it_runs(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        await _read(show)
        await show.press("e")
        await show.type(" -v")
        await show.press("enter")
        assert show.session.decided == [("a", Decision(verdict="once", command=f"{PUSH} -v"))]


async def test_a_no_may_have_a_reason(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        await _read(show)
        await show.press("c")
        await show.type("use make yes")
        await show.press("enter")
        said = Decision(verdict="denied", comment="use make yes")
        assert show.session.decided == [("a", said)]


@pytest.mark.parametrize("key", ["escape", "shift+tab"])
async def test_leaving_a_draft_decides_nothing(stage: Stage, key: str) -> None:
    async with stage() as show:
        await _ask(show)
        await _read(show)
        await show.press("c")
        await show.type("y")
        await show.press(key)
        assert show.session.decided == []
        assert show.screen.asking.has_focus


async def test_without_a_rule_nothing_is_allowed_for_longer(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, proposal=None, editable=False)
        await _read(show)
        assert "always" not in show.text
        await show.press("a", "s", "e")
        assert show.session.decided == []


async def test_a_long_command_is_read_to_its_end_before_it_is_allowed(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await _ask(show, "\n".join(f"echo {n}" for n in range(14)))
        await _read(show)
        await show.press("y")
        assert show.session.decided == []
        await show.press("pagedown", "pagedown", "pagedown", "pagedown")
        await show.press("y")
        assert show.session.decided == [("a", Decision(verdict="once"))]


async def test_the_next_question_waits_to_be_read_too(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        await _ask(show, "rm -rf build", call="b")
        assert "1 of 2" in show.text
        await _read(show)
        await show.press("y")
        await show.session.emit(ApprovalSettled(call=CallId("a"), verdict="once"))
        await show.settle()
        assert "rm -rf build" in show.text
        await show.pilot.press("y")
        await show.settle()
        assert [call for call, _ in show.session.decided] == ["a"]


async def test_the_keyboard_comes_back_to_the_prompt(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show)
        await _read(show)
        await show.press("y")
        await show.session.emit(ApprovalSettled(call=CallId("a"), verdict="once"))
        await show.settle()
        assert not show.screen.asking.display
        assert show.prompt.has_focus


async def test_a_draft_in_the_prompt_keeps_the_keyboard_until_it_is_taken(stage: Stage) -> None:
    async with stage() as show:
        await show.type("half a thought")
        await _ask(show)
        await _read(show)
        assert show.prompt.has_focus
        assert "f6 answers" in show.text
        await show.press("f6")
        await _read(show)
        await show.press("y")
        assert show.session.decided == [("a", Decision(verdict="once"))]
        assert show.prompt.text == "half a thought"


async def test_a_session_that_waits_for_leave_asks_when_it_is_opened(stage: Stage) -> None:
    async with stage() as show:
        waits = StageSession("waits", show.clock, show.runtime.cwd)
        await waits.append(user("push"))
        push = ToolCall(id=CallId("a"), name="bash", arguments={"command": PUSH})
        await waits.append(Message(role="assistant", parts=(push,), stop="tool_use"))
        await acts.turn_to(show.screen, waits)  # type: ignore[arg-type]
        await show.settle()
        assert waits.asked == [("resume", "")]


async def test_a_call_that_waits_for_leave_does_not_run_yet(stage: Stage) -> None:
    call = ToolCall(id=CallId("a"), name="bash", arguments={"command": PUSH})
    async with stage() as show:
        await show.session.submit("go")
        await show.session.append(Message(role="assistant", parts=(call,)))
        await _ask(show)
        assert "Wants to run" in show.text
        assert "Running" not in show.text
