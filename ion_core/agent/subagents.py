"""The agents that a session started: at most so many at once, and one that writes in each folder.

Each is a session of its own that is paid for from its parent's budget. What it reports is short:
asked to shorten it once, it is cut otherwise, with the session where everything is.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Final, Protocol

from ion_core.agent.children import READS, WRITES, Child
from ion_core.agent.journal import Journal
from ion_core.agent_reports import aside, over, to_inbox
from ion_core.errors import IonError
from ion_core.events import Notice
from ion_core.ids import CallId
from ion_core.subagent_events import SubagentEnded, SubagentStarted, requests
from ion_core.tools.base import Outcome, failed
from ion_core.tools.task import ControlArgs, TaskArgs, told

if TYPE_CHECKING:
    from ion_core.agent.budget import Budget
    from ion_core.agent.inbox import Inbox
    from ion_core.agent.session import Session
    from ion_core.agent.unhooked import Unhooked
    from ion_core.agent.work import Spawn, Work
    from ion_core.underway import Child as Earlier

LONGEST: Final = 6_000
"""Characters of a report, about 1,500 tokens."""
SHORTEN: Final = (
    "Your report is too long to be read. Say it again in at most 900 words, the most important "
    "first. Call no tools."
)
REPORT: Final = (
    "You have no requests left but this one. Report now what you found and did, and what is left. "
    "Call no tools."
)
UNHEARD: Final = (
    "Nobody is here who may allow that. Do without it, or end your answer with how the person can: "
    "ion run --resume {child} --approve all. Afterwards task with resume={child} goes on with it."
)


class Nursery(Protocol):
    """Makes the sessions of agents for one parent."""

    @property
    def most(self) -> int: ...

    @property
    def everywhere(self) -> AbstractAsyncContextManager[None]: ...

    async def born(self, args: TaskArgs, budget: Budget | None) -> tuple[Session, Birth]:
        """A new session for an agent, or the one that is resumed. Raises ``IonError``."""
        ...


class Birth(Protocol):
    """How an agent begins: its kind, whether it works in the background, whether it may write, the
    folder that only one may write in, and the way to limit its next turn to so many requests and
    to end what was made for it (a sentence, perhaps empty)."""

    @property
    def agent(self) -> str: ...

    @property
    def background(self) -> bool: ...

    @property
    def lock(self) -> AbstractAsyncContextManager[object] | None: ...

    def limit(self, steps: int) -> None: ...

    async def done(self) -> str: ...


class Subagents:
    """``Spawner`` of one session. ``budget`` is that of its running turn."""

    def __init__(
        self,
        journal: Journal,
        nursery: Nursery,
        inbox: Inbox,
        work: Work,
        spawn: Spawn,
        hooking: Unhooked,
        *,
        wakes: bool,
    ) -> None:
        self._journal, self._nursery, self._inbox = journal, nursery, inbox
        self._work, self._spawn, self._hooking, self._wakes = work, spawn, hooking, wakes
        self._slots = asyncio.Semaphore(nursery.most) if nursery.most else None
        self.children: dict[str, Child] = {}
        self.budget: Budget | None = None

    async def run(self, call: CallId, args: TaskArgs) -> Outcome:
        """See ``Spawner``."""
        target = f"{args.agent}: {args.description}"
        try:
            session, birth = await self._nursery.born(args, self.budget)
        except IonError as error:
            return failed(str(error), target)
        child = Child(self._journal, session, birth.agent, args.description)
        self.children[child.id] = child
        child.needs = self._hooking.notify
        child.budget = self.budget
        background = args.background or birth.background
        await self._journal.emit(
            SubagentStarted(
                child=session.id,
                call=call,
                agent=birth.agent,
                description=args.description,
                model=session.view.model,
                background=background,
            )
        )
        if background:
            child.task = self._spawn(self._aside(child, birth, args.prompt))
            return told(aside(child.id, birth.agent), target, "in the background")
        content = await self._see_through(child, birth, args.prompt)
        status = "ok" if child.status in ("done", "partial") else "error"
        outcome = told(content, target, f"{child.status}, {requests(child.turns)}")
        from msgspec.structs import replace

        return replace(outcome, status=status)

    async def control(self, args: ControlArgs) -> Outcome:
        """See ``Spawner``."""
        if args.action == "status" and not args.id:
            lines = [_line(child) for child in self.children.values()]
            lines = [*map(_earlier, self._of_before()), *lines]
            return told("\n".join(lines) or "No agents were started.", "", f"{len(lines)} agents")
        child = self.find(args.id)
        if child is None:
            before = [one for one in self._of_before() if one.id.startswith(args.id or "-")]
            if before:
                said = f"{_earlier(before[0])} Go on with it: task with resume={before[0].id}."
                return told(said, before[0].id, "over")
            known = ", ".join(self.children) or "none"
            return failed(f"There is no agent {args.id!r}. There are: {known}.", args.id)
        match args.action:
            case "status":
                return told(_line(child), child.id, child.status)
            case "output":
                words = child.summary or child.last_words or "(nothing yet)"
                return told(f"{_line(child)}\n{words[:LONGEST]}", child.id, child.status)
            case "send":
                return await self._send(child, args.message)
            case _:
                await self.stop(child.id)
                return told(f"{child.id} is stopped.", child.id, "stopped")

    def find(self, id: str) -> Child | None:
        """An agent by its id, or a beginning of it that is no other's."""
        found = [child for known, child in self.children.items() if id and known.startswith(id)]
        return found[0] if len(found) == 1 else self.children.get(id)

    def _of_before(self) -> list[Earlier]:
        """Agents that were started before the session was opened."""
        known = self._journal.bus.view.children.values()
        return [child for child in known if child.id not in self.children]

    async def stop(self, id: str) -> None:
        """Stop one; when this returns it is over."""
        child = self.find(id)
        if child is not None:
            await child.session.cancel()
            if child.task is not None:
                await asyncio.wait({child.task})

    async def aclose(self) -> None:
        """Stop those in the background: nothing of them outlives the session."""
        for child in list(self.children.values()):
            if child.task is not None and not child.task.done():
                child.task.cancel()
                await asyncio.wait({child.task})

    async def _send(self, child: Child, message: str) -> Outcome:
        if not message.strip():
            return failed("A message is needed.", child.id)
        if child.session.busy:
            child.session.bring(message)
            await child.session.steer(message)
            return told(f"{child.id} reads it before its next request.", child.id, "sent")
        return failed(f"{child.id} is over. Go on with it: task with resume={child.id}.", child.id)

    async def _aside(self, child: Child, birth: Birth, prompt: str) -> None:
        content = await self._see_through(child, birth, prompt)
        await self._hooking.notify("agent_completed", f"{child.agent} is {child.status}.")
        try:
            await self._inbox.put("steer", to_inbox(content))
        except IonError as error:
            await self._journal.emit(Notice(level="error", text=str(error)))
            return
        ended = self._journal.bus.view.ended
        if self._wakes and not self._work.busy and ended is not None and ended.reason == "done":
            self._work.start()

    async def _see_through(self, child: Child, birth: Birth, prompt: str) -> str:
        """Let it work to its end; what its parent is told."""
        everywhere = self._nursery.everywhere
        async with self._slots or nullcontext(), everywhere, birth.lock or nullcontext():
            try:
                await self._work_of(child, birth, prompt)
            except asyncio.CancelledError:
                child.status, child.summary = "stopped", "It was stopped."
                raise
            except IonError as error:
                child.status, child.summary = "failed", str(error)
            finally:
                left = await birth.done()
                await self._end(child)
        return _report(child, left)

    async def _work_of(self, child: Child, birth: Birth, prompt: str) -> None:
        said = await self._hooking.ask(
            "SubagentStart", child.agent, agent_id=child.id, agent_type=child.agent
        )
        prompt = "\n\n".join((prompt, *said.context))
        words = await child.ask(prompt)
        child.status = child.reason
        if child.status == "partial":
            birth.limit(1)
            words = await child.ask(REPORT)
        elif child.status == "done" and len(words) > LONGEST:
            birth.limit(1)
            words = await child.ask(SHORTEN)
        child.summary = words[:LONGEST] or child.trouble or "It said nothing."
        if len(words) > LONGEST:
            child.summary += f"\n[cut; everything is in session {child.id}]"
        trouble = child.trouble if child.status in ("failed", "budget", "waiting") else ""
        if trouble and trouble != child.summary:
            child.summary = f"{trouble}\n{child.summary}"
        if child.status == "waiting":
            child.summary += f"\n{UNHEARD.format(child=child.id)}"

    async def _end(self, child: Child) -> None:
        await self._journal.emit(
            SubagentEnded(
                child=child.session.id,
                status=child.status if child.status != "running" else "failed",  # type: ignore[arg-type]
                summary=child.summary,
                turns=child.turns,
                usage=child.usage,
                cost_nano=child.cost_nano,
                duration_ms=round((time.monotonic() - child.began) * 1000),
            )
        )


def _line(child: Child) -> str:
    spent = time.monotonic() - child.began
    running = " (still running)" if child.status == "running" else ""
    return (
        f"{child.id} {child.agent}: {child.status}{running}, {child.turns} requests, {spent:.0f} s"
    )


def _earlier(child: Earlier) -> str:
    status = child.ended.status if child.ended is not None else "unknown"
    return f"{child.id} {child.begun.agent}: {status}, before this session was opened again."


def _report(child: Child, left: str) -> str:
    """What a parent is told of an agent that is done."""
    cost = child.cost_nano
    money = "" if cost is None else f", ${cost / 1e9:.4f}"
    lines = [over(child.id, child.agent, child.status), child.summary, ""]
    if changed := child.files(WRITES):
        lines.append(f"Files changed: {', '.join(changed[:50])}")
    if read := child.files(READS):
        lines.append(f"Files read: {', '.join(read[:50])}")
    if left:
        lines.append(left)
    lines.append(
        f"({requests(child.turns)}, {child.usage.total:,} tokens{money}; "
        f"everything is in session {child.id}; task with resume={child.id} goes on with it)"
    )
    return "\n".join(lines)
