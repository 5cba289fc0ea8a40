"""Work that a person watches from a sheet, and may give up: logging in, asking a provider."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ion_core.errors import IonError
from ion_tui import acts, browser

if TYPE_CHECKING:
    from ion_core.providers.auth.companion import Companion
    from ion_tui.screens.main import MainScreen

Work = Callable[["Companion"], Awaitable[None]]


async def beside(screen: MainScreen, title: str, work: Work) -> bool:
    """Do ``work`` with a sheet beside it; False when it was given up, and then it has ended and
    cleaned up. Raises the ``IonError`` that it failed with."""
    from ion_tui.screens.login import LoginSheet  # start-up: the first login pays for it

    failed: list[IonError] = []

    async def tried() -> None:
        try:
            await work(sheet)
        except IonError as error:
            failed.append(error)

    async with asyncio.TaskGroup() as group:
        sheet = LoginSheet(
            title,
            keymap=screen.keymap,
            place=screen.regions.chat,
            copy=lambda text: acts.copy(screen, text),
            open_link=lambda url: _open(screen, url),
        )
        await screen.app.push_screen(sheet)
        task = group.create_task(tried())
        sheet.give_up = task.cancel
    await sheet.dismiss()
    if failed:
        raise failed[0]
    return not task.cancelled()


def _open(screen: MainScreen, url: str) -> None:
    """In a browser, where the person sits at this machine."""
    if program := browser.opener(os.environ):

        async def work() -> None:
            await browser.open_link(url, program)

        screen.do(work())
