"""A session of its own: the real loop, tools and store around a scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ion_core.agent.budget import Bounds, Limits
from ion_core.agent.dispatch import Dispatch
from ion_core.agent.inbox import Inbox
from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice
from ion_core.agent.person import Person
from ion_core.agent.rooms import Rooms
from ion_core.agent.session import Session
from ion_core.bus import Bus, Subscription
from ion_core.config.schema import CompactionSettings
from ion_core.context.grounds import Grounds
from ion_core.context.tokens import Tokens
from ion_core.entries import Mode
from ion_core.events import Event, TurnEnded
from ion_core.hooks.base import Hooks
from ion_core.ids import CallId, new_session_id
from ion_core.messages import Message, ToolCall, ToolResult
from ion_core.policy.permission import Permission, Protection
from ion_core.providers.base import ModelInfo, ToolSpec
from ion_core.providers.script import Step
from ion_core.providers.scripted import ScriptedProvider
from ion_core.sessions.base import SessionInfo
from ion_core.sessions.sqlite import SqliteStore
from ion_core.tools.base import Tool
from ion_core.tools.guest import Guests
from ion_core.tools.jobs import HINT_S, Jobs
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.paths import Workspace
from ion_core.tools.toolbox import Toolbox, standard_tools
from ion_core.tools.wanted import wanted
from ion_core.usage import Price
from ion_core.view import SessionView

MODEL = ModelInfo(
    provider="scripted", id="scripted", window=100_000, price=Price(input=1.0, output=2.0)
)


async def _off() -> Protection:
    return "off"


def call(name: str, id: str = "c1", /, **arguments: Any) -> ToolCall:
    return ToolCall(id=CallId(id), name=name, arguments=arguments)


class Scene:
    """A session, its model, and everything that its bus said."""

    def __init__(
        self, session: Session, model: ScriptedProvider, store: SqliteStore, heard: Subscription
    ) -> None:
        self.session, self.model, self.store, self._heard = session, model, store, heard
        self.events: list[Event] = []

    def hear(self) -> list[Event]:
        """Every event so far."""
        self.events += [emitted.event for emitted in self._heard.take()]
        return self.events

    async def until(self, kind: type, times: int = 1) -> None:
        """Wait until the session has said something of this kind, so often."""
        while sum(isinstance(event, kind) for event in self.events) < times:
            self.events += [emitted.event for emitted in await self._heard.batch()]

    async def play(self, prompt: str) -> TurnEnded:
        """Submit a prompt and wait for the end of its last turn."""
        await self.session.submit(prompt)
        await self.session.idle()
        ended = [event for event in self.hear() if isinstance(event, TurnEnded)]
        return ended[-1]

    @property
    def messages(self) -> list[Message]:
        return [e.body for e in self.session.view.entries if isinstance(e.body, Message)]

    @property
    def results(self) -> list[ToolResult]:
        return [result for message in self.messages for result in message.results]


@asynccontextmanager
async def scene(
    workspace: Path,
    steps: Sequence[Step],
    *,
    mode: Mode = "write",
    limits: Limits | None = None,
    bounds: Callable[[], Bounds] | None = None,
    stand_ins: tuple[str, ...] = (),
    model: ModelInfo = MODEL,
    windows: Mapping[str, int] | None = None,
    tools: Sequence[Tool] = (),
    rare: Sequence[Tool] = (),
    guests: Guests | None = None,
    hooks: Hooks | None = None,
    chunk: int = 16,
    permission: Permission | None = None,
    interactive: bool = False,
    hint_s: float = HINT_S,
    compaction: CompactionSettings | None = None,
    grounds: Grounds | None = None,
) -> AsyncIterator[Scene]:
    workspace.mkdir(parents=True, exist_ok=True)
    store = await SqliteStore.open(workspace.parent / "stage.db")
    provider = ScriptedProvider(steps, models=[model], chunk=chunk)
    launcher = ThreadLauncher()
    toolbox = Toolbox(tools or standard_tools(launcher), rare, guests)
    info = SessionInfo(
        id=new_session_id(), project="p", cwd=str(workspace), created_at=1, updated_at=1, mode=mode
    )
    view = SessionView(session=info.id, mode=mode)
    journal = Journal(info, store, Bus(view), created=False)
    person = Person(journal, present=interactive)

    async def resolve(ref: str) -> Choice:
        known = replace(model, id=ref.rpartition("/")[2]) if ref else model
        known = replace(known, window=(windows or {}).get(ref, known.window))
        return Choice(provider=provider, model=known)

    async with asyncio.TaskGroup() as group:
        dispatch = Dispatch(
            journal,
            toolbox,
            Workspace(root=workspace),
            workspace.parent / "spill",
            lambda: view.mode,
            permission or Permission(lambda: (), workspace.parent, _off),
            person,
            Jobs(
                group.create_task,
                journal.emit,
                lambda: view.entries,
                present=interactive,
                hint_s=hint_s,
            ),
        )
        rooms = Rooms(
            store=store,
            resolve=resolve,
            spawn=group.create_task,
            system=lambda cwd, model: "You are a test.",
            hooks=hooks,
            tools=lambda model, entries: tuple(
                ToolSpec(name=tool.name, description=tool.description, schema=tool.schema)
                for tool in toolbox.specs(model, wanted(entries))
            ),
            tokens=Tokens(None),
            bounds=bounds or (lambda: Bounds(run=limits or Limits())),
            stand_ins=stand_ins,
            compaction=compaction or CompactionSettings(),
            grounds=lambda cwd, trusted: grounds,
        )
        session = Session(journal, Inbox(journal, store, ()), dispatch, person, rooms, workspace)
        _, heard = journal.bus.subscribe(lossless=True, limit=1_000_000)
        try:
            yield Scene(session, provider, store, heard)
        finally:
            await session.aclose()
    await store.aclose()
    launcher.close()
