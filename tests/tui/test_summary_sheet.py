"""The sheet that shows a summary before it holds, and what is small beside it."""

from __future__ import annotations

import asyncio

import pytest

from ion_core.compaction.ceilings import ceilings
from ion_core.entries import Compaction
from ion_tui.render.plain_letters import _LIKE
from ion_tui.screens.summary import SummarySheet
from ion_tui.window import _bar, _figures
from tests.tui.conftest import Show, Stage

MADE = Compaction(
    number=1,
    summary="## Goal\n- a parser",
    ledgers="## Messages\n> use tabs",
    kept=0,
    mode="suffix",
    tokens_before=91_200,
    tokens_after=12_400,
)


async def shown(show: Show) -> asyncio.Future[str | None]:
    sheet = SummarySheet(MADE, keymap=show.screen.keymap, place=show.screen.regions.chat)
    given = asyncio.get_running_loop().create_future()
    await show.app.push_screen(sheet, given.set_result)
    await show.settle()
    return given


@pytest.mark.parametrize("size", [(44, 12), (80, 24), (200, 50)])
async def test_nothing_of_it_is_cut_at_any_size(stage: Stage, size: tuple[int, int]) -> None:
    async with stage(size=size) as show:
        await shown(show)
        for words in (
            "Summary, yours to change",
            "91k → 12k tokens",
            "## Goal",
            "- a parser",
            "Kept beside it, exactly:",
            "> use tabs",
            "f2 keeps it   esc leaves all as it was",
        ):
            assert words in show.text


async def test_f2_keeps_what_was_changed_and_esc_nothing(stage: Stage) -> None:
    async with stage() as show:
        given = await shown(show)
        await show.press("down", "end", "space", *"in", "space", "C", "f2")
        assert given.result() == "## Goal\n- a parser in C"
        given = await shown(show)
        await show.press("escape")
        assert given.result() is None


def test_the_bar_of_the_window_is_as_wide_as_it_may_be_and_is_told_in_ascii() -> None:
    limits = ceilings(200_000, 8_000, 0)
    bar = _bar(61_000, limits, 40)
    assert len(bar) == 40
    assert set(bar.translate(_LIKE)) == {"#", ".", ":"}
    assert _figures(61_000, limits) == "61k of 200k, 30%"
