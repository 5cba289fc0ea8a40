"""A pace draws at once when it may, and gives way to keys, but not for ever."""

from __future__ import annotations

import asyncio

from textual.app import App
from textual.widget import Widget

from ion_tui.widgets.pace import HOLD_S, LONGEST_HOLD_S, Pace


class Still(App[None]):
    """An app that shows nothing."""


def counting(widget: Widget) -> tuple[Pace, list[int]]:
    drawn: list[int] = []

    def draw() -> bool:
        drawn.append(1)
        return False

    return Pace(widget, draw), drawn


async def test_what_is_wanted_first_is_drawn_at_once() -> None:
    async with Still().run_test() as pilot:
        pace, drawn = counting(pilot.app.screen)

        pace.want()

        assert drawn


async def test_a_draw_waits_until_a_key_was_painted() -> None:
    async with Still().run_test() as pilot:
        pace, drawn = counting(pilot.app.screen)
        pace.want()

        pace.give_way()
        pace.want()
        assert len(drawn) == 1
        await asyncio.sleep(HOLD_S + LONGEST_HOLD_S)

        assert len(drawn) == 2


async def test_somebody_who_types_without_end_does_not_stop_the_drawing() -> None:
    async with Still().run_test() as pilot:
        pace, drawn = counting(pilot.app.screen)
        pace.want()
        pace.want()

        for _ in range(40):
            pace.give_way()
            await asyncio.sleep(LONGEST_HOLD_S / 20)

        assert len(drawn) == 2
