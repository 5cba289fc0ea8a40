"""The app on a stage: a fixed clock, sessions whose turns the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
from textual.pilot import Pilot

from ion_core.config.schema import Settings
from ion_tui.app import IonApp
from ion_tui.screens.main import MainScreen
from ion_tui.widgets.prompt import Prompt
from tests.fakes.stage import StageRuntime
from tests.fakes.stage_session import Clock, StageSession

NAMES = {" ": "space", "/": "slash", "\n": "ctrl+j", "\\": "backslash", "?": "question_mark"}
SHOP = Path("/home/you/proj/shop")


@dataclass
class Show:
    """A running app and everything around it that a test may turn."""

    app: IonApp
    pilot: Pilot[None]
    runtime: StageRuntime
    clock: Clock

    @property
    def screen(self) -> MainScreen:
        return self.app.main

    @property
    def prompt(self) -> Prompt:
        return self.app.main.composer.prompt

    @property
    def session(self) -> StageSession:
        return self.runtime.stages[self.screen.session_id]

    async def settle(self) -> None:
        """Let everything that is on its way arrive."""
        await settled(self.app, self.pilot)

    async def press(self, *keys: str) -> None:
        """Press keys, a fifth of a second after what was before."""
        self.clock.now += 0.2
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        names = {
            " ": "space",
            "/": "slash",
            "\n": "ctrl+j",
            "\\": "backslash",
            "?": "question_mark",
        }
        await self.press(*(names.get(char, char) for char in text))

    def row(self, y: int) -> str:
        """A row of the screen as text."""
        return "".join(segment.text for segment in self.app.screen._compositor.render_strips()[y])

    @property
    def toasts(self) -> str:
        """Every sentence that is on its way out."""
        return " ".join(note.message for note in self.app._notifications)

    @property
    def text(self) -> str:
        """The whole screen as text."""
        return "\n".join(self.row(y).rstrip() for y in range(self.app.size.height))


Stage: TypeAlias = "Callable[..., AbstractAsyncContextManager[Show]]"


async def settled(app: IonApp, pilot: Pilot[None]) -> None:
    """Wait for two frames of the bridge at least, and until all that happened is shown."""
    await pilot.pause(0.08)
    async with asyncio.timeout(20):
        while not _quiet(app):  # noqa: ASYNC110 - several tasks, none of which says that it is done
            await asyncio.sleep(0.02)
    await pilot.pause()


def _quiet(app: IonApp) -> bool:
    bridge = app.main.desk.current
    listing = any(not worker.is_finished for worker in app.workers if worker.group == "sessions")
    shown = bridge is None or bridge.view.seq == bridge.session.view.seq
    return shown and not listing and not app.main.transcript.feed.waits


@pytest.fixture
def stage() -> Stage:
    """``async with stage(size=(80, 24), settings=…, keep=[(id, title, age)]) as show``."""

    @asynccontextmanager
    async def open_app(
        size: tuple[int, int] = (100, 30),
        settings: Settings | None = None,
        keep: tuple[tuple[str, str, float], ...] = (),
        past: tuple[str, ...] = (),
        ready: bool = True,
        session: str = "",
        model: str = "mock/test-model",
    ) -> AsyncIterator[Show]:
        clock = Clock()
        runtime = StageRuntime(SHOP, clock, settings)
        runtime.past, runtime.model = list(past), model
        for id, title, age_s in keep:
            runtime.keep(id, title, age_s)

        async def factory() -> StageRuntime:
            return runtime

        app = IonApp(factory, folder=SHOP, session=session, clock=clock, version="1.2.3")  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            show = Show(app, pilot, runtime, clock)
            if ready:
                await app.runtime()
                await show.settle()
            yield show

    return open_app
