"""How agents come into the world: a session of their own, narrower than their parent's.

The tools are those of the profile, the mode is never wider than the parent's, and money and time
are taken from the parent's budget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ion_core.agent.budget import Bounds, Limits
from ion_core.entries import Body, Mode
from ion_core.errors import ConfigError
from ion_core.ids import Clock, SessionId, new_session_id
from ion_core.messages import Message
from ion_core.profiles.model import Profile
from ion_core.profiles.shelf import ProfileShelf
from ion_core.roster import EFFORTS, Roster
from ion_core.sessions.base import SessionInfo, SessionStore
from ion_core.tools.task import TaskArgs
from ion_core.worktrees import HookedTree, Tree, worktree

if TYPE_CHECKING:
    from ion_core.agent.budget import Budget
    from ion_core.agent.session import Session

WIDTH: Final[dict[str, int]] = {"read": 0, "plan": 1, "write": 2}
AT_ONCE: Final = 8
"""Agents of one process that work at the same time."""

Join = Callable[[SessionInfo, Profile, Callable[[], Bounds]], "Session"]
Reopen = Callable[[SessionId, Profile, Callable[[], Bounds]], Awaitable["Session"]]


class Steps:
    """How many requests an agent's next turn may make."""

    def __init__(self, most: int) -> None:
        self.most = most

    def bounds(self) -> Bounds:
        """The limits of that turn."""
        return Bounds(run=Limits(steps=self.most))


class Begun:
    """``Birth`` of one agent."""

    def __init__(
        self,
        profile: Profile,
        steps: Steps,
        lock: AbstractAsyncContextManager[object] | None,
        tree: Tree | None,
        gone: Callable[[str], Awaitable[None]],
    ) -> None:
        self.agent, self.background, self.lock = profile.name, profile.background, lock
        self._steps, self._tree, self._gone = steps, tree, gone

    def limit(self, steps: int) -> None:
        """See ``Birth``."""
        self._steps.most = steps

    async def done(self) -> str:
        """See ``Birth``."""
        if self._tree is None:
            return ""
        try:
            if said := await self._tree.done():
                return said
            await self._gone(str(self._tree.path))
            return ""
        except ConfigError as error:
            return f"Its working tree is {self._tree.path}. {error}"


class Nursery:
    """Of the session ``parent``. ``writing`` has a lock for each folder that agents write in;
    ``most`` may work at once for the session, and ``everywhere`` counts those of the process."""

    def __init__(
        self,
        parent: Session,
        shelf: ProfileShelf,
        store: SessionStore,
        roster: Roster,
        join: Join,
        reopen: Reopen,
        writing: dict[Path, asyncio.Lock],
        clock: Clock,
        most: int,
        everywhere: asyncio.Semaphore,
    ) -> None:
        self.everywhere = everywhere
        self._parent, self._shelf, self._store, self._roster = parent, shelf, store, roster
        self._join, self._reopen = join, reopen
        self._writing, self._clock, self.most = writing, clock, most

    async def born(self, args: TaskArgs, budget: Budget | None) -> tuple[Session, Begun]:
        """See ``agent.subagents.Nursery``."""
        if args.resume:
            session, profile, steps = await self._again(args.resume)
            tree = None
        else:
            profile = await asyncio.to_thread(self._found, args.agent)
            steps = Steps(profile.max_turns)
            tree = None if profile.conversation else await self._tree(args, profile)
            make = self._forked if profile.conversation else partial(self._new, tree=tree)
            session = await make(args, profile, steps)
        session.paid_by(budget)
        return session, self._begun(session, profile, steps, tree)

    def _begun(self, session: Session, profile: Profile, steps: Steps, tree: Tree | None) -> Begun:
        gone = self._parent.hooking.tree_gone
        return Begun(profile, steps, self._lock(session, tree), tree, gone)

    def _found(self, name: str) -> Profile:
        profile = self._shelf.find(name)
        if profile is None:
            raise ConfigError(f"There is no agent {name!r}. There are: {', '.join(self.names())}.")
        return profile

    def names(self) -> list[str]:
        """The agents that can be started."""
        return self._shelf.names()

    async def _again(self, id: str) -> tuple[Session, Profile, Steps]:
        info = await self._store.info(SessionId(id))
        if info.kind != "subagent" or info.parent != self._parent.id:
            raise ConfigError(f"{id} is no agent of this session.")
        profile = await asyncio.to_thread(self._found, info.description)
        steps = Steps(profile.max_turns)
        session = await self._reopen(info.id, profile, steps.bounds)
        if session.busy:
            raise ConfigError(f"{info.id} still works. Say something to it with task_control.")
        return session, profile, steps

    async def _new(
        self, args: TaskArgs, profile: Profile, steps: Steps, tree: Tree | None
    ) -> Session:
        parent, now = self._parent, self._clock()
        info = await self._store.info(parent.id)
        born = SessionInfo(
            id=new_session_id(self._clock),
            project=info.project,
            cwd=str(tree.path if tree is not None else parent.cwd),
            title=args.description[:200],
            title_source="user",
            description=profile.name,
            model=args.model or await self._model(profile),
            mode=narrower(parent.view.mode, profile.mode),
            created_at=now,
            updated_at=now,
            kind="subagent",
            parent=parent.id,
            parent_entry=parent.view.head,
        )
        return self._join(born, profile, steps.bounds)

    async def _forked(self, args: TaskArgs, profile: Profile, steps: Steps) -> Session:
        """With all that was said before the answer in which it is started."""
        entries = self._parent.view.entries
        answers = (n for n, entry in enumerate(entries) if _calls(entry.body))
        last = max(answers, default=0)
        at = entries[last - 1].id if last else None
        title = args.description[:200]
        info = await self._store.fork(self._parent.id, at, title, profile.name)
        session = await self._reopen(info.id, profile, steps.bounds)
        if session.view.model != self._parent.view.model:
            await session.set_model(self._parent.view.model)
        return session

    async def _model(self, profile: Profile) -> str:
        own = self._parent.view.model
        if profile.model == "small":
            small = await asyncio.to_thread(self._roster.small_models, own)
            return _thinking(small[0] if small else own, profile.effort)
        return _thinking(profile.model or own, profile.effort)

    async def _tree(self, args: TaskArgs, profile: Profile) -> Tree | None:
        if "worktree" not in (args.isolation, profile.isolation) or args.isolation == "none":
            return None
        name = new_session_id(self._clock)[-8:]
        hooking = self._parent.hooking
        if made := await hooking.tree(name):
            return HookedTree(path=Path(made))
        return await worktree(self._parent.cwd, name)

    def _lock(
        self, session: Session, tree: Tree | None
    ) -> AbstractAsyncContextManager[object] | None:
        if session.view.mode != "write" or tree is not None:
            return None
        return self._writing.setdefault(session.cwd, asyncio.Lock())


def _calls(body: Body) -> bool:
    return isinstance(body, Message) and bool(body.calls)


def narrower(parent: Mode, own: str) -> Mode:
    """The mode of an agent: its own, unless its parent's allows less."""
    if own and WIDTH[own] < WIDTH[parent]:
        return own  # type: ignore[return-value]
    return parent


def _thinking(model: str, effort: str) -> str:
    """A model that thinks as hard as an agent wants, unless it says itself how hard."""
    known = effort in EFFORTS and model.rpartition(":")[2] not in EFFORTS
    return f"{model}:{effort}" if known else model
