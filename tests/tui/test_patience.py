"""Waiting for what the page needs: the line says so, Esc gives it up, and typing goes on."""

from __future__ import annotations

import asyncio

from ion_tui.screens.patience import patiently
from tests.tui.conftest import Stage


async def test_the_line_says_what_is_made_and_what_is_typed_is_kept(stage: Stage) -> None:
    async with stage() as show:
        made = asyncio.Event()
        waiting = asyncio.ensure_future(patiently(show.screen, "Summing up", made.wait()))
        await show.settle()
        await show.press("h", "i", "enter")
        assert "Summing up · esc stops" in show.text
        assert show.screen.composer.prompt.text == "hi"
        assert show.session.asked == []
        made.set()
        assert await waiting is True
        await show.settle()
        assert "Summing up" not in show.text


async def test_esc_gives_it_up_and_it_has_cleaned_up_then(stage: Stage) -> None:
    async with stage() as show:
        left = list[str]()

        async def endless() -> str:
            try:
                await asyncio.Event().wait()
            finally:
                left.append("cleaned up")
            return "made"

        waiting = asyncio.ensure_future(patiently(show.screen, "Summing up", endless()))
        await show.settle()
        await show.press("escape")
        assert await waiting is None
        assert left == ["cleaned up"]
        await show.settle()
        assert "Summing up" not in show.text
