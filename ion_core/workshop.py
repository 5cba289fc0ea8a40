"""Where sessions are put together: journal, tools, rooms.

The runtime decides which session to open and when; here is how one is made of a row of the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.agent.budget import Bounds, Limits
from ion_core.agent.dispatch import Dispatch
from ion_core.agent.inbox import Inbox
from ion_core.agent.journal import Journal
from ion_core.agent.person import Person
from ion_core.agent.rooms import Rooms
from ion_core.agent.session import Session
from ion_core.agent.work import Spawn
from ion_core.bus import Bus
from ion_core.config.schema import ContextSettings, LimitSettings, Settings
from ion_core.context.grounds import Grounds, person_of, user_files
from ion_core.context.prompt import system_prompt
from ion_core.context.tokens import Tokens
from ion_core.entries import Entry
from ion_core.events import Queued
from ion_core.extensions import Extensions
from ion_core.ids import Clock, SessionId
from ion_core.messages import Image
from ion_core.policy.permission import Permission
from ion_core.providers.base import ToolSpec
from ion_core.rarities import Rarities
from ion_core.roster import Roster
from ion_core.sessions.base import SessionInfo
from ion_core.sessions.opening import view_of
from ion_core.sessions.sqlite import SqliteStore
from ion_core.tools.guests import PREFIX
from ion_core.tools.jobs import Jobs
from ion_core.tools.paths import Workspace
from ion_core.tools.process import Launcher
from ion_core.tools.toolbox import Toolbox, standard_tools
from ion_core.tools.wanted import wanted

if TYPE_CHECKING:
    from ion_core.agent.keeping import Keeping
    from ion_core.profiles.model import Profile
    from ion_core.tools.web_search import Engine


TASKS = frozenset({"task", "task_control"})
LOCKED = (
    "This folder is not trusted, so nothing more than READ mode is possible in it. Open ion in it "
    "anew to decide."
)


class Workshop:
    """``cwd`` is where a session works whose own folder is gone; ``engine`` searches the web;
    ``interactive``: a person can be asked during a turn; ``trusts`` says of a folder whether more
    than READ is possible in it."""

    def __init__(
        self,
        home: Path,
        cwd: Path,
        store: SqliteStore,
        roster: Roster,
        launcher: Launcher,
        clock: Clock,
        permission: Permission,
        engine: Callable[[], Engine],
        interactive: bool,
        trusts: Callable[[Path], bool],
        keep: bool,
        env: Mapping[str, str],
        extensions: Extensions,
    ) -> None:
        self._extensions = extensions
        self._trusts, self._keep, self._env = trusts, keep, env
        self._permission, self._interactive = permission, interactive
        self._home, self._cwd, self._store, self._clock = home, cwd, store, clock
        self._tokens = Tokens(home / "cache")
        self._refused: set[str] = set()
        rare = Rarities(store, permission, engine, lambda: extensions.skills).tools
        self._roster = roster
        self._toolbox = Toolbox(standard_tools(launcher), rare, extensions.servers)

    def session(
        self,
        info: SessionInfo,
        path: Sequence[Entry],
        queue: tuple[Queued, ...],
        rooms: Rooms,
        *,
        created: bool,
        along: str = "",
        agents: Sequence[SessionInfo] = (),
        profile: Profile | None = None,
        trusted: bool = False,
    ) -> Session:
        """A session on its row, the entries that lead to its head, and what waits; ``along`` says
        who else writes it, ``agents`` are those that it started and theirs. ``profile`` is the kind
        of agent that it is, ``trusted``: its folder is, whatever was decided of it."""
        cwd = Path(info.cwd) if Path(info.cwd).is_dir() else self._cwd
        locked = "" if trusted or self._trusts(cwd) else LOCKED
        info = replace(info, mode="read") if locked else info
        view = view_of(info, path, queue, agents)
        bus = Bus(view, clock=self._clock)
        journal = Journal(info, self._store, bus, created=created, locked=locked, along=along)
        spill = self.spill(info.id)
        workspace = Workspace(root=cwd, readable=(spill,))
        present = self._interactive
        person = Person(journal, present=present)
        jobs = Jobs(rooms.spawn, journal.emit, lambda: view.entries, present=present)
        if rooms.titled and not created:
            rooms.spawn(self._entitle(journal, rooms.bounds()))
        dispatch = Dispatch(
            journal,
            self._box(profile),
            workspace,
            spill,
            lambda: view.mode,
            self._permission,
            person,
            jobs,
            self._picture,
            partial(self._keeping, info.id, workspace, jobs),
        )
        if profile is not None:
            from ion_core.agent.scope import scope  # start-up: few sessions are one's

            dispatch.gate.profile = scope(
                profile.name,
                profile.tools or (),
                profile.disallowed,
                only=profile.tools is not None,
            )
        return Session(journal, Inbox(journal, self._store, queue), dispatch, person, rooms, cwd)

    def of_agent(self, rooms: Rooms, profile: Profile, bounds: Callable[[], Bounds]) -> Rooms:
        """The rooms of an agent: its own prompt, tools and limits."""

        def system(cwd: Path, model: str) -> str:
            own = rooms.system(cwd, model)
            if profile.conversation:
                return own
            skills = self._extensions.read_before(cwd, self._trusts(cwd), profile.skills)
            return "\n\n".join((f"{own}\n{profile.prompt}", *skills)).strip() + "\n"

        return replace(
            rooms,
            system=system,
            tools=partial(self._tools, profile=profile),
            bounds=bounds,
            titled=False,
            agent=profile.name,
            nursery=None,
        )

    def _box(self, profile: Profile | None) -> Toolbox:
        """The tools of an agent, or of a session of a person's."""
        if profile is None or profile.conversation:
            return self._toolbox
        guests = profile.tools is None or any(name.startswith(PREFIX) for name in profile.tools)
        may = profile.may
        return self._toolbox.narrowed(lambda n: may(n) and n not in TASKS, guests=guests)

    def rooms(self, settings: Settings, spawn: Spawn, bounds: Callable[[], Bounds]) -> Rooms:
        """What a session works with, as the settings are now, but for ``bounds``."""
        return Rooms(
            store=self._store,
            resolve=self._roster.resolve,
            spawn=spawn,
            system=partial(self._system, settings.context),
            tools=self._tools,
            tokens=self._tokens,
            bounds=bounds,
            stand_ins=settings.fallback_models,
            titled=self._interactive and settings.sessions.titles,
            compaction=settings.compaction,
            small=self._roster.small_models,
            grounds=lambda cwd, trusted: Grounds(
                cwd=cwd.resolve(),
                users=user_files(self._home, self._env),
                names=settings.context.instruction_files,
                person=person_of(self._env),
                trusted=trusted,
            ),
            catalogues=self._extensions.catalogues,
            expand=self._extensions.expanding,
            hooks=self._extensions.hooks,
            resource=self._extensions.resource,
            transcripts=self._home / "cache" / "transcripts",
            wakes=settings.agents.autowake,
        )

    def _system(self, settings: ContextSettings, cwd: Path, model: str) -> str:
        """The system prompt: ion's own, or a person's. Raises ``ConfigError``."""
        own = self._home / "prompts" / "system.j2"
        named = settings.system_prompt_file
        return system_prompt(
            cwd,
            self._home / "cache" / "prompts",
            model=model,
            extra=settings.append_system_prompt,
            template_file=Path(named).expanduser() if named else own if own.exists() else None,
        )

    async def _entitle(self, journal: Journal, bounds: Bounds) -> None:
        """Have a new session named when its first turn is over."""
        from ion_core.agent.titling import Titling  # start-up: nothing is named before that

        small, resolve = self._roster.small_models, self._roster.resolve
        await Titling(journal, self._store, resolve, small, bounds, self._refused).watch()

    def _tools(
        self, model: str, entries: Sequence[Entry], profile: Profile | None = None
    ) -> tuple[ToolSpec, ...]:
        """What a model is told of the tools. It begins the same for every session with it, so that
        the prefix that its provider caches stays."""
        return tuple(
            ToolSpec(name=tool.name, description=tool.description, schema=tool.schema)
            for tool in self._box(profile).specs(model, wanted(entries))
        )

    def _picture(self, data: bytes) -> Image:
        """A picture that a tool found, kept. Blocking. Raises ``IonError``."""
        from ion_core.sessions.blobs import Blobs  # start-up: few files are pictures
        from ion_core.sessions.pictures import kept

        return kept(data, "The file", Blobs(self._home / "blobs"))

    def _keeping(self, session: SessionId, workspace: Workspace, jobs: Jobs) -> Keeping | None:
        """What keeps the files of a session that is kept itself."""
        if not self._keep:
            return None
        from ion_core.agent.keeping import Keeping  # start-up: with the first effect
        from ion_core.sessions.blobs import Blobs

        blobs = Blobs(self._home / "blobs")
        shelf, clock = self._store, self._clock
        note = self._home / "cache" / "unsettled" / session
        return Keeping(shelf, blobs, session, workspace, lambda: bool(jobs.running), clock, note)

    async def aclose(self) -> None:
        """Keep what was learnt of models, and leave no process behind."""
        await self._tokens.aclose()

    def spill(self, session: SessionId) -> Path:
        """Where output of a session is kept that is too long for the model."""
        return self._home / "cache" / "spill" / session

    def forget(self, session: SessionId) -> None:
        """Leave no output behind of a session that is not kept."""
        if (spill := self.spill(session)).exists():
            from shutil import rmtree  # start-up: seldom needed, and only at the end

            rmtree(spill, ignore_errors=True)


def bounds_of(settings: LimitSettings) -> Bounds:
    """The limits of runs and sessions, from dollars to whole nano-dollars."""
    return Bounds(
        run=Limits(
            steps=settings.max_turns,
            cost_nano=round(settings.max_cost_usd * 1e9),
            tokens=settings.max_tokens,
            time_s=settings.max_time_s,
        ),
        session=Limits(
            steps=settings.session_max_turns,
            cost_nano=round(settings.session_max_cost_usd * 1e9),
            tokens=settings.session_max_tokens,
            time_s=settings.session_max_time_s,
        ),
    )
