"""The ``task`` and ``task_control`` tools: work that other agents do.

What starts them is given to a call by its session; where nothing is, no agent may be started.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec import Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed

if TYPE_CHECKING:
    from ion_core.tools.spawner import Spawner


class TaskArgs(Struct, frozen=True):
    """What is to be done, and by whom."""

    example: ClassVar[dict[str, Any]] = {
        "agent": "explorer",
        "prompt": "Where is the retry limit set?",
        "description": "find retry limit",
    }

    agent: str
    prompt: str
    description: str
    background: bool = False
    resume: str = ""
    model: str = ""
    isolation: Literal["", "none", "worktree"] = ""


class ControlArgs(Struct, frozen=True):
    """What becomes of an agent that was started."""

    example: ClassVar[dict[str, Any]] = {"action": "status", "id": "01a2"}

    action: Literal["status", "output", "send", "stop"]
    id: str = ""
    message: str = ""


class Task:
    """Has work done by another agent."""

    name = "task"
    args: type[Struct] = TaskArgs
    effect: Effect = "read"
    description = (
        "Have an agent do work with a context of its own; you get its report. explorer: find and "
        "answer; plan; general: do a whole task; reviewer; fork: knows this conversation. Say all "
        "others must know. Several "
        "calls in one step run side by side."
    )

    def target(self, args: TaskArgs) -> str:
        return f"{args.agent}: {args.description}"

    def timeout_s(self, args: TaskArgs) -> float:
        return math.inf

    async def run(self, args: TaskArgs, ctx: ToolContext) -> Outcome:
        if ctx.spawner is None:
            return failed("No agents can be started here.", self.target(args))
        spawner: Spawner = ctx.spawner
        return await spawner.run(ctx.call, args)


class TaskControl:
    """Looks after agents in the background."""

    name = "task_control"
    args: type[Struct] = ControlArgs
    effect: Effect = "read"
    description = (
        "Agents that task started: their status, the output of one, send it a message, or stop it."
    )

    def target(self, args: ControlArgs) -> str:
        return f"{args.action} {args.id}".strip()

    def timeout_s(self, args: ControlArgs) -> float:
        return 60.0

    async def run(self, args: ControlArgs, ctx: ToolContext) -> Outcome:
        if ctx.spawner is None:
            return failed("There are no agents here.", self.target(args))
        spawner: Spawner = ctx.spawner
        return await spawner.control(args)


def told(content: str, target: str, summary: str) -> Outcome:
    """What is said of an agent."""
    return Outcome(content=content, display=Display(target=target, summary=summary, output=content))
