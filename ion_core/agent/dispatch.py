"""From the calls of an answer to their results: exactly one for each, whatever happens.

Per call: find the tool, validate the arguments, ask the mode, run with a time limit, cut to size,
commit, tell. A call that cannot run is answered with a sentence the model can act on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ion_core.agent.journal import Journal
from ion_core.agent.schedule import run_all
from ion_core.agent.whole import wholly
from ion_core.entries import Mode
from ion_core.events import ToolEnded, ToolProgress, ToolStarted
from ion_core.messages import Display, Image, Status, ToolCall, ToolResult, answered
from ion_core.policy.modes import refusal
from ion_core.sessions.base import Append, OpenEffect, Recovery, SettleEffect
from ion_core.tools.base import Effect, Outcome, Tool, ToolContext
from ion_core.tools.paths import Operation, PathRefused, Workspace
from ion_core.tools.schema import BadArguments, validate
from ion_core.tools.seen import Seen
from ion_core.tools.toolbox import Toolbox

GRACE_S = 5.0
"""Seconds past a tool's own limit after which dispatch cancels it."""

RECOVERY: dict[Effect, Recovery] = {
    "read": "replay_safe",
    "network": "replay_safe",
    "write": "reconcile",
    "execute": "never",
    "ask": "never",
}


_OPERATIONS: dict[Effect, tuple[Operation, ...]] = {"write": ("write",), "read": ("read", "list")}
"""As what a path may be resolved, to know which calls touch the same file."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A call as it will run; ``problem`` is why it will not."""

    call: ToolCall
    tool: Tool | None = None
    args: Any = None
    touches: Path | None = None
    problem: str = ""

    @property
    def effect(self) -> Effect:
        return "read" if self.tool is None or self.problem else self.tool.effect

    @property
    def target(self) -> str:
        return self.tool.target(self.args) if self.tool is not None and not self.problem else ""


class Dispatch:
    """Runs the calls of one session. ``picture`` keeps a picture that a tool found."""

    def __init__(
        self,
        journal: Journal,
        toolbox: Toolbox,
        workspace: Workspace,
        spill: Path,
        mode: Callable[[], Mode],
        picture: Callable[[bytes], Image] | None = None,
    ) -> None:
        self._journal, self._toolbox, self._workspace = journal, toolbox, workspace
        self._spill, self._mode, self._picture = spill, mode, picture
        self._seen = Seen()

    def intents(self, calls: Sequence[ToolCall]) -> list[OpenEffect]:
        """What to record before any of these calls may have an effect."""
        planned = [self._plan(call) for call in calls]
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
        planned = [self._plan(call) for call in calls]
        if cut_off and planned:
            planned[-1] = Planned(call=planned[-1].call, problem=CUT_OFF)
        begun: set[int] = set()

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
        await wholly(self._give_up([self._plan(call) for call in calls]))

    async def _give_up(self, plans: Sequence[Planned]) -> None:
        for plan in plans:
            await self._tell(plan)
            await self._record(_result(plan.call, "cancelled", NEVER_STARTED))

    def _plan(self, call: ToolCall) -> Planned:
        if call.malformed is not None:
            return Planned(call=call, problem=_malformed(call))
        tool = self._toolbox.find(call.name)
        if tool is None:
            return Planned(call=call, problem=self._toolbox.unknown(call.name))
        try:
            args = validate(tool.name, tool.args, call.arguments)
        except BadArguments as problem:
            return Planned(call=call, tool=tool, problem=str(problem))
        return Planned(call=call, tool=tool, args=args, touches=self._touches(tool, args))

    def _touches(self, tool: Tool, args: Struct) -> Path | None:
        """The real path that a call names; None for one that may not name it."""
        path = getattr(args, "path", None) or "."
        for operation in _OPERATIONS.get(tool.effect, ()):
            with suppress(PathRefused):
                return self._workspace.resolve(path, operation)
        return None

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
            name=plan.tool.name if plan.tool else plan.call.name,
            status=outcome.status,
            content=outcome.content,
            images=outcome.images,
            display=outcome.display,
        )
        await self._settle(_timed(result, began))

    async def _outcome(self, plan: Planned) -> Outcome:
        tool = plan.tool
        if plan.problem or tool is None:
            return _failure(plan.problem)
        refused = refusal(self._mode(), tool.name, tool.effect)
        if refused is not None:
            return Outcome(
                content=refused,
                status="denied",
                display=Display(target=plan.target, summary="READ"),
            )
        limit_s = tool.timeout_s(plan.args)
        try:
            async with asyncio.timeout(limit_s + GRACE_S):
                return await tool.run(plan.args, self._context(plan.call, limit_s))
        except TimeoutError:
            return _failure(f"{tool.name} took more than {limit_s:g} s and was stopped.", plan)
        except Exception as error:  # a broken tool must not end the turn: the model hears of it
            return _failure(f"{tool.name} failed: {type(error).__name__}: {error}", plan)

    def _context(self, call: ToolCall, limit_s: float) -> ToolContext:
        async def progress(text: str) -> None:
            await self._journal.emit(ToolProgress(call=call.id, text=text))

        return ToolContext(
            call=call.id,
            workspace=self._workspace,
            progress=progress,
            spill=self._spill / f"{_file_name(call.id)}.txt",
            timeout_s=limit_s,
            profile="write" if self._mode() == "write" else "read",
            seen=self._seen,
            picture=self._picture,
        )

    async def _tell(self, plan: Planned) -> None:
        await self._journal.emit(
            ToolStarted(
                call=plan.call.id,
                name=plan.tool.name if plan.tool else plan.call.name,
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


def _malformed(call: ToolCall) -> str:
    shown = (call.malformed or "")[:200]
    return (
        f"Not run: the arguments of {call.name} were not a JSON object. They began: {shown!r}. "
        'Send one JSON object, for example {"path": "src/app.py"}.'
    )


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
