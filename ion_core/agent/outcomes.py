"""What a call comes to, where its tool has not said it: refused, failed, cut to size, timed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.messages import Display, Status, ToolResult
from ion_core.tools.base import Outcome
from ion_core.tools.truncate import LIMIT, clip

if TYPE_CHECKING:
    from ion_core.agent.leave import Leave
    from ion_core.agent.plan import Planned


def denied(leave: Leave) -> Outcome:
    """Of a call that got no leave."""
    display = Display(target=leave.plan.target, summary=leave.summary)
    return Outcome(content=leave.refusal, status="denied", display=display)


def followed(content: str, note: str) -> str:
    """A result and what is said after it, within what a model reads of one result."""
    return clip(content, LIMIT - len(note)) + note if note else content


def failure(sentence: str, plan: Planned | None = None) -> Outcome:
    """Of a call that could not run, or broke: ``sentence`` says why."""
    return Outcome(
        content=sentence,
        status="error",
        display=Display(target=plan.target if plan else "", summary="failed", output=sentence),
    )


def result_of(plan: Planned, status: Status, content: str) -> ToolResult:
    """The result of a call that no tool answered."""
    return ToolResult(call=plan.call.id, name=plan.name, status=status, content=content)


def timed(result: ToolResult, began: float) -> ToolResult:
    """The result with the time since ``began`` (seconds of the monotonic clock)."""
    elapsed = round((time.monotonic() - began) * 1000)
    display = replace(result.display or Display(), duration_ms=elapsed)
    return replace(result, display=display)
