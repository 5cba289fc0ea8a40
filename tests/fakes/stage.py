"""A stage for the screen: the sessions that a test plays, and the runtime that opens them.

It has the methods of ``Runtime`` that the app uses, and keeps everything in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from msgspec.structs import replace

from ion_core.config.schema import Settings
from ion_core.errors import SessionNotFound
from ion_core.ids import SessionId
from ion_core.profiles.builtin import BUILTIN
from ion_core.profiles.model import Profile
from ion_core.sessions.base import Hit, SessionInfo
from ion_core.sessions.project import project_id
from ion_core.slash import Offer
from ion_core.trees import Branch
from tests.fakes.stage_models import StageModels
from tests.fakes.stage_session import Clock, StageSession


class StageStore:
    """What the app asks of the store itself: a session by its id, its branches, and what a search
    finds (``hits``, whatever it asks for)."""

    def __init__(self, runtime: StageRuntime) -> None:
        self._runtime = runtime
        self.hits: list[Hit] = []
        self.known: dict[str, tuple[Branch, ...]] = {}

    async def info(self, session: str) -> SessionInfo:
        for info in self._runtime.infos:
            if info.id == session:
                return info
        raise SessionNotFound(f"There is no session {session}.")

    async def search(self, query: str, **_: Any) -> list[Hit]:
        return self.hits

    async def branches(self, session: str) -> tuple[Branch, ...]:
        return self.known.get(session, (Branch(name="main", tip=None, active=True),))


class StageRuntime(StageModels):
    """Sessions in memory; ``held`` keeps it from opening until it is set."""

    def __init__(self, cwd: Path, clock: Clock, settings: Settings | None = None) -> None:
        super().__init__()
        self.cwd, self.clock = cwd, clock
        self.settings = settings or Settings()
        self.warnings: Sequence[str] = ()
        self.infos: list[SessionInfo] = []
        self.stages: dict[str, StageSession] = {}
        self.past: list[str] = []
        self.held: asyncio.Event | None = None
        self.left = False
        self.store = StageStore(self)
        self.named: list[Offer] = []
        self.paths: list[str] = []
        self.awake = False

    def wake(self) -> None:
        self.awake = True

    async def offers(self, session: StageSession | None) -> list[Offer]:
        return list(self.named)

    async def profiles(self, session: StageSession | None) -> list[Profile]:
        return list(BUILTIN)

    async def files(self, session: StageSession | None) -> list[str]:
        return list(self.paths)

    async def __aenter__(self) -> Self:
        if self.held is not None:
            await self.held.wait()
        return self

    async def __aexit__(self, *failure: Any) -> None:
        self.left = True
        for stage in self.stages.values():
            await stage.aclose()

    async def upkeep(self) -> str:
        return ""

    async def open(self, session: str | None = None) -> StageSession:
        if session is not None and session in self.stages and not self.stages[session].closed:
            return self.stages[session]
        info = next((info for info in self.infos if info.id == session), None)
        if session is not None and info is None:
            raise SessionNotFound(f"There is no session {session}.")
        id = session or f"new-{len(self.stages) + 1}"
        title = info.title if info else ""
        stage = StageSession(
            id, self.clock, self.cwd, model=self.model, window=200_000, title=title
        )
        self.stages[id] = stage
        return stage

    async def begin(self, session: str = "", *, latest: bool = False) -> StageSession:
        return await (self.open_latest() if latest else self.open(session or None))

    async def open_latest(self) -> StageSession:
        return await self.open(self.infos[0].id)

    async def sessions(self, *, deleted: bool = False, **shelf: Any) -> list[SessionInfo]:
        listed = [] if shelf.get("archived") else self.infos
        return [info for info in listed if (info.deleted_at is not None) == deleted]

    async def rename(self, session: str, title: str) -> None:
        self._change(session, title=title)

    async def delete(self, session: str) -> None:
        self._change(session, deleted_at=self.clock())

    async def restore(self, session: str) -> None:
        self._change(session, deleted_at=None)

    def _change(self, session: str, **values: Any) -> None:
        self.infos = [
            replace(info, **values) if info.id == session else info for info in self.infos
        ]

    async def history(self) -> list[str]:
        return self.past

    def keep(self, id: str, title: str, age_s: float, project: str = "", **known: Any) -> None:
        """Put a session into the store."""
        self.infos.append(
            SessionInfo(
                id=SessionId(id),
                project=project or project_id(self.cwd),
                cwd=project or str(self.cwd),
                title=title,
                created_at=self.clock() - age_s,
                updated_at=self.clock() - age_s,
                **known,
            )
        )
