"""What a session tells of the subagents that it started; each also has events of its own.

``SubagentStarted`` comes first and ``SubagentEnded`` last, with ``SubagentProgress`` between them
at most four times a second. One that is resumed starts again. Those in the background outlive
turns.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from ion_core.ids import CallId, SessionId
from ion_core.usage import Usage

SubagentStatus: TypeAlias = Literal[
    "done", "partial", "failed", "stopped", "budget", "waiting", "indeterminate"
]
"""``partial``: a limit of its turns cut it short; ``budget``: one of money, tokens or time;
``waiting``: somebody must allow a call, and nobody was there; ``indeterminate``: ion
ended while it worked."""


class SubagentStarted(Struct, frozen=True, kw_only=True, tag_field="kind", tag="subagent_started"):
    """The agent ``agent`` begins to work as session ``child``, for the call ``call``."""

    child: SessionId
    call: CallId
    agent: str
    description: str
    model: str = ""
    background: bool = False


class SubagentProgress(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="subagent_progress"
):
    """How far it is: its requests so far, what it does now (``tool`` and ``target``), what it used.
    ``waits_for`` says in a few words what it needs of the person, empty while it works."""

    child: SessionId
    turns: int
    tool: str = ""
    target: str = ""
    tokens: int = 0
    cost_nano: int | None = None
    waits_for: str = ""


class SubagentEnded(Struct, frozen=True, kw_only=True, tag_field="kind", tag="subagent_ended"):
    """It is over; ``summary`` is what its parent was told. ``usage`` is what it used since
    it was started; ``cost_nano`` is None for an unknown price."""

    child: SessionId
    status: SubagentStatus
    summary: str = ""
    turns: int = 0
    usage: Usage | None = None
    cost_nano: int | None = None
    duration_ms: int = 0


def requests(count: int) -> str:
    """A number of requests in words."""
    return f"{count} request{'s' * (count != 1)}"
