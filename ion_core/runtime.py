"""The composition root: builds the rooms from settings, opens sessions, owns the tasks.

A front door enters a ``Runtime``, opens sessions from it and leaves it; leaving closes what is
open. Nothing else in ion constructs a store, a provider or a tool for real use.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from msgspec.structs import replace

from ion_core.agent.budget import Bounds
from ion_core.agent.session import Session
from ion_core.agent.whole import wholly
from ion_core.config.paths import ion_home
from ion_core.config.schema import Settings
from ion_core.confined import ConfinedLauncher
from ion_core.curation import Curation
from ion_core.entries import Entry
from ion_core.errors import SessionNotFound
from ion_core.events import Queued
from ion_core.extensions import Extensions
from ion_core.ids import Clock, SessionId, new_session_id
from ion_core.in_force import InForce
from ion_core.messages import Image
from ion_core.policy.permission import Permission
from ion_core.roster import Roster
from ion_core.rulebook import Rulebook
from ion_core.selection import Selection
from ion_core.sessions.base import SessionInfo
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.project import project_id
from ion_core.sessions.rows import storable
from ion_core.sessions.sqlite import SqliteStore
from ion_core.sessions.vault import Vault
from ion_core.surroundings import Surroundings
from ion_core.upbringing import Upbringing
from ion_core.workshop import Workshop, bounds_of

if TYPE_CHECKING:
    from ion_core.profiles.model import Profile


class Runtime(Curation, Selection, Surroundings, Upbringing):
    """An async context manager. ``keep=False`` leaves no session on disk; ``interactive``: a person
    sits in front of the sessions and can be asked during a turn. ``trusted`` is for this folder and
    this run alone; None: as the person decided before. What is not trusted has no say, and no more
    than READ mode."""

    def __init__(
        self,
        cwd: Path,
        *,
        flags: Mapping[str, Any] | None = None,
        keep: bool = True,
        interactive: bool = False,
        trusted: bool | None = None,
        mcp_files: Sequence[Path] = (),
        agent: str = "",
        env: Mapping[str, str] = os.environ,
        clock: Clock = time.time,
    ) -> None:
        self.cwd, self._keep, self._env, self._clock = cwd, keep, env, clock
        self._interactive, self._agent = interactive, agent
        self.home = ion_home(env)
        self._flags = dict(flags or {})
        self._in_force = InForce(cwd, self.home, env, self._flags, trusted)
        self._blobs = Blobs(self.home / "blobs")
        self.roster = Roster(self.settings, env, self.home, self._blobs.read)
        self.launcher = ConfinedLauncher(self.settings.sandbox, self.home, env)
        self.rulebook = Rulebook(lambda: self._in_force.loaded.places, env, self._in_force.reload)
        self._permission = Permission(
            lambda: self.settings.permissions.rules,
            Path(env.get("HOME") or os.path.expanduser("~")),
            self.launcher.protection,
            self.rulebook.keep,
            lambda: self.settings.web.enabled,
        )
        self._in_force.followers += [
            self.roster.obey,
            lambda settings: self.launcher.obey(settings.sandbox),
        ]
        self.extensions = Extensions(
            lambda: self._in_force.loaded,
            self.launcher,
            self.home,
            cwd,
            env,
            files=mcp_files,
            interactive=interactive,
            trusts=self._in_force.trusts,
        )
        self._in_force.may_change = self.extensions.config_changes
        self._vault = Vault(self.home / "sessions.db", clock, keep=keep, stands_in=interactive)
        self._group = asyncio.TaskGroup()
        self._open: dict[SessionId, Session] = {}
        self._writing: dict[Path, asyncio.Lock] = {}

    async def __aenter__(self) -> Self:
        """Raises ``StoreError`` when the sessions cannot be read."""
        self.store: SqliteStore = await self._vault.open()
        await self._group.__aenter__()
        self._workshop = Workshop(
            self.home,
            self.cwd,
            self.store,
            self.roster,
            self.launcher,
            self._clock,
            self._permission,
            self._in_force.engine,
            self._interactive,
            self._in_force.trusts,
            self._keep,
            self._env,
            self.extensions,
        )
        self._spawn(self.roster.warm())
        return self

    async def __aexit__(self, *failure: Any) -> None:
        try:
            for session in list(self._open.values()):
                await session.aclose()
                if not self._keep:
                    self._workshop.forget(session.id)
            await self._group.__aexit__(None, None, None)
        finally:  # whoever is cancelled again while leaving still leaves nothing open
            await wholly(self._close())

    async def _close(self) -> None:
        await self.extensions.aclose()
        await self._workshop.aclose()
        await self.roster.aclose()
        await self.store.aclose()
        self.launcher.close()

    @property
    def settings(self) -> Settings:
        """The settings in force now."""
        return self._in_force.settings

    @property
    def warnings(self) -> Sequence[str]:
        """What people should know of their sessions, their configuration and their logins."""
        news = *self._vault.news, *self._in_force.loaded.warnings
        return (*news, *self.accounts.complaints, *self.extensions.warnings)

    async def open(self, session: str | None = None) -> Session:
        """A session by its id (or a unique beginning of it), or a new one. One that is open
        already is the same object; one that another ion writes is read along. Raises
        ``SessionNotFound``."""
        if session is None:
            return await self._begun_as(self._agent) if self._agent else self._fresh()
        info = await self.store.info(SessionId(session))
        if (already := self._opened(info.id)) is not None:
            return already
        return await self._reopen(info, await self._profile(info))

    async def begin(self, session: str = "", *, latest: bool = False) -> Session:
        """The session that a front door begins with: the named one, the newest of this folder, or
        a new one. A model or mode given as a flag holds for it, also when it began with another.
        Raises like :meth:`open`, and like ``Session.set_model``."""
        begun = await self._vault.whole(
            self.store, lambda: self.open_latest() if latest else self.open(session or None)
        )
        if begun.reading_along:
            return begun
        if "model" in self._flags and begun.view.entries:
            await begun.set_model(self.settings.model)
        if "mode" in self._flags and self._in_force.trusts(begun.cwd):
            await begun.set_mode(self.settings.mode)
        return begun

    async def survive(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do what writes for the first time; once more, should the database be found damaged, after
        mending it."""
        await self._vault.whole(self.store, work)

    async def open_latest(self) -> Session:
        """The newest session of this folder that is no agent's. Raises ``SessionNotFound`` when
        there is none."""
        here = storable(str(self.cwd))
        for info in await self.store.sessions(project=project_id(self.cwd)):
            if info.cwd == here and info.kind != "subagent":
                return await self.open(info.id)
        raise SessionNotFound(f"There is no session in {self.cwd} yet. Start one without -c.")

    async def sessions(
        self,
        *,
        everywhere: bool = True,
        deleted: bool = False,
        archived: bool = False,
        limit: int = 0,
    ) -> list[SessionInfo]:
        """Sessions, newest first: of all projects, or of this one; or those in the trash, or the
        archived ones."""
        project = None if everywhere else project_id(self.cwd)
        return await self.store.sessions(
            project=project, deleted=deleted, archived=archived, limit=limit
        )

    def picture(self, path: Path) -> Image:
        """A file's picture, kept for a prompt. Blocking. Raises ``ConfigError`` and
        ``StoreError``."""
        from ion_core.sessions.pictures import picture  # start-up: few prompts have one

        return picture(path, self._blobs)

    async def upkeep(self) -> str:
        """Archive and clear away what is due, at most once a day; what to tell of it, perhaps
        nothing. Raises ``StoreError``."""
        if not self._keep:
            return ""
        from ion_core.sessions.upkeep import Upkeep  # start-up: long after it

        rules, held = self.settings.sessions, self._open
        return await Upkeep(self.store, self.home, rules, self._clock, held).once_a_day()

    async def history(self) -> list[str]:
        """This project's prompts, oldest first."""
        project = project_id(self.cwd)
        return await self._vault.whole(self.store, lambda: self.store.history(project))

    def _opened(self, session: SessionId) -> Session | None:
        """The open session of that id; those that were closed are forgotten."""
        self._open = {id_: known for id_, known in self._open.items() if not known.closed}
        return self._open.get(session)

    def _fresh(self, **known: Any) -> Session:
        return self._join(replace(self._new(), **known), created=False)

    def _new(self) -> SessionInfo:
        now = self._clock()
        return SessionInfo(
            id=new_session_id(self._clock),
            project=project_id(self.cwd),
            cwd=str(self.cwd),
            model=self.settings.model,
            mode=self.settings.mode,
            created_at=now,
            updated_at=now,
        )

    def _join(
        self,
        info: SessionInfo,
        path: Sequence[Entry] = (),
        queue: tuple[Queued, ...] = (),
        *,
        created: bool,
        along: str = "",
        agents: Sequence[SessionInfo] = (),
        profile: Profile | None = None,
        bounds: Callable[[], Bounds] | None = None,
    ) -> Session:
        rooms = self._workshop.rooms(self.settings, self._spawn, self._bounds)
        if profile is not None:
            rooms = self._workshop.of_agent(rooms, profile, bounds or self._bounds)
        elif self.settings.agents.max_depth:
            rooms.nursery = self._nursery
        session = self._workshop.session(
            info,
            path,
            queue,
            rooms,
            created=created,
            along=along,
            agents=agents,
            profile=profile,
            trusted=info.kind == "subagent",
        )
        self._open[info.id] = session
        return session

    def _bounds(self) -> Bounds:
        return bounds_of(self.settings.limits)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._group.create_task(work)
