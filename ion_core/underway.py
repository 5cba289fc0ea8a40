"""What is under way in a session: the parts of an answer, calls that run, jobs, subagents."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from ion_core.events import Channel, JobEnded
from ion_core.ids import CallId, SessionId
from ion_core.subagent_events import SubagentEnded, SubagentProgress, SubagentStarted

PROGRESS_LIMIT = 20_000
"""Characters of a running tool's output that the view keeps: the last ones."""


class Growing:
    """Text that grows by pieces and joins them only when somebody reads it."""

    __slots__ = ("_limit", "_pieces")

    def __init__(self, text: str = "", limit: int = 0) -> None:
        self._pieces, self._limit = [text] if text else [], limit

    def append(self, text: str) -> None:
        self._pieces.append(text)

    @property
    def text(self) -> str:
        if len(self._pieces) > 1 or (self._limit and self._pieces):
            joined = "".join(self._pieces)
            self._pieces = [joined[-self._limit :] if self._limit else joined]
        return self._pieces[0] if self._pieces else ""

    def copy(self) -> Growing:
        return Growing(self.text, self._limit)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Growing) and self.text == other.text

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return f"Growing({self.text!r})"


class DraftPart(Struct, kw_only=True):
    """A part of the answer that is being written; ``tool`` is set for a call's arguments."""

    channel: Channel
    tool: str = ""
    body: Growing = field(default_factory=Growing)

    @property
    def text(self) -> str:
        return self.body.text


class Running(Struct, kw_only=True):
    """A call that runs, since ``at`` (seconds since the epoch)."""

    call: CallId
    name: str
    arguments: dict[str, Any]
    target: str
    at: float
    body: Growing = field(default_factory=lambda: Growing(limit=PROGRESS_LIMIT))

    @property
    def output(self) -> str:
        return self.body.text


class Job(Struct, frozen=True, kw_only=True):
    """A command in the background, since ``at`` (seconds since the epoch); ``ended`` says how it
    came to an end."""

    id: str
    call: CallId
    command: str
    at: float
    ended: JobEnded | None = None


class Child(Struct, frozen=True, kw_only=True):
    """A subagent of a session, since ``at`` (seconds since the epoch): how it was ``begun``, what
    it said last of its work, and how it ``ended``."""

    begun: SubagentStarted
    at: float
    progress: SubagentProgress | None = None
    ended: SubagentEnded | None = None

    @property
    def id(self) -> SessionId:
        return self.begun.child
