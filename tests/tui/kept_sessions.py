"""The app with a real store behind it: sessions that were kept, to be found and curated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from ion_core.agent.session import Session
from ion_core.ids import EntryId, SessionId, new_session_id
from ion_core.messages import Message, Text, user
from ion_core.runtime import Runtime
from ion_core.sessions.base import Append, Change, SessionInfo
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.project import project_id
from ion_core.sessions.sqlite import SqliteStore
from ion_tui.app import IonApp
from ion_tui.screens.main import MainScreen
from ion_tui.widgets.sidebar import Sidebar
from tests.fakes.scripted_home import scripted_home
from tests.fakes.stage_session import NOON, Clock

KEYS = {" ": "space", "/": "slash", ":": "colon", '"': "quotation_mark", ">": "greater_than_sign"}
KEYS |= {".": "full_stop", "-": "minus", "#": "number_sign", "~": "tilde"}


def said(text: str) -> Message:
    return Message(role="assistant", parts=(Text(text=text),), stop="end_turn")


class Kept:
    """Puts sessions into a store, before the app opens it."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder, self.clock = home, folder, Clock()

    async def keep(
        self, title: str, *texts: str, age_s: float = 60, model: str = "play/script"
    ) -> SessionId:
        """A session whose messages are a person's and the model's in turn."""
        self.clock.now = NOON - age_s
        info = SessionInfo(
            id=new_session_id(self.clock),
            project=project_id(self.folder),
            cwd=str(self.folder),
            model=model,
            created_at=self.clock.now,
            updated_at=self.clock.now,
        )
        bodies = [said(text) if n % 2 else user(text) for n, text in enumerate(texts)]
        async with self.store() as store:
            await store.create(info, [Append(body=body) for body in bodies])
            if title:
                await store.commit(info.id, Change(title=title, title_source="user"))
        self.clock.now = NOON
        return info.id

    async def branch(self, session: SessionId, *texts: str, at: int = 1) -> list[EntryId]:
        """Another branch, from the entry of that number on; its entries."""
        async with self.store() as store:
            path = await store.path(session)
            await store.commit(session, MoveHead(to=path[at].id))
            bodies = [said(text) if n % 2 else user(text) for n, text in enumerate(texts)]
            made = await store.commit(session, *(Append(body=body) for body in bodies))
        return [entry.id for entry in made]

    @asynccontextmanager
    async def store(self) -> AsyncIterator[SqliteStore]:
        store = await SqliteStore.open(self.home / "sessions.db", clock=self.clock)
        try:
            yield store
        finally:
            await store.aclose()


@dataclass
class Shown:
    """The running app."""

    app: IonApp
    pilot: Pilot[None]

    @property
    def screen(self) -> MainScreen:
        return self.app.main

    @property
    def sidebar(self) -> Sidebar:
        return self.app.main.sidebar

    @property
    def session(self) -> Session:
        session = self.screen.desk.session
        assert session is not None
        return session

    async def runtime(self) -> Runtime:
        return await self.app.runtime()

    async def info(self, session: SessionId) -> SessionInfo:
        return await (await self.runtime()).store.info(session)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        await self.press(*(KEYS.get(char, char) for char in text))

    async def settle(self) -> None:
        """Until nothing is on its way any more."""
        await self.pilot.pause(0.05)
        async with asyncio.timeout(30):
            while not self._quiet():  # noqa: ASYNC110 - several tasks, none says that it is done
                await asyncio.sleep(0.02)
        await self.pilot.pause()

    def _quiet(self) -> bool:
        bridge = self.screen.desk.current
        groups = ("sessions", "search", "branches")
        waiting = any(not w.is_finished for w in self.app.workers if w.group in groups)
        shown = bridge is None or bridge.view.seq == bridge.session.view.seq
        return shown and not waiting and not self.screen.transcript.feed.waits

    async def until(self, text: str) -> str:
        """The first screen that shows a text."""
        async with asyncio.timeout(30):
            while text not in self.text:
                await self.pilot.pause(0.02)
        return self.text

    @property
    def rows(self) -> list[str]:
        """The rows of the tree, without what stands at their right end."""
        return [row.rail + row.text for row in self.sidebar.sessions.rows]

    @property
    def toasts(self) -> str:
        return " ".join(note.message for note in self.app._notifications)

    @property
    def text(self) -> str:
        """The whole screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(s.text for s in strip).rstrip() for strip in strips)

    async def to(self, title: str) -> None:
        """The keyboard to the sessions, and the cursor to a row."""
        if not self.sidebar.display:
            self.screen.regions.toggle("sidebar")
        self.sidebar.sessions.focus()
        await self.press("home")
        at = next(n for n, row in enumerate(self.sidebar.sessions.rows) if row.text == title)
        await self.press(*["down"] * at)


@asynccontextmanager
async def opened(
    kept: Kept, *, size: tuple[int, int] = (200, 50), session: str = ""
) -> AsyncIterator[Shown]:
    """The app on what was kept, in its folder."""
    env = scripted_home(kept.home, [])
    clock = Clock()

    async def factory() -> Runtime:
        return Runtime(kept.folder, env=env, interactive=True, trusted=True, clock=clock)

    app = IonApp(factory, folder=kept.folder, session=session, clock=clock, version="1.2.3")
    async with app.run_test(size=size) as pilot:
        shown = Shown(app, pilot)
        await app.runtime()
        await shown.settle()
        yield shown
