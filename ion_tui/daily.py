"""What the app does by itself when nobody needs it: once a day, keeping the sessions in order.

Long after the first paint, never during a turn, and without a word unless a session left the list.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

CALM_S = 60.0
"""Seconds after the start, and between one look and the next while a turn runs."""
LOOK_S = 3600.0
"""Seconds between looks at whether a day has gone by."""


def begin(screen: MainScreen) -> None:
    """Keep order for as long as the app runs."""
    screen.ion.start(partial(upkeep, screen), group="daily")


async def upkeep(screen: MainScreen, calm_s: float = CALM_S) -> None:
    """Look now and then, and do what is due while everything is calm."""
    while True:
        await asyncio.sleep(calm_s)
        if not screen.desk.running:
            await screen.ion.spoken(_once(screen))
            await asyncio.sleep(LOOK_S)


async def _once(screen: MainScreen) -> None:
    runtime = await screen.ion.runtime()
    if said := await runtime.upkeep():
        screen.say(said)
        screen.ion.refresh_sessions()
