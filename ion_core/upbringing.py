"""Opening the sessions of agents, each as what it is, and making new ones for a parent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.agent.budget import Bounds
from ion_core.config.schema import Settings
from ion_core.entries import Entry
from ion_core.errors import ConfigError
from ion_core.events import Queued
from ion_core.extensions import Extensions
from ion_core.ids import Clock, SessionId
from ion_core.in_force import InForce
from ion_core.roster import Roster
from ion_core.sessions.base import SessionInfo
from ion_core.sessions.opening import opened
from ion_core.sessions.sqlite import SqliteStore

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_core.nursery import Nursery
    from ion_core.profiles.model import Profile
    from ion_core.worktrees import Tree


class Upbringing:
    """The part of a runtime that does."""

    extensions: Extensions
    roster: Roster
    store: SqliteStore
    cwd: Path
    _clock: Clock
    _in_force: InForce
    _writing: dict[Path, asyncio.Lock]
    _at_once: asyncio.Semaphore | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force now."""
        raise NotImplementedError

    def _opened(self, session: SessionId) -> Session | None:
        raise NotImplementedError

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
        raise NotImplementedError

    async def _reopen(
        self,
        info: SessionInfo,
        profile: Profile | None,
        bounds: Callable[[], Bounds] | None = None,
    ) -> Session:
        if (already := self._opened(info.id)) is not None:
            return already
        found = await opened(self.store, info.id)
        return self._join(
            info,
            found.path,
            found.queue,
            created=True,
            along=found.along,
            agents=found.agents,
            profile=profile,
            bounds=bounds,
        )

    async def _begun_as(self, agent: str) -> Session:
        """A new session of a person's that is that kind of agent. Raises ``ConfigError``."""
        shelf = self.extensions.agents(self.cwd, self._in_force.trusts(self.cwd))
        profile = await asyncio.to_thread(shelf.find, agent)
        if profile is None:
            raise ConfigError(
                f"There is no agent {agent!r}. There are: {', '.join(shelf.names())}."
            )
        from ion_core.nursery import narrower  # start-up: few sessions are one

        info = self._new()
        info = replace(
            info,
            mode=narrower(info.mode, profile.mode),
            model=profile.model if "/" in profile.model else info.model,
            description=profile.name,
        )
        return self._join(info, created=False, profile=profile)

    def _new(self) -> SessionInfo:
        raise NotImplementedError

    async def _profile(self, info: SessionInfo) -> Profile | None:
        """What kind of agent a session is of; None for one of a person's."""
        if info.kind != "subagent":
            return None
        cwd = Path(info.cwd)
        shelf = self.extensions.agents(cwd, self._in_force.trusts(self.cwd))
        return await asyncio.to_thread(shelf.find, info.description)

    def _nursery(self, parent: Session) -> Nursery:
        """What makes the sessions of agents for one."""
        from ion_core.nursery import AT_ONCE, Nursery  # start-up: few sessions start any

        self._at_once = self._at_once or asyncio.Semaphore(AT_ONCE)

        async def reopen(id: SessionId, profile: Profile, bounds: Callable[[], Bounds]) -> Session:
            return await self._reopen(await self.store.info(id), profile, bounds)

        def join(info: SessionInfo, profile: Profile, bounds: Callable[[], Bounds]) -> Session:
            return self._join(info, created=False, profile=profile, bounds=bounds)

        return Nursery(
            parent,
            self.extensions.agents(parent.cwd, self._in_force.trusts(self.cwd)),
            self.store,
            self.roster,
            join,
            reopen,
            self._writing,
            self._clock,
            self.settings.limits.max_subagents,
            self._at_once,
        )


async def tree_for(
    cwd: Path, name: str, home: Path, env: Mapping[str, str]
) -> tuple[Tree, Callable[[], Awaitable[object]]]:
    """A working tree for a whole run, by hooks or by git; and what tells hooks that it is gone.
    Raises ``ConfigError``."""
    from ion_core.extensions import extensions_of  # start-up: few runs have one
    from ion_core.hooks.answer import made_tree
    from ion_core.worktrees import HookedTree, worktree

    extensions = extensions_of(cwd, home, env)
    found = await extensions.occurs("WorktreeCreate", name, name=name)
    made = made_tree(found) if found is not None else ""
    tree: Tree = HookedTree(path=Path(made)) if made else await worktree(cwd, name)

    async def gone() -> object:
        return await extensions.occurs("WorktreeRemove", worktree_path=str(tree.path))

    return tree, gone
