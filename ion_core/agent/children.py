"""One agent at work for a session: a session of its own, and what its parent hears of it.

What it must be allowed is asked in the parent, by its name; how far it is is told at most four
times a second.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from ion_core.bus import Lagged
from ion_core.events import (
    ApprovalRequested,
    ApprovalSettled,
    Emitted,
    Notice,
    QuestionAnswered,
    QuestionAsked,
    StepStarted,
    ToolStarted,
)
from ion_core.ids import CallId
from ion_core.messages import Message
from ion_core.subagent_events import SubagentProgress, SubagentStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ion_core.agent.budget import Budget
    from ion_core.agent.journal import Journal
    from ion_core.agent.session import Session
    from ion_core.usage import Usage

EVERY_S: Final = 0.25
_STATUS: Final[dict[str, SubagentStatus]] = {
    "done": "done",
    "max_turns": "partial",
    "budget": "budget",
    "approval_required": "waiting",
    "interrupted": "stopped",
}
READS: Final = frozenset({"read"})
WRITES: Final = frozenset({"write", "edit", "apply_patch"})


class Child:
    """Of the session that ``parent`` writes. ``agent`` is its kind, ``before`` what its session had
    used when it began, ``budget`` pays for it."""

    def __init__(self, parent: Journal, session: Session, agent: str, description: str) -> None:
        self._parent, self.session, self.agent = parent, session, agent
        self.description = description
        self.began, self._told_at = time.monotonic(), 0.0
        view = session.view
        self._entries, self._usage, self._cost = len(view.entries), view.usage, view.cost_nano
        self.turns, self._tool, self._target, self._waits = 0, "", "", ""
        self.status: SubagentStatus | str = "running"
        self.summary = ""
        self.task: asyncio.Task[None] | None = None
        self.needs: Callable[[str, str], Awaitable[None]] | None = None
        self.budget: Budget | None = None

    @property
    def id(self) -> str:
        return self.session.id

    @property
    def usage(self) -> Usage:
        """What it used since it began."""
        now, before = self.session.view.usage, self._usage
        return replace(now, **{name: _since(now, before, name) for name in _FIELDS})

    @property
    def cost_nano(self) -> int | None:
        """What it cost since it began, None where a price is unknown."""
        view = self.session.view
        return view.cost_nano - self._cost if view.cost_known else None

    async def ask(self, prompt: str) -> str:
        """Say something to it and wait until it is done; its last words."""
        hearing = asyncio.ensure_future(self._hear())
        try:
            self.session.bring(prompt)  # a model wrote it
            await self.session.submit(prompt)
            await self.session.idle()
        except asyncio.CancelledError:
            await self.session.cancel()
            raise
        finally:
            await asyncio.sleep(0)
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            await self._tell_limits()
        return self.last_words

    @property
    def reason(self) -> SubagentStatus:
        """How its last turn ended."""
        ended = self.session.view.ended
        return _STATUS.get(ended.reason, "failed") if ended is not None else "stopped"

    @property
    def trouble(self) -> str:
        """What went wrong in its last turn, if anything."""
        ended = self.session.view.ended
        return ended.error if ended is not None else ""

    @property
    def last_words(self) -> str:
        """The text of its last answer since it began."""
        for entry in reversed(self.session.view.entries[self._entries :]):
            body = entry.body
            if isinstance(body, Message) and body.role == "assistant" and body.text.strip():
                return body.text.strip()
        return ""

    def files(self, tools: frozenset[str]) -> list[str]:
        """The paths that calls of these tools named, each once."""
        found: dict[str, None] = {}
        for entry in self.session.view.entries[self._entries :]:
            if isinstance(entry.body, Message):
                for call in entry.body.calls:
                    path = call.arguments.get("path")
                    if call.name in tools and isinstance(path, str):
                        found[path] = None
        return list(found)

    async def _hear(self) -> None:
        """Pass on what the parent must know, for as long as it works."""
        _, events = self.session.subscribe()
        try:
            while batch := await events.batch():
                for emitted in batch:
                    await self._pass_on(emitted)
        except Lagged:
            await self._hear()
        finally:
            events.close()

    async def _pass_on(self, emitted: Emitted) -> None:
        match emitted.event:
            case ApprovalRequested() | QuestionAsked() as asked:
                self._waits = "an approval" if isinstance(asked, ApprovalRequested) else "an answer"
                named = replace(
                    asked, call=self.call(asked.call), agent=self.agent, child=self.session.id
                )
                await self._parent.emit(named)
                await self.tell()
                if self.needs is not None:
                    await self.needs("agent_needs_input", f"{self.agent} needs {self._waits}.")
            case ApprovalSettled() | QuestionAnswered() as settled:
                self._waits = ""
                await self._parent.emit(replace(settled, call=self.call(settled.call)))
            case StepStarted():
                self.turns += 1
                await self._tell_limits()
                self._tool, self._target = "", ""
                await self._tell_soon()
            case ToolStarted(name=name, target=target):
                self._tool, self._target = name, target
                await self._tell_soon()

    async def _tell_soon(self) -> None:
        if time.monotonic() - self._told_at >= EVERY_S:
            await self.tell()

    async def tell(self) -> None:
        """Say how far it is."""
        self._told_at = time.monotonic()
        await self._parent.emit(
            SubagentProgress(
                child=self.session.id,
                turns=self.turns,
                tool=self._tool,
                target=self._target[:200],
                tokens=self.usage.total,
                cost_nano=self.cost_nano,
                waits_for=self._waits,
            )
        )

    async def _tell_limits(self) -> None:
        """Say of the budget that pays for it which limits come near."""
        for news in self.budget.news() if self.budget is not None else ():
            await self._parent.emit(Notice(level="warning", text=news))

    def call(self, own: CallId) -> CallId:
        """What a call of it is called in its parent."""
        return CallId(f"{self.session.id}/{own}")


def _since(now: Usage, before: Usage, name: str) -> int | None:
    """What was added to a count; None where nobody counted."""
    counted: int | None = getattr(now, name)
    return None if counted is None else counted - (getattr(before, name) or 0)


_FIELDS: Final = ("input", "output", "cache_read", "cache_write", "reasoning")
