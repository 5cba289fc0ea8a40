"""From the calls of an answer to their results: exactly one for each, whatever happens.

Per call: find the tool, validate the arguments, get leave, run with a time limit, cut to size,
commit, tell. A call that cannot run is answered with a sentence the model can act on.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Sequence, Set
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ion_core.agent.guard import Guard
from ion_core.agent.journal import Journal
from ion_core.agent.modes import change_mode
from ion_core.agent.offering import Offering
from ion_core.agent.outcomes import denied, failure, followed, result_of, timed
from ion_core.agent.person import Person
from ion_core.agent.results import Results
from ion_core.agent.unhooked import Unhooked
from ion_core.agent.whole import wholly
from ion_core.entries import Mode
from ion_core.errors import ApprovalNeeded
from ion_core.events import ToolProgress
from ion_core.ids import CallId
from ion_core.messages import Image, ToolCall, ToolResult
from ion_core.policy.permission import Permission
from ion_core.sessions.base import OpenEffect, SettleEffect
from ion_core.tools.base import AskModel, Outcome, Tool, ToolContext
from ion_core.tools.guests import said_schema
from ion_core.tools.jobs import Jobs
from ion_core.tools.paths import Workspace
from ion_core.tools.recording import spill_file
from ion_core.tools.seen import Seen
from ion_core.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from ion_core.agent.keeping import Keeping
    from ion_core.agent.leave import Gate, Leave
    from ion_core.agent.plan import Planned, Planner
    from ion_core.agent.scope import Scope

GRACE_S = 5.0
"""Seconds past a tool's own limit after which dispatch cancels it."""

SCHEMA_AFTER = 3
"""Calls in a row that could not be run, after which the model is shown the whole schema."""

SPAWNS = ("task", "task_control", "skill")
"""Tools that may start agents."""


