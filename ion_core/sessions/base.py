"""The door of the session store.

A store keeps trees of entries and everything around them. One ``commit`` is one transaction: what
it returned is durable, what it raised happened not at all. It raises ``StoreError`` and never
answers ``None`` for a lost write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from ion_core.entries import Body, Entry, Mode
from ion_core.errors import StoreError
from ion_core.events import Queued
from ion_core.ids import CallId, EntryId, SessionId
from ion_core.messages import Message
from ion_core.sessions.marks import Mark
from ion_core.sessions.pieces import Pieces
from ion_core.sessions.process_facts import Holder
from ion_core.sessions.spending import Spent
from ion_core.trees import Branch, SessionTree
from ion_core.usage import Usage

Recovery: TypeAlias = Literal["replay_safe", "reconcile", "never"]
"""What may be done about an effect whose outcome nobody recorded: run it again, compare the files
with what was meant, or nothing but say so."""

Kind: TypeAlias = Literal["main", "subagent", "fork", "handoff", "import"]

Purpose: TypeAlias = Literal["turn", "retry", "title", "compaction", "subagent"]


class SessionInfo(Struct, frozen=True, kw_only=True, gc=False):
    """A session without its entries. Times are in seconds since the epoch; ``updated_at`` is that
    of the last message. ``project`` is the same for every folder of one repository. ``entries``
    counts those of every branch, ``turns`` the messages of the person; ``branch`` is the active one
    of ``branches``. ``parent`` is the session that it came from, at ``parent_entry``."""

    id: SessionId
    project: str
    cwd: str
    title: str = ""
    title_source: Literal["auto", "user"] = "auto"
    preview: str = ""
    model: str = ""
    mode: Mode = "write"
    head: EntryId | None = None
    created_at: float
    updated_at: float
    entries: int = 0
    turns: int = 0
    usage: Usage = Usage()
    cost_nano: int = 0
    cost_known: bool = True
    deleted_at: float | None = None
    kind: Kind = "main"
    parent: SessionId | None = None
    parent_entry: EntryId | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    archived: bool = False
    branch: str = "main"
    branches: int = 1


class Append(Struct, frozen=True, kw_only=True):
    """Add an entry after the head, and make it the head."""

    body: Body


class OpenEffect(Struct, frozen=True, kw_only=True):
    """Say, before it begins, that a call will have an effect (``detail``: JSON-able facts that
    recovery needs)."""

    call: CallId
    tool: str
    recovery: Recovery
    detail: dict[str, Any] = {}


class SettleEffect(Struct, frozen=True, kw_only=True):
    """The outcome of an effect is in an entry of the same commit, or of an earlier one."""

    call: CallId


class Spend(Struct, frozen=True, kw_only=True):
    """Tokens were paid for. They are added to the session's sums; ``cost_nano`` None makes the
    sum's cost unknown."""

    purpose: Purpose
    provider: str
    model: str
    usage: Usage
    cost_nano: int | None


class Enqueue(Struct, frozen=True, kw_only=True):
    """A message waits to be delivered; ``queue`` tells its id."""

    kind: Literal["steer", "follow_up"]
    text: str


class Dequeue(Struct, frozen=True, kw_only=True):
    """A waiting message was delivered or taken back. ``StoreError`` if it waits no longer."""

    id: int


class Change(Struct, frozen=True, kw_only=True):
    """New values for what is not None."""

    title: str | None = None
    title_source: Literal["auto", "user"] | None = None
    description: str | None = None
    model: str | None = None
    mode: Mode | None = None
    pinned: bool | None = None
    archived: bool | None = None
    deleted: bool | None = None


class Remember(Struct, frozen=True, kw_only=True):
    """Add a prompt to the project's input history."""

    text: str


Write: TypeAlias = (
    Append | OpenEffect | SettleEffect | Spend | Enqueue | Dequeue | Mark | Change | Remember
)


class OpenedEffect(Struct, frozen=True, kw_only=True):
    """An effect that was opened and never settled."""

    call: CallId
    tool: str
    recovery: Recovery
    detail: dict[str, Any]


class Hit(Struct, frozen=True, kw_only=True):
    """An entry that a search found.

    ``branch`` is the name of one that the entry is on, the active one if it is; empty when none
    leads there any more. ``snippet`` is one line with ``«»`` around what matched; the higher
    ``score``, the better.
    """

    session: SessionId
    title: str
    entry: EntryId
    branch: str
    role: str
    at: float
    snippet: str
    score: float


