"""A session on a real bus whose turns a test plays by hand.

It has the methods of ``Session`` that the app uses, keeps what it was asked in ``asked``, and
commits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ion_core.agent.unhooked import Unhooked
from ion_core.asking import Answer, Decision
from ion_core.bus import Bus, Subscription
from ion_core.entries import Body, Entry, Mode, ModeChange, SystemEvent
from ion_core.events import (
    Delta,
    EntryAppended,
    Event,
    HeadMoved,
    JobEnded,
    Notice,
    QueueChanged,
    Queued,
    SessionChanged,
    StepEnded,
    StepStarted,
    ToolEnded,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from ion_core.ids import CallId, EntryId, SessionId, entry_id
from ion_core.messages import Display, Message, Text, ToolCall, ToolResult, answered, user
from ion_core.sessions.recovery import unanswered
from ion_core.usage import Usage
from ion_core.view import SessionView

NOON = 1_764_000_000.0
"""A fixed moment: 24 November 2025, 16:00 UTC."""


class Clock:
    """Time that moves when a test says so."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class StageSession:
    """One session. ``emit`` plays an event; ``say`` and ``call`` play whole steps."""

    def __init__(self, id: str, clock: Clock, cwd: Path, **known: Any) -> None:
        self.id, self.cwd, self.clock = SessionId(id), cwd, clock
        self.bus = Bus(SessionView(session=self.id, **known), clock=clock)
        self.hooking = Unhooked()
        self.asked: list[tuple[str, str]] = []
        self.decided: list[tuple[CallId, Decision]] = []
        self.answered: list[tuple[CallId, tuple[Answer, ...]]] = []
        self.written: dict[str, str] = {}
        self.closed = False
        self.reading_along = ""
        self.newer = False
        self._row = 0

    @property
    def view(self) -> SessionView:
        return self.bus.view

    @property
    def busy(self) -> bool:
        return self.view.busy

    @property
    def can_take_over(self) -> bool:
        return bool(self.reading_along) and not self.newer

    @property
    def waiting(self) -> tuple[ToolCall, ...]:
        return () if self.busy else tuple(unanswered(self.view.entries))

    async def resume(self, approved: Sequence[CallId]) -> None:
        self.asked.append(("resume", " ".join(approved)))

    def subscribe(self, *, lossless: bool = False) -> tuple[SessionView, Subscription]:
        return self.bus.subscribe(lossless=lossless)

    async def emit(self, event: Event) -> None:
        await self.bus.emit(event)

    async def append(self, body: Body) -> None:
        self._row += 1
        head = self.view.head
        entry = Entry(id=entry_id(self._row), parent=head, at=self.clock(), body=body)
        await self.emit(EntryAppended(entry=entry))

    async def submit(self, text: str) -> None:
        self.asked.append(("submit" if not self.busy else "steer", text))
        if self.busy:
            await self._enqueue("steer", text)
        else:
            await self.append(user(text))
            await self.emit(TurnStarted())
            await self.emit(StepStarted(step=1, model=self.view.model))

    async def steer(self, text: str) -> None:
        self.asked.append(("steer", text))
        await self._enqueue("steer", text)

    async def follow_up(self, text: str) -> None:
        self.asked.append(("follow_up", text))
        await self._enqueue("follow_up", text)

    async def _enqueue(self, kind: Any, text: str) -> None:
        item = Queued(id=len(self.view.queue) + 1, kind=kind, text=text)
        await self.emit(QueueChanged(queue=(*self.view.queue, item)))

    async def take_over(self) -> None:
        self.asked.append(("take_over", ""))
        self.reading_along = ""
        await self.emit(Notice(level="info", text="You write this session now."))

    async def take_back(self) -> str | None:
        self.asked.append(("take_back", ""))
        if not self.view.queue:
            return None
        *kept, last = self.view.queue
        await self.emit(QueueChanged(queue=tuple(kept)))
        return last.text

    async def cancel(self) -> None:
        self.asked.append(("cancel", ""))
        if self.busy:
            text = "".join(p.text for p in self.view.draft.values() if p.channel == "text")
            if text:
                parts = (Text(text=text),)
                await self.append(Message(role="assistant", parts=parts, stop="interrupted"))
            await self.append(SystemEvent(what="interrupted", text="Interrupted."))
            await self.emit(TurnEnded(reason="interrupted"))

    async def set_model(self, ref: str) -> None:
        self.asked.append(("set_model", ref))
        await self.emit(SessionChanged(model=ref))

    async def set_mode(self, mode: Mode) -> None:
        self.asked.append(("set_mode", mode))
        if self.view.entries:
            await self.append(ModeChange(mode=mode))
        await self.emit(SessionChanged(mode=mode))

    def decide(self, call: CallId, decision: Decision) -> None:
        self.decided.append((call, decision))

    def reply(self, call: CallId, answers: Sequence[Answer]) -> None:
        self.answered.append((call, tuple(answers)))

    async def stop_job(self, job: str) -> None:
        self.asked.append(("stop_job", job))
        await self.emit(JobEnded(job=job, status="stopped", exit_code=143, duration_ms=5_000))

    def background(self, call: CallId) -> None:
        self.asked.append(("background", call))

    def job_output(self, job: str) -> str:
        return self.written.get(job, "")

    async def rename(self, title: str) -> None:
        self.asked.append(("rename", title))
        await self.emit(SessionChanged(title=title))

    async def move_to(self, entry: EntryId | None) -> None:
        self.asked.append(("move_to", entry or ""))
        await self.emit(HeadMoved(kept=entry, entries=()))

    async def aclose(self) -> None:
        self.closed = True
        self.bus.close()

    async def write(self, text: str, part: int = 0) -> None:
        """More of the answer."""
        await self.emit(Delta(part=part, channel="text", text=text))

    async def answer(self, *parts: Any, usage: Usage | None = None, step: int = 1) -> None:
        """A whole answer, durable."""
        said = tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
        stop: Any = "tool_use" if any(isinstance(p, ToolCall) for p in said) else "end_turn"
        await self.append(Message(role="assistant", parts=said, stop=stop, usage=usage))
        await self.emit(
            StepEnded(
                step=step, stop_reason=stop, usage=usage, cost_nano=1_200_000, duration_ms=900
            )
        )

    async def begin(self, call: ToolCall, target: str) -> None:
        """A call begins to run."""
        await self.emit(
            ToolStarted(call=call.id, name=call.name, arguments=call.arguments, target=target)
        )

    async def settle(self, call: ToolCall, content: str, display: Display, ok: bool = True) -> None:
        """A call is over."""
        status: Any = "ok" if ok else "error"
        result = ToolResult(
            call=call.id, name=call.name, status=status, content=content, display=display
        )
        await self.append(answered(result))
        await self.emit(
            ToolEnded(
                call=call.id,
                name=call.name,
                status=status,
                duration_ms=display.duration_ms or 0,
                content=content,
                display=display,
            )
        )

    async def end(self, reason: Any = "done", error: str = "") -> None:
        """The turn is over."""
        await self.emit(TurnEnded(reason=reason, error=error))