class Dispatch:
    """Runs the calls of one session. ``picture`` keeps a picture that a tool found, ``keep``
    makes what keeps the files as they were; None: nothing does."""

    def __init__(
        self,
        journal: Journal,
        toolbox: Toolbox,
        workspace: Workspace,
        spill: Path,
        mode: Callable[[], Mode],
        permission: Permission,
        person: Person,
        jobs: Jobs,
        picture: Callable[[bytes], Image] | None = None,
        keep: Callable[[], Keeping | None] = lambda: None,
    ) -> None:
        self._journal, self._workspace = journal, workspace
        self._results = Results(journal)
        self._toolbox = toolbox
        self._spill, self._mode, self._picture = spill, mode, picture
        self._permission, self._person, self.jobs = permission, person, jobs
        self._seen, self._invalid, self._keep, self._looks = Seen(), 0, keep, 0
        self.guard = Guard()
        self.hooking = Unhooked()
        self.spawner: Callable[[], Any] = lambda: None
        self.ask_model: AskModel | None = None
        self.compact: Callable[[str], str] | None = None
        self.reached: Callable[[Sequence[ToolCall]], Awaitable[None]] | None = None

    @cached_property
    def _planner(self) -> Planner:
        from ion_core.agent.plan import Planner  # start-up: with the first calls, here and below

        return Planner(self._toolbox, self._workspace)

    @cached_property
    def keeping(self) -> Keeping | None:
        """What keeps files as they were before each effect."""
        return self._keep()

    @cached_property
    def offering(self) -> Offering:
        """What tells models of the tools of servers."""
        return Offering(self._journal, self._toolbox.guests)

    @cached_property
    def gate(self) -> Gate:
        """Where every call asks for leave."""
        from ion_core.agent.leave import Gate

        asks = self._permission, self._person, self._workspace, self._mode
        return Gate(*asks, lambda: self._planner, lambda: self.hooking)

    def carry_out(self, scope: Scope | None) -> None:
        """From now on calls are held to what a skill or command may use; None: to nothing."""
        if scope is not None or "gate" in self.__dict__:
            self.gate.scope = scope

    async def intents(self, calls: Sequence[ToolCall]) -> list[OpenEffect]:
        """What to record before any of these calls may have an effect."""
        from ion_core.agent.intents import intents

        await self.offering.ready(calls)
        return await intents([self._planner.plan(call) for call in calls], self._workspace)

    async def run(self, calls: Sequence[ToolCall], *, cut_off: bool = False) -> None:
        """Run the calls and commit a result for each. ``cut_off``: the answer hit its length
        limit, so that the last call may not be what the model meant. Raises ``ApprovalNeeded``
        when one waits for an approval that nobody can give here: it and those after it are left
        without a result, and their effects settled, since nothing of them began."""
        from ion_core.agent.schedule import run_all

        planned = [self._planner.plan(call) for call in calls]
        if cut_off and planned:
            from ion_core.agent.plan import Planned  # start-up: as above

            planned[-1] = Planned(call=planned[-1].call, problem=CUT_OFF)
        begun: set[int] = set()
        waiting: dict[int, ApprovalNeeded] = {}
        self.guard.begin_step()

        async def one(index: int) -> None:
            if waiting:
                return
            begun.add(index)
            try:
                await self._one(planned[index])
            except ApprovalNeeded as needed:
                waiting[index] = needed

        try:
            await run_all(planned, one)
        except BaseException:
            await wholly(self._give_up(_others(planned, begun - waiting.keys())))
            raise
        finally:
            self._person.allow(())
        if waiting:
            await self._hold(_others(planned, begun - waiting.keys()), list(waiting.values()))
        await self.hooking.batch(calls)
        if self.reached is not None:
            await self.reached(calls)

    def spill(self, name: str) -> Path:
        """Where output of that name goes that is too long for a model."""
        return spill_file(self._spill, CallId(name))

    async def look(self, name: str, arguments: dict[str, Any]) -> Outcome:
        """What a tool says that reads what a person named; nothing of it is recorded or told."""
        self._looks += 1
        call = ToolCall(id=CallId(f"mention_{self._looks}"), name=name, arguments=arguments)
        return await self._outcome(await self.gate.named(self._planner.plan(call)))

    async def _hold(self, plans: Sequence[Planned], needs: Sequence[ApprovalNeeded]) -> NoReturn:
        """Leave these calls as they are, to be run when somebody allowed them."""
        await self._journal.record(*(SettleEffect(call=plan.call.id) for plan in plans))
        calls = tuple(call for needed in needs for call in needed.calls)
        raise ApprovalNeeded(" ".join(map(str, needs)), calls)

    async def abandon(self, calls: Sequence[ToolCall]) -> None:
        """Commit for each of the calls that it was cancelled before it began."""
        await wholly(self._give_up([self._planner.plan(call) for call in calls]))

    async def _give_up(self, plans: Sequence[Planned]) -> None:
        for plan in plans:
            await self._results.tell(plan)
            await self._results.record(result_of(plan, "cancelled", NEVER_STARTED))

    async def _one(self, plan: Planned) -> None:
        """Run one call and settle it. Cancelling it settles it too, and then cancels. Raises
        ``ApprovalNeeded`` with nothing done."""
        try:
            leave = await self.gate.heard(plan)
        except asyncio.CancelledError:
            await wholly(self._give_up([plan]))
            raise
        plan, began = leave.plan, time.monotonic()
        await self._results.tell(plan)
        try:
            outcome = await self._outcome(leave)
        except asyncio.CancelledError:
            spent = f"Cancelled after {time.monotonic() - began:.1f} s."
            await self._results.settle(timed(result_of(plan, "cancelled", spent), began))
            raise
        if not leave.refusal:
            spent_ms = round((time.monotonic() - began) * 1000)
            outcome = await self.hooking.after(plan, outcome, spent_ms)
        result = ToolResult(
            call=plan.call.id,
            name=plan.name,
            status=outcome.status,
            content=followed(outcome.content, plan.note + self._repeated(plan, outcome, began)),
            images=outcome.images,
            display=outcome.display,
        )
        await self._results.settle(timed(result, began))

    def _repeated(self, plan: Planned, outcome: Outcome, began: float) -> str:
        """What the model is told when it repeats itself."""
        if plan.problem == CUT_OFF:  # it ran into its limit, not in a circle
            return ""
        spent_ms = round((time.monotonic() - began) * 1000)
        arguments, said = plan.call.arguments, plan.problem or outcome.content
        return self.guard.settle(plan.name, arguments, outcome.status, said, spent_ms)

    def _reminder(self, tool: Tool | None) -> str:
        """The whole schema, for a model that gets its calls wrong again and again."""
        self._invalid += 1
        if tool is None or self._invalid < SCHEMA_AFTER:
            return ""
        return f" The arguments of {tool.name} are: {json.dumps(said_schema(tool))}"

    async def _outcome(self, leave: Leave) -> Outcome:
        plan, tool = leave.plan, leave.plan.tool
        if plan.problem or tool is None:
            return failure(plan.problem + self._reminder(tool))
        self._invalid = 0
        if leave.refusal:
            return denied(leave)
        limit_s = tool.timeout_s(plan.args)
        try:
            async with self._kept(leave):
                async with asyncio.timeout(None if limit_s == math.inf else limit_s + GRACE_S):
                    return await tool.run(plan.args, self._context(leave, tool, limit_s))
        except TimeoutError:
            return failure(f"{tool.name} took more than {limit_s:g} s and was stopped.", plan)
        except Exception as error:  # a broken tool must not end the turn: the model hears of it
            return failure(f"{tool.name} failed: {type(error).__name__}: {error}", plan)

    def _kept(self, leave: Leave) -> AbstractAsyncContextManager[None]:
        """Inside, what the call may change of files is kept as it was."""
        may_change = leave.plan.effect in ("write", "execute") and leave.profile == "write"
        if self.keeping is None or not may_change or self._only_looks(leave):
            return nullcontext()
        return self.keeping.around(leave.plan, self._journal.bus.view.entries[-1].id)

    def _only_looks(self, leave: Leave) -> bool:
        args = leave.plan.args
        if getattr(args, "action", "input") != "input":  # of a job, which changes files by itself
            return True
        command, cwd = getattr(args, "command", ""), getattr(args, "cwd", ".") or "."
        return bool(command) and self._permission.only_looks(command, cwd, leave.workspace)

    def _context(self, leave: Leave, tool: Tool, limit_s: float) -> ToolContext:
        call = leave.plan.call.id

        async def progress(text: str) -> None:
            await self._journal.emit(ToolProgress(call=call, text=text))

        return ToolContext(
            call=call,
            workspace=leave.workspace,
            progress=progress,
            spill=spill_file(self._spill, call),
            timeout_s=limit_s,
            environment=dict(self._permission.environment(tool, leave.profile)),
            profile=leave.profile,
            seen=self._seen,
            picture=self._picture,
            ask=partial(self._person.answers, call) if self._person.present else None,
            leave_plan=partial(change_mode, self._journal) if self._mode() == "plan" else None,
            hides=self._permission.hides(tool, leave.workspace),
            jobs=self.jobs,
            compact=self.compact,
            enter=self.gate.enter,
            ask_model=self.ask_model,
            hear=self.hooking.ask,
            spawner=self.spawner() if tool.name in SPAWNS else None,
        )


def _others(plans: Sequence[Planned], done: Set[int]) -> list[Planned]:
    return [plan for index, plan in enumerate(plans) if index not in done]


CUT_OFF = (
    "Not run: your answer reached its length limit inside this call. Split it: write a skeleton "
    "first, then add to it with edits."
)
NEVER_STARTED = "Cancelled before it started."
