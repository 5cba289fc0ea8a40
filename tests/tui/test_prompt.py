"""Typing: nothing is lost, nothing arrives out of order, and each key does what its row says."""

from __future__ import annotations

import asyncio

from textual import events

from ion_core.config.schema import InputSettings, Settings
from tests.tui.conftest import Show, Stage


async def test_enter_submits_and_empties_the_editor(stage: Stage) -> None:
    async with stage() as show:
        await show.type("fix it")
        await show.press("enter")
        assert show.session.asked == [("submit", "fix it")]
        assert show.prompt.text == ""
        assert "❯ fix it" in show.text


async def test_text_typed_before_the_runtime_is_open_is_submitted_when_it_is(stage: Stage) -> None:
    async with stage(ready=False) as show:
        await show.pilot.press("h", "i", "enter")
        await show.app.runtime()
        await show.settle()
        assert show.session.asked == [("submit", "hi")]


async def test_ctrl_c_puts_a_draft_into_the_history_and_up_brings_it_back(stage: Stage) -> None:
    async with stage() as show:
        await show.type("one\ntwo  three")
        await show.press("ctrl+c")
        assert show.prompt.text == ""
        await show.press("up")
        assert show.prompt.text == "one\ntwo  three"


async def test_ctrl_c_twice_on_an_empty_prompt_leaves(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+c")
        assert show.app.is_running
        await show.press("ctrl+c")
        await show.settle()
        assert show.app.return_code == 0
        assert show.runtime.left


async def test_double_escape_clears_the_text_into_the_history(stage: Stage) -> None:
    async with stage() as show:
        await show.type("keep me")
        await show.press("escape")
        assert show.prompt.text == "keep me"
        await show.press("escape")
        assert show.prompt.text == ""
        await show.press("up")
        assert show.prompt.text == "keep me"


async def test_two_slow_escapes_change_nothing(stage: Stage) -> None:
    async with stage() as show:
        await show.type("keep me")
        await show.press("escape")
        show.clock.now += 2
        await show.press("escape")
        assert show.prompt.text == "keep me"


async def test_escape_right_after_a_paste_is_ignored(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.settle()
        show.app.post_message(events.Paste("text"))
        await show.pilot.press("escape")
        await show.settle()
        assert ("cancel", "") not in show.session.asked


async def test_an_interrupt_takes_two_presses_when_the_settings_say_so(stage: Stage) -> None:
    async with stage(settings=Settings(input=InputSettings(esc="double"))) as show:
        await show.session.submit("go")
        await show.session.write("Well")
        await show.settle()
        await show.press("escape")
        assert ("cancel", "") not in show.session.asked
        await show.press("escape")
        assert ("cancel", "") in show.session.asked


async def test_escape_before_any_answer_takes_the_prompt_back(stage: Stage) -> None:
    async with stage() as show:
        await show.type("too early")
        await show.press("enter")
        await show.press("escape")
        assert show.prompt.text == "too early"
        assert show.session.view.entries == []
        assert "nterrupted" not in show.text


async def test_escape_after_the_first_word_leaves_a_mark_and_the_prompt_in_the_history(
    stage: Stage,
) -> None:
    async with stage() as show:
        await show.type("go")
        await show.press("enter")
        await show.session.write("Well")
        await show.settle()
        await show.press("escape")
        assert show.prompt.text == ""
        assert "Interrupted" in show.text
        await show.press("up")
        assert show.prompt.text == "go"


async def test_a_paste_with_three_kinds_of_line_ends_gives_lines_and_submits_nothing(
    stage: Stage,
) -> None:
    async with stage() as show:
        show.app.post_message(events.Paste("a\r\nb\rc\nd"))
        await show.settle()
        assert show.prompt.text == "a\nb\nc\nd"
        assert show.session.asked == []


async def test_a_long_paste_reaches_the_model_whole(stage: Stage) -> None:
    text = "x" * 10_000
    async with stage() as show:
        show.app.post_message(events.Paste(text))
        await show.settle()
        await show.press("enter")
        assert show.session.asked == [("submit", text)]


async def test_ctrl_j_shift_enter_and_backslash_enter_make_new_lines(stage: Stage) -> None:
    async with stage() as show:
        await show.press("a", "ctrl+j", "b", "shift+enter", "c", "backslash", "enter", "d")
        assert show.prompt.text == "a\nb\nc\nd"
        assert show.session.asked == []


async def test_the_editor_grows_with_its_text_up_to_forty_per_cent(stage: Stage) -> None:
    async with stage(size=(100, 30)) as show:
        assert show.prompt.size.height == 1
        await show.press("a", "ctrl+j", "b", "ctrl+j", "c")
        assert show.prompt.size.height == 3
        show.prompt.put("\n" * 40)
        await show.settle()
        assert show.prompt.size.height == 12


async def test_fifty_keys_at_once_during_a_stream_land_in_order(stage: Stage) -> None:
    keys = [chr(ord("a") + n % 26) for n in range(50)]
    async with stage() as show:
        await show.session.submit("go")

        async def stream() -> None:
            for n in range(200):
                await show.session.write(f"word{n} " * 5)
                await asyncio.sleep(0)

        streaming = asyncio.create_task(stream())
        for key in keys:
            show.app.post_message(events.Key(key, key))
        await streaming
        await show.settle()
        assert show.prompt.text == "".join(keys)


async def test_editing_keys_in_a_burst_keep_their_order(stage: Stage) -> None:
    async with stage() as show:
        burst = ["a", "b", "backspace", "c", "left", "d", "ctrl+j", "e", "enter"]
        for key in burst:
            show.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await show.settle()
        assert show.session.asked == [("submit", "ad\nec")]


async def test_enter_steers_and_tab_queues_while_a_turn_runs(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.settle()
        await show.type("now")
        await show.press("enter")
        await show.type("later")
        await show.press("tab")
        assert show.session.asked[1:] == [("steer", "now"), ("follow_up", "later")]
        assert "next step  now" in show.text
        assert "after this turn  later" in show.text


async def test_enter_queues_when_the_settings_say_so(stage: Stage) -> None:
    settings = Settings(input=InputSettings(enter="queue"))
    async with stage(settings=settings) as show:
        await show.session.submit("go")
        await show.settle()
        await show.type("later")
        await show.press("enter")
        assert show.session.asked[-1] == ("follow_up", "later")


async def test_up_takes_the_newest_waiting_message_back(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.session.follow_up("first")
        await show.session.follow_up("second")
        await show.settle()
        await show.press("up")
        assert show.prompt.text == "second"
        assert [item.text for item in show.session.view.queue] == ["first"]


async def test_an_interrupt_brings_waiting_messages_back_in_their_order(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.session.write("Well")
        await show.session.steer("first")
        await show.session.follow_up("second")
        await show.settle()
        await show.press("escape")
        assert show.prompt.text == "first\nsecond"


async def test_older_prompts_come_back_with_up_and_the_draft_with_down(stage: Stage) -> None:
    async with stage(past=("old one", "old two")) as show:
        await show.type("draft")
        await show.press("up")
        assert show.prompt.text == "old two"
        await show.press("up")
        assert show.prompt.text == "old one"
        await show.press("down", "down")
        assert show.prompt.text == "draft"


async def test_slash_offers_commands_and_enter_runs_the_chosen_one(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/mo")
        assert show.screen.composer.popup.display
        assert [c.name for c in show.screen.composer.popup.choices] == ["/mode", "/model"]
        await show.press("enter")
        assert show.app.screen.name == "picker"
        assert show.session.asked == []


async def test_tab_completes_a_command_and_its_argument_is_used(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/ren")
        await show.press("tab")
        assert show.prompt.text == "/rename "
        await show.type("Better")
        await show.press("enter")
        assert show.session.asked == [("rename", "Better")]


async def test_a_command_typed_faster_than_it_is_shown_keeps_its_argument(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/ren")
        for letter in "ame Better":
            show.prompt.post_message(events.Key("space" if letter == " " else letter, letter))
        show.prompt.post_message(events.Key("enter", None))
        await show.settle()
        assert show.session.asked == [("rename", "Better")]


async def test_an_unknown_command_comes_back_with_a_suggestion(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/modle")
        await show.press("enter")
        assert show.prompt.text == "/modle"
        assert "Did you mean" in _toasts(show)


async def test_a_path_is_a_prompt_and_no_command(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/etc/hosts is odd")
        await show.press("enter")
        assert show.session.asked == [("submit", "/etc/hosts is odd")]


async def test_escape_closes_the_list_before_anything_else(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/mo")
        await show.press("escape")
        assert not show.screen.composer.popup.display
        assert show.prompt.text == "/mo"


def _toasts(show: Show) -> str:
    return " ".join(note.message for note in show.app._notifications)


async def test_escape_right_after_enter_takes_the_prompt_back(stage: Stage) -> None:
    async with stage() as show:
        await show.type("too early")
        for key in ("enter", "escape"):
            show.app.post_message(events.Key(key, None))
            await show.pilot.pause()
        await show.settle()
        assert show.session.asked[:2] == [("submit", "too early"), ("cancel", "")]
        assert show.prompt.text == "too early"
