"""What the app does by itself once a day."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

from ion_core.messages import user
from ion_core.runtime import Runtime
from ion_core.sessions.base import Append
from ion_core.sessions.sqlite import SqliteStore
from ion_tui import daily
from ion_tui.app import IonApp
from tests.fakes.sessions import an_info

DAY = 86_400.0


async def a_home(home: Path, days_ago: float) -> None:
    """A home with one session that was last used so many days ago."""
    store = await SqliteStore.open(home / "sessions.db", clock=lambda: time.time() - days_ago * DAY)
    await store.create(an_info("old"), [Append(body=user("long ago"))])
    await store.aclose()


async def told(tmp_path: Path, days_ago: float) -> tuple[list[str], bool]:
    """What the app says of its own accord, and whether it cleared away."""
    home, shop = tmp_path / "home", tmp_path / "shop"
    shop.mkdir()
    await a_home(home, days_ago)

    async def factory() -> Runtime:
        return Runtime(shop, env={"ION_HOME": str(home), "PATH": "/usr/bin:/bin"}, trusted=True)

    app, mark = IonApp(factory, folder=shop), home / "cache" / "upkeep"
    async with app.run_test() as pilot:
        runtime = await app.runtime()
        before = [note.message for note in app._notifications]
        app.start(partial(daily.upkeep, app.main, 0.01))
        async with asyncio.timeout(30):
            while not mark.exists() or await runtime.upkeep():
                await pilot.pause(0.05)
            while days_ago > 90 and len(app._notifications) == len(before):
                await pilot.pause(0.05)
        said = [note.message for note in app._notifications][len(before) :]
        return said, bool(await runtime.sessions(archived=True))


async def test_an_old_session_is_archived_while_all_is_calm_and_that_is_said(
    tmp_path: Path,
) -> None:
    said, archived = await told(tmp_path, days_ago=91)
    assert said == ["1 session was archived, not having been used for long."]
    assert archived


async def test_nothing_is_said_when_nothing_is_due(tmp_path: Path) -> None:
    assert await told(tmp_path, days_ago=1) == ([], False)
