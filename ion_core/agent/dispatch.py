"""From the calls of an answer to their results: exactly one for each, whatever happens.

Per call: find the tool, validate the arguments, ask the mode, run with a time limit, cut to size,
commit, tell. A call that cannot run is answered with a sentence the model can act on.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.agent.guard import Guard
from ion_core.agent.journal import Journal
from ion_core.agent.person import Person
from ion_core.agent.schedule import run_all
from ion_core.agent.whole import wholly
from ion_core.entries import Mode
from ion_core.events import ToolEnded, ToolProgress, ToolStarted
from ion_core.ids import CallId
from ion_core.messages import Display, Image, Status, ToolCall, ToolResult, answered
from ion_core.policy.permission import Permission
from ion_core.sessions.base import Append, OpenEffect, Recovery, SettleEffect
from ion_core.tools.base import Effect, Outcome, Tool, ToolContext
from ion_core.tools.paths import Workspace
from ion_core.tools.schema import schema_of
from ion_core.tools.seen import Seen
from ion_core.tools.toolbox import Toolbox
from ion_core.tools.truncate import LIMIT, clip

if TYPE_CHECKING:
    from ion_core.agent.plan import Planned, Planner

GRACE_S = 5.0
"""Seconds past a tool's own limit after which dispatch cancels it."""

SCHEMA_AFTER = 3
"""Calls in a row that could not be run, after which the model is shown the whole schema."""

RECOVERY: dict[Effect, Recovery] = {
    "read": "replay_safe",
    "network": "replay_safe",
    "write": "reconcile",
    "execute": "never",
    "ask": "never",
}


