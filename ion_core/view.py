"""The state of a session as its readers see it: one fold over its events.

The core keeps one for itself and every front door keeps its own; applying the same events gives
the same view. ``snapshot`` copies it, so that a late or lagging reader starts from now.
"""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from ion_core.compaction_events import CompactionEnded, CompactionFailed, CompactionStarted
from ion_core.entries import Compaction, Entry, Mode, ModeChange, ModelChange, Prune
from ion_core.events import (
    ApprovalRequested,
    ApprovalSettled,
    Delta,
    Emitted,
    EntryAppended,
    Event,
    HeadMoved,
    JobEnded,
    JobStarted,
    Notice,
    QuestionAnswered,
    QuestionAsked,
    QueueChanged,
    Queued,
    SessionChanged,
    StepEnded,
    StepRetrying,
    StepStarted,
    ToolEnded,
    ToolProgress,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from ion_core.ids import CallId, EntryId, SessionId
from ion_core.messages import Message
from ion_core.subagent_events import SubagentEnded, SubagentProgress, SubagentStarted
from ion_core.underway import Child, DraftPart, Job, Running
from ion_core.usage import Usage

NOTICES_KEPT = 20


class SessionView(Struct, kw_only=True):
    """Everything a front door shows of a session.

    ``entries`` is the path from the root to the head. ``context`` is the number of tokens that
    the last request and its answer took of ``window`` (0: unknown); while a request runs, about
    what it takes. At ``soft`` (0: not known yet) the conversation is compacted. ``cost_known`` is
    False once something was spent at an unknown price. ``asking`` are the calls that wait for the
    person, oldest first; ``jobs`` the commands of the background, ``children`` the subagents that
    this ion knows of.
    """

    session: SessionId
    seq: int = 0
    entries: list[Entry] = field(default_factory=list)
    draft: dict[int, DraftPart] = field(default_factory=dict)
    running: dict[CallId, Running] = field(default_factory=dict)
    asking: dict[CallId, ApprovalRequested | QuestionAsked] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    children: dict[SessionId, Child] = field(default_factory=dict)
    queue: tuple[Queued, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost_nano: int = 0
    cost_known: bool = True
    context: int = 0
    window: int = 0
    soft: int = 0
    model: str = ""
    mode: Mode = "write"
    title: str = ""
    busy: bool = False
    since: float = 0.0
    step: int = 0
    retrying: StepRetrying | None = None
    compacting: CompactionStarted | None = None
    ended: TurnEnded | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def head(self) -> EntryId | None:
        """The entry that the next one will follow."""
        return self.entries[-1].id if self.entries else None

    def apply(self, emitted: Emitted) -> None:
        """Fold one event in. One that was seen before (by its ``seq``) changes nothing."""
        if emitted.seq <= self.seq:
            return
        self.seq = emitted.seq
        self._fold(emitted.event, emitted.at)

    def snapshot(self) -> SessionView:
        """A copy that later events do not change."""
        return replace(
            self,
            entries=list(self.entries),
            draft={i: replace(part, body=part.body.copy()) for i, part in self.draft.items()},
            running={c: replace(run, body=run.body.copy()) for c, run in self.running.items()},
            asking=dict(self.asking),
            jobs=dict(self.jobs),
            children=dict(self.children),
        )

    def _fold(self, event: Event, at: float) -> None:
        match event:
            case TurnStarted():
                self.busy, self.since, self.step, self.ended = True, at, 0, None
            case StepStarted(step=step, model=model):
                self.step, self.model, self.draft, self.retrying = step, model, {}, None
                self.context = event.prompt or self.context
            case Delta():
                self._write(event)
            case StepRetrying():
                self.draft, self.retrying = {}, event
            case EntryAppended(entry=entry):
                self._append(entry)
            case StepEnded():
                self._spend(event)
            case ToolStarted(call=call):
                self.running[call] = Running(
                    call=call,
                    name=event.name,
                    arguments=event.arguments,
                    target=event.target,
                    at=at,
                )
            case ToolProgress(call=call, text=text):
                if call in self.running:
                    self.running[call].body.append(text)
            case ToolEnded(call=call):
                self.running.pop(call, None)
            case ApprovalRequested(call=call) | QuestionAsked(call=call):
                self.asking[call] = event
            case ApprovalSettled(call=call) | QuestionAnswered(call=call):
                self.asking.pop(call, None)
            case JobStarted(job=job):
                self.jobs[job] = Job(id=job, call=event.call, command=event.command, at=at)
            case JobEnded(job=job):
                if job in self.jobs:
                    self.jobs[job] = replace(self.jobs[job], ended=event)
            case SubagentStarted(child=child):
                self.children[child] = Child(begun=event, at=at)
            case SubagentProgress(child=child):
                if child in self.children:
                    self.children[child] = replace(self.children[child], progress=event)
            case SubagentEnded():
                self._child_ended(event)
            case QueueChanged(queue=queue):
                self.queue = queue
            case CompactionStarted():
                self.compacting = event
            case CompactionEnded() | CompactionFailed():
                self._compacted(event)
            case HeadMoved():
                self._move(event)
            case SessionChanged():
                self._change(event)
            case Notice():
                self.notices = (*self.notices, event)[-NOTICES_KEPT:]
            case TurnEnded():
                self.busy, self.draft, self.running, self.retrying = False, {}, {}, None
                self.asking, self.compacting = {}, None
                self.ended = event
            case _:
                assert_never(event)

    def _write(self, delta: Delta) -> None:
        self.retrying = None
        part = self.draft.get(delta.part)
        if part is None:
            part = self.draft[delta.part] = DraftPart(channel=delta.channel)
        part.tool = part.tool or delta.tool
        part.body.append(delta.text)

    def _append(self, entry: Entry) -> None:
        self.entries.append(entry)
        match entry.body:
            case Message(role="assistant", usage=usage):
                self.draft = {}
                self.context = self.context if usage is None else usage.total
            case ModelChange(model=model):
                self.model = model
            case ModeChange(mode=mode):
                self.mode = mode

    def _spend(self, ended: StepEnded) -> None:
        self.draft, self.retrying = {}, None
        if ended.usage is not None:
            self.usage += ended.usage
            self.context = ended.usage.total
            self.cost_known = self.cost_known and ended.cost_nano is not None
        self.cost_nano += ended.cost_nano or 0

    def _child_ended(self, ended: SubagentEnded) -> None:
        if ended.child in self.children:
            self.children[ended.child] = replace(self.children[ended.child], ended=ended)
        if ended.usage is not None:
            self.usage += ended.usage
            self.cost_known = self.cost_known and ended.cost_nano is not None
        self.cost_nano += ended.cost_nano or 0

    def _compacted(self, ended: CompactionEnded | CompactionFailed) -> None:
        self.compacting = None
        if ended.usage is not None:
            self.usage += ended.usage
            self.cost_known = self.cost_known and ended.cost_nano is not None
        self.cost_nano += ended.cost_nano or 0
        if isinstance(ended, CompactionEnded):
            self.context = ended.tokens_after

    def _move(self, moved: HeadMoved) -> None:
        kept = next((i for i, e in enumerate(self.entries) if e.id == moved.kept), -1)
        self.entries = [*self.entries[: kept + 1], *moved.entries]
        self.context = context_of(self.entries)

    def _change(self, changed: SessionChanged) -> None:
        self.title = self.title if changed.title is None else changed.title
        self.model = self.model if changed.model is None else changed.model
        self.window = self.window if changed.window is None else changed.window
        self.soft = self.soft if changed.soft is None else changed.soft
        self.mode = self.mode if changed.mode is None else changed.mode
        self.usage = self.usage if changed.usage is None else changed.usage
        self.cost_nano = self.cost_nano if changed.cost_nano is None else changed.cost_nano
        self.cost_known = self.cost_known if changed.cost_known is None else changed.cost_known


def context_of(entries: list[Entry]) -> int:
    """The window's use after the last answer of a path, in tokens; 0 when nobody said."""
    for entry in reversed(entries):
        if isinstance(entry.body, Message) and entry.body.usage is not None:
            return entry.body.usage.total
        if isinstance(entry.body, Compaction | Prune):
            return entry.body.tokens_after
    return 0
