"""What a session works with, besides what is its own: the runtime joins it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from ion_core.agent.budget import Bounds
from ion_core.agent.instructing import Catalogue
from ion_core.agent.models import Resolve
from ion_core.agent.opening import Resource
from ion_core.agent.work import Spawn
from ion_core.config.schema import CompactionSettings
from ion_core.context.grounds import Grounds
from ion_core.context.tokens import Tokens
from ion_core.entries import Entry
from ion_core.providers.base import ToolSpec
from ion_core.sessions.base import SessionStore

if TYPE_CHECKING:
    from ion_core.agent.expanding import Expand
    from ion_core.agent.session import Session
    from ion_core.agent.subagents import Nursery
    from ion_core.hooks.base import Hooks

Tools = Callable[[str, Sequence[Entry]], tuple[ToolSpec, ...]]
"""What a model, by its id, is told of tools after these entries."""


class Rooms(Struct, kw_only=True):
    """The rooms of one session. ``spawn`` owns its tasks, ``system`` is the prompt for a folder and
    a model; ``titled`` ones are named by a model after their first turn. ``grounds`` says where
    instruction files are for a folder that is trusted or not, ``catalogues`` what there is to
    ask for in it, and ``expand`` what prompts that begin with a slash stand for. ``nursery``
    makes the sessions of agents for one (None: it may start none), ``agent`` is what kind of
    agent it is itself, and ``wakes``: an agent that is done may begin a turn. ``hooks`` are told
    what happens; what they read of conversations is put into ``transcripts``. ``resource`` reads
    what MCP servers have."""

    store: SessionStore
    resolve: Resolve
    spawn: Spawn
    system: Callable[[Path, str], str]
    tools: Tools
    tokens: Tokens
    bounds: Callable[[], Bounds] = Bounds
    stand_ins: tuple[str, ...] = ()
    titled: bool = False
    compaction: CompactionSettings = field(default_factory=CompactionSettings)
    small: Callable[[str], Sequence[str]] = lambda ref: ()
    grounds: Callable[[Path, bool], Grounds | None] = lambda cwd, trusted: None
    expand: Callable[[Path, bool], Expand | None] = lambda cwd, trusted: None
    nursery: Callable[[Session], Nursery] | None = None
    agent: str = ""
    wakes: bool = True
    hooks: Hooks | None = None
    transcripts: Path | None = None
    resource: Resource | None = None
    catalogues: Callable[[Path, bool], Sequence[Catalogue]] = lambda cwd, trusted: ()