class Dispatch:
    """Runs the calls of one session. ``picture`` keeps a picture that a tool found."""

    def __init__(
        self,
        journal: Journal,
        toolbox: Toolbox,
        workspace: Workspace,
        spill: Path,
        mode: Callable[[], Mode],
        permission: Permission,
        person: Person,
        picture: Callable[[bytes], Image] | None = None,
    ) -> None:
        self._journal, self._workspace = journal, workspace
        self._toolbox = toolbox
        self._made: Planner | None = None
        self._spill, self._mode, self._picture = spill, mode, picture
        self._permission, self._person = permission, person
        self._seen, self._invalid = Seen(), 0
        self.guard = Guard()

    @property
    def _planner(self) -> Planner:
        if self._made is None:
            from ion_core.agent.plan import Planner  # start-up: with the first calls

            self._made = Planner(self._toolbox, self._workspace)
        return self._made

    def intents(self, calls: Sequence[ToolCall]) -> list[OpenEffect]:
        """What to record before any of these calls may have an effect."""
        planned = [self._planner.plan(call) for call in calls]
        return [
            OpenEffect(
                call=plan.call.id,
                tool=plan.call.name,
                recovery=RECOVERY[plan.effect],
                detail={"target": plan.target},
            )
            for plan in planned
        ]

    async def run(self, calls: Sequence[ToolCall], *, cut_off: bool = False) -> None:
        """Run the calls and commit a result for each. ``cut_off``: the answer hit its length
        limit, so that the last call may not be what the model meant."""
        planned = [self._planner.plan(call) for call in calls]
        if cut_off and planned:
            from ion_core.agent.plan import Planned  # start-up: as above

            planned[-1] = Planned(call=planned[-1].call, problem=CUT_OFF)
        begun: set[int] = set()
        self.guard.begin_step()

        async def one(index: int) -> None:
            begun.add(index)
            await self._one(planned[index])

        try:
            await run_all(planned, one)
        finally:
            left = [plan for index, plan in enumerate(planned) if index not in begun]
            await wholly(self._give_up(left))

    async def abandon(self, calls: Sequence[ToolCall]) -> None:
        """Commit for each of the calls that it was cancelled before it began."""
        await wholly(self._give_up([self._planner.plan(call) for call in calls]))

    async def _give_up(self, plans: Sequence[Planned]) -> None:
        for plan in plans:
            await self._tell(plan)
            await self._record(_result(plan.call, "cancelled", NEVER_STARTED))

    async def _one(self, plan: Planned) -> None:
        """Run one call and settle it. Cancelling it settles it too, and then cancels."""
        began = time.monotonic()
        await self._tell(plan)
        try:
            outcome = await self._outcome(plan)
        except asyncio.CancelledError:
            spent = f"Cancelled by the person after {time.monotonic() - began:.1f} s."
            await self._settle(_timed(_result(plan.call, "cancelled", spent), began))
            raise
        result = ToolResult(
            call=plan.call.id,
            name=plan.name,
            status=outcome.status,
            content=_followed(outcome.content, plan.note + self._repeated(plan, outcome, began)),
            images=outcome.images,
            display=outcome.display,
        )
        await self._settle(_timed(result, began))

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
        return f" The arguments of {tool.name} are: {json.dumps(schema_of(tool.args))}"

    async def _outcome(self, plan: Planned) -> Outcome:
        tool = plan.tool
        if plan.problem or tool is None:
            return _failure(plan.problem + self._reminder(tool))
        self._invalid = 0
        mode, limit_s = self._mode(), tool.timeout_s(plan.args)
        try:
            refused = await self._permission.refusal(tool, plan.args, mode, self._workspace)
            if refused is not None:
                return _denied(refused, plan, mode)
            async with asyncio.timeout(limit_s + GRACE_S):
                return await tool.run(plan.args, self._context(plan.call.id, tool, mode, limit_s))
        except TimeoutError:
            return _failure(f"{tool.name} took more than {limit_s:g} s and was stopped.", plan)
        except Exception as error:  # a broken tool must not end the turn: the model hears of it
            return _failure(f"{tool.name} failed: {type(error).__name__}: {error}", plan)

    def _context(self, call: CallId, tool: Tool, mode: Mode, limit_s: float) -> ToolContext:
        async def progress(text: str) -> None:
            await self._journal.emit(ToolProgress(call=call, text=text))

        return ToolContext(
            call=call,
            workspace=self._workspace,
            progress=progress,
            spill=self._spill / f"{_file_name(call)}.txt",
            timeout_s=limit_s,
            environment=dict(self._permission.environment(tool, mode)),
            profile="write" if mode == "write" else "read",
            seen=self._seen,
            picture=self._picture,
            ask=partial(self._person.answers, call) if self._person.present else None,
        )

    async def _tell(self, plan: Planned) -> None:
        await self._journal.emit(
            ToolStarted(
                call=plan.call.id,
                name=plan.name,
                arguments=plan.call.arguments,
                target=plan.target,
            )
        )

    async def _settle(self, result: ToolResult) -> None:
        """Commit a result, then tell of it, wholly."""
        await wholly(self._record(result))

    async def _record(self, result: ToolResult) -> None:
        await self._journal.record(Append(body=answered(result)), SettleEffect(call=result.call))
        display = result.display or Display()
        await self._journal.emit(
            ToolEnded(
                call=result.call,
                name=result.name,
                status=result.status,
                duration_ms=display.duration_ms or 0,
                content=result.content,
                display=result.display,
            )
        )


CUT_OFF = (
    "Not run: your answer reached its length limit inside this call. Split it: write a skeleton "
    "first, then add to it with edits."
)
NEVER_STARTED = "Cancelled by the person before it started."


def _file_name(call: str) -> str:
    """A call id as the name of a file: providers put anything into it."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in call)[:80] or "call"


def _denied(sentence: str, plan: Planned, mode: Mode) -> Outcome:
    summary = "refused" if mode == "write" else mode.upper()
    display = Display(target=plan.target, summary=summary)
    return Outcome(content=sentence, status="denied", display=display)


def _followed(content: str, note: str) -> str:
    """A result and what is said after it, within what a model reads of one result."""
    return clip(content, LIMIT - len(note)) + note if note else content


def _failure(sentence: str, plan: Planned | None = None) -> Outcome:
    return Outcome(
        content=sentence,
        status="error",
        display=Display(target=plan.target if plan else "", summary="failed", output=sentence),
    )


def _result(call: ToolCall, status: Status, content: str) -> ToolResult:
    return ToolResult(call=call.id, name=call.name, status=status, content=content)


def _timed(result: ToolResult, began: float) -> ToolResult:
    elapsed = round((time.monotonic() - began) * 1000)
    display = replace(result.display or Display(), duration_ms=elapsed)
    return replace(result, display=display)
