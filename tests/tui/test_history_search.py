"""Ctrl+R: earlier prompts of the project, found by letters and taken into the prompt."""

from __future__ import annotations

from tests.tui.conftest import Stage

PAST = ("fix the upload test", "explain the parser", "fix the\ndownload test")


async def test_ctrl_r_lists_the_newest_first_and_enter_takes_one(stage: Stage) -> None:
    async with stage(past=PAST) as show:
        await show.press("ctrl+r")
        assert "Earlier prompts" in show.text
        assert show.text.index("download test") < show.text.index("explain the parser")
        await show.press("enter")
        assert show.prompt.text == "fix the\ndownload test"
        assert show.session.asked == []


async def test_letters_narrow_and_ctrl_r_again_goes_older(stage: Stage) -> None:
    async with stage(past=PAST) as show:
        await show.press("ctrl+r")
        await show.type("fixtest")
        assert "explain" not in show.text
        await show.press("ctrl+r")
        await show.press("enter")
        assert show.prompt.text == "fix the upload test"


async def test_esc_leaves_the_prompt_alone_and_a_draft_is_not_lost(stage: Stage) -> None:
    async with stage(past=PAST, size=(80, 24)) as show:
        await show.type("draft")
        await show.press("ctrl+r")
        await show.press("escape")
        assert show.prompt.text == "draft"
        await show.press("ctrl+r")
        await show.press("enter")
        assert show.prompt.text == "fix the\ndownload test"
        await show.press("up")
        await show.press("up")
        assert show.prompt.text == "draft"