class Passage(Struct, frozen=True, kw_only=True):
    """An entry and its neighbours on one path, from the root's side on."""

    session: SessionId
    title: str
    entry: EntryId
    entries: list[Entry]


class SessionStore(Protocol):
    """Sessions on disk (or in memory, for runs that leave nothing)."""

    @property
    def refusal(self) -> StoreError | None:
        """What every write raises, where the store may be read alone."""
        ...

    async def create(
        self, info: SessionInfo, writes: Sequence[Write] = (), *, hold: bool = False
    ) -> tuple[Entry, ...]:
        """A new session and its first writes in one transaction; the entries it appended. Its
        counters begin at 0 and its head at None, whatever ``info`` says. ``hold`` as by
        :meth:`take`, in the same transaction."""
        ...

    async def commit(self, session: SessionId, *writes: Write) -> tuple[Entry, ...]:
        """Do all writes in one transaction, in order; the entries that were appended. Raises
        ``SessionBusy`` when another store writes the session, or did since this one took it."""
        ...

    async def take(self, session: SessionId, *, over: bool = False) -> Holder | None:
        """Be the only store that writes the session, until it is released or another one takes it
        ``over``. Who does so instead, and is alive; then nothing is changed."""
        ...

    async def writer(self, session: SessionId) -> Holder | None:
        """The other store that writes the session, if one does and is alive."""
        ...

    async def lost(self, session: SessionId) -> bool:
        """Whether this store took the session, and another one has taken it over since."""
        ...

    async def release(self, session: SessionId) -> None:
        """Leave the session to whoever wants to write it."""
        ...

    async def keep_partial(self, session: SessionId, pieces: Pieces) -> None:
        """Keep more of the running answer, until the next one is appended; a power failure may
        take it. Raises ``SessionBusy``."""
        ...

    async def forget_partial(self, session: SessionId) -> None:
        """What was kept of the running answer was discarded."""
        ...

    async def partial(self, session: SessionId) -> Message | None:
        """What was kept of an answer that never became an entry."""
        ...

    async def info(self, session: SessionId) -> SessionInfo:
        """Raises ``SessionNotFound``. A unique prefix of an id is enough, also of a deleted one; a
        prefix of several raises ``StoreError`` that lists them."""
        ...

    async def path(
        self, session: SessionId, *, head: EntryId | None = None, limit: int = 0
    ) -> list[Entry]:
        """Entries from the root to ``head`` (default: the session's). With ``limit``: the last
        that many."""
        ...

    async def agents(self, session: SessionId) -> list[SessionInfo]:
        """The sessions of its agents and of theirs, also deleted ones, the oldest first."""
        ...

    async def branches(self, session: SessionId) -> tuple[Branch, ...]:
        """The branches of a session, in the order in which they were made."""
        ...

    async def tree(self, session: SessionId) -> SessionTree:
        """Every entry of a session in outline, and its branches."""
        ...

    async def fork(
        self, session: SessionId, at: EntryId | None, title: str = "", agent: str = ""
    ) -> SessionInfo:
        """A new session with a copy of the path to an entry; with ``agent`` one of that kind of
        agent, else a fork. Raises ``StoreError`` for an entry of another session."""
        ...

    async def queue(self, session: SessionId) -> tuple[Queued, ...]:
        """The messages that wait, oldest first."""
        ...

    async def open_effects(self, session: SessionId) -> tuple[OpenedEffect, ...]:
        """Effects whose outcome nobody recorded."""
        ...

    async def sessions(
        self,
        *,
        project: str | None = None,
        limit: int = 0,
        deleted: bool = False,
        archived: bool = False,
    ) -> list[SessionInfo]:
        """Newest first, of one project or of all: those in use, the deleted or the archived."""
        ...

    async def history(self, project: str, limit: int = 500) -> list[str]:
        """The project's prompts, oldest first, repeats left out."""
        ...

    async def search(self, query: str, *, project: str | None = None, limit: int = 20) -> list[Hit]:
        """The entries of a project, or of all, that fit a query best, the best first. Any text is
        a query; ``search_terms.terms`` says what it means."""
        ...

    async def comb(self, query: str, *, project: str | None = None, limit: int = 20) -> list[Hit]:
        """Results of tools that hold every word of a query, however deep; slower than a search."""
        ...

    async def passage(
        self, entry: EntryId, *, project: str | None = None, around: int = 2
    ) -> Passage:
        """An entry of a project, or of any, and what is around it. Raises ``StoreError``."""
        ...

    async def spending(self, *, since: float = 0.0) -> list[Spent]:
        """Everything that was paid for since a time, in sums; the latest first."""
        ...

    async def aclose(self) -> None: ...
