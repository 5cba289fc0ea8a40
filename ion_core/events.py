"""What happens in a session, as it happens.

The order of one turn::

    TurnStarted
      ( StepStarted (Delta | StepRetrying)* EntryAppended(assistant) StepEnded
        ( ToolStarted ToolProgress* EntryAppended(tool) ToolEnded )* )*
    TurnEnded

Calls of one step may interleave; everything else is in this order. Tools start only after their
step ended. An entry is announced after its commit. A step starts more than once when another model
takes over from one that failed. After a cancel, whatever was open is closed with status
``cancelled``, and there is exactly one ``TurnEnded``.

A call that somebody must allow is asked about before its ``ToolStarted``: ``ApprovalRequested``,
then ``ApprovalSettled`` once a person decided. Where nobody can be asked the turn ends instead,
with ``approval_required``, and the call waits without a result. A tool that asks the person does so
while it runs: ``QuestionAsked``, ``QuestionAnswered``. Jobs outlive turns: ``JobStarted`` and
``JobEnded`` may come at any time. A compaction happens before a step or between turns:
``CompactionStarted``, ``EntryAppended``, ``CompactionEnded``; or else ``CompactionFailed``.
Subagents are told of as ``subagent_events.py`` says; what one of them must be allowed is asked
about here too, by ``agent`` and ``child``, until it is settled.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ion_core.asking import Answer, Proposal, Question, Verdict
from ion_core.compaction_events import CompactionEnded, CompactionFailed, CompactionStarted
from ion_core.entries import Entry, Mode
from ion_core.ids import CallId, EntryId, SessionId
from ion_core.messages import Display, Status, StopReason
from ion_core.subagent_events import SubagentEnded, SubagentProgress, SubagentStarted
from ion_core.usage import Usage

Channel: TypeAlias = Literal["text", "reasoning", "arguments"]

TurnReason: TypeAlias = Literal[
    "done", "interrupted", "error", "max_turns", "budget", "approval_required", "hook"
]
"""``hook``: a hook wanted that nothing goes on."""

JobStatus: TypeAlias = Literal["done", "failed", "stopped"]
"""How a job ended: exit code 0, another one, or because somebody wanted it to."""


class TurnStarted(Struct, frozen=True, kw_only=True, tag_field="kind", tag="turn_started"):
    """The agent begins to work on what is in the session."""


class StepStarted(Struct, frozen=True, kw_only=True, tag_field="kind", tag="step_started"):
    """A request goes to the model. ``step`` counts from 1 within the turn; ``prompt`` is about how
    many tokens the request has, 0 when nobody knows."""

    step: int
    model: str
    prompt: int = 0


class Delta(Struct, frozen=True, kw_only=True, tag_field="kind", tag="delta"):
    """More of part ``part`` (from 0) of the running answer.

    ``tool`` names the tool whose arguments are being written.
    """

    part: int
    channel: Channel
    text: str
    tool: str = ""


class StepRetrying(Struct, frozen=True, kw_only=True, tag_field="kind", tag="step_retrying"):
    """The answer so far is discarded; attempt ``attempt`` begins in ``delay_s`` seconds.

    Sent again each second with what is left, so that a countdown can be shown.
    """

    attempt: int
    attempts: int
    delay_s: float
    reason: str


class EntryAppended(Struct, frozen=True, kw_only=True, tag_field="kind", tag="entry_appended"):
    """An entry is durable, and is the new head."""

    entry: Entry


class StepEnded(Struct, frozen=True, kw_only=True, tag_field="kind", tag="step_ended"):
    """The model's answer is complete and durable. ``cost_nano`` is None for an unknown price.
    ``cache_miss`` says in a few words why the request did not find in the provider's cache what
    the last one left there; empty when it did, or when nothing is known."""

    step: int
    stop_reason: StopReason
    usage: Usage | None
    cost_nano: int | None
    duration_ms: int
    cache_miss: str = ""


class ToolStarted(Struct, frozen=True, kw_only=True, tag_field="kind", tag="tool_started"):
    """A call begins to run. ``target`` is what it touches, for people."""

    call: CallId
    name: str
    arguments: dict[str, Any]
    target: str = ""


class ToolProgress(Struct, frozen=True, kw_only=True, tag_field="kind", tag="tool_progress"):
    """More output of a running call."""

    call: CallId
    text: str


class ToolEnded(Struct, frozen=True, kw_only=True, tag_field="kind", tag="tool_ended"):
    """A call is over, and its result durable."""

    call: CallId
    name: str
    status: Status
    duration_ms: int
    content: str
    display: Display | None = None


class ApprovalRequested(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="approval_requested"
):
    """A call waits until a person allows it. ``reason`` says why it is asked about, ``rule`` names
    what decided; ``effects`` are warnings about what it may do. ``proposal`` is the rule that would
    allow its like from now on, None where no rule can; ``editable``: its ``target`` is a command
    that may be changed before it runs. A call of a subagent names it: ``agent`` and ``child``; its
    id is then that of the child and its own, joined by a slash, since both count for themselves."""

    call: CallId
    name: str
    target: str
    arguments: dict[str, Any] = {}
    reason: str = ""
    rule: str = ""
    effects: tuple[str, ...] = ()
    proposal: Proposal | None = None
    editable: bool = False
    agent: str = ""
    child: SessionId | None = None


class ApprovalSettled(Struct, frozen=True, kw_only=True, tag_field="kind", tag="approval_settled"):
    """The call waits no longer. ``cancelled``: the turn was stopped first."""

    call: CallId
    verdict: Verdict | Literal["cancelled"]
    comment: str = ""


class QuestionAsked(Struct, frozen=True, kw_only=True, tag_field="kind", tag="question_asked"):
    """A running call asks the person something and waits; one of a subagent as in
    :class:`ApprovalRequested`."""

    call: CallId
    questions: tuple[Question, ...]
    agent: str = ""
    child: SessionId | None = None


class QuestionAnswered(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="question_answered"
):
    """The person answered: one answer for each question, or none at all when they would not."""

    call: CallId
    answers: tuple[Answer, ...] = ()


class JobStarted(Struct, frozen=True, kw_only=True, tag_field="kind", tag="job_started"):
    """A command runs on in the background, as job ``job``; ``call`` began it."""

    job: str
    call: CallId
    command: str


class JobEnded(Struct, frozen=True, kw_only=True, tag_field="kind", tag="job_ended"):
    """A job is over. ``exit_code`` as a shell gives it; ``tail`` is the end of its output."""

    job: str
    status: JobStatus
    exit_code: int
    duration_ms: int
    tail: str = ""


class Queued(Struct, frozen=True, kw_only=True):
    """A message that waits: a ``steer`` for the next step, a ``follow_up`` for the next turn."""

    id: int
    kind: Literal["steer", "follow_up"]
    text: str


class QueueChanged(Struct, frozen=True, kw_only=True, tag_field="kind", tag="queue_changed"):
    """The messages that wait now, oldest first."""

    queue: tuple[Queued, ...]


class HeadMoved(Struct, frozen=True, kw_only=True, tag_field="kind", tag="head_moved"):
    """Another branch is current: ``kept`` is the last entry both paths share (None: none), and
    ``entries`` lead from there to the new head."""

    kept: EntryId | None
    entries: tuple[Entry, ...]


class SessionChanged(Struct, frozen=True, kw_only=True, tag_field="kind", tag="session_changed"):
    """Title, model, window, soft limit or mode changed; what did not is None. ``usage`` and the
    costs are the sums of the session, told together where somebody else spends."""

    title: str | None = None
    model: str | None = None
    window: int | None = None
    soft: int | None = None
    mode: Mode | None = None
    usage: Usage | None = None
    cost_nano: int | None = None
    cost_known: bool | None = None


class Notice(Struct, frozen=True, kw_only=True, tag_field="kind", tag="notice"):
    """A sentence for the person."""

    level: Literal["info", "warning", "error"]
    text: str


class TurnEnded(Struct, frozen=True, kw_only=True, tag_field="kind", tag="turn_ended"):
    """The turn is over. ``error`` is a sentence when ``reason`` is not ``done``; for
    ``approval_required``, ``waiting`` are the calls that somebody must allow."""

    reason: TurnReason
    error: str = ""
    error_kind: str = ""
    retryable: bool = False
    waiting: tuple[CallId, ...] = ()


Event: TypeAlias = (
    TurnStarted
    | StepStarted
    | Delta
    | StepRetrying
    | EntryAppended
    | StepEnded
    | ToolStarted
    | ToolProgress
    | ToolEnded
    | ApprovalRequested
    | ApprovalSettled
    | QuestionAsked
    | QuestionAnswered
    | JobStarted
    | JobEnded
    | QueueChanged
    | HeadMoved
    | SubagentStarted
    | SubagentProgress
    | SubagentEnded
    | CompactionStarted
    | CompactionEnded
    | CompactionFailed
    | SessionChanged
    | Notice
    | TurnEnded
)


class Emitted(Struct, frozen=True, kw_only=True, tag_field="type", tag="event"):
    """An event in its envelope: ``seq`` counts from 1 without a gap within the session; ``at`` is
    in seconds since the epoch; ``parent`` is the session that started this one, if any."""

    v: Literal[1] = 1
    session: SessionId
    seq: int
    at: float
    parent: SessionId | None = None
    event: Event
