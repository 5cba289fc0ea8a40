"""The ``exit_plan`` tool: a plan is shown to the person, who says whether it is carried out.

Their word changes the mode of the session; nothing else that a model can call does. Where nobody
can be asked the plan itself is the answer.
"""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from msgspec import Meta, Struct

from ion_core.asking import Answer, Option, Question
from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.files import open_regular
from ion_core.tools.paths import PathRefused
from ion_core.tools.plan_file import MOST_BYTES, plan_path

WRITE: Final = "Approve: go on in WRITE"
READ: Final = "Approve, in READ"
KEEP: Final = "Keep planning"
OPTIONS: Final = (
    Option(label=WRITE, about="ion carries the plan out now"),
    Option(label=READ, about="the plan is right; nothing is changed yet"),
    Option(label=KEEP, about="say below what is missing or wrong"),
)

NOT_PLANNING = (
    "The session is not in PLAN mode, so there is nothing to leave. Go on with the task as the "
    "mode allows it."
)
NOBODY = (
    "Nobody can approve the plan here, and the session stays in PLAN mode. End your turn now with "
    "the whole plan as your answer, and name its file."
)


class ExitPlanArgs(Struct, frozen=True):
    """Which plan."""

    example: ClassVar[dict[str, Any]] = {"path": ".ion/plans/faster-start.md"}

    path: Annotated[str, Meta(description="the plan file that you wrote")]


class ExitPlan:
    """Shows a plan to the person and leaves PLAN mode when they approve of it."""

    name = "exit_plan"
    description = (
        "Show the person the plan that you wrote in PLAN mode, and wait: they approve it, which "
        "ends PLAN mode, or say what to change."
    )
    args: type[Struct] = ExitPlanArgs
    effect: Effect = "ask"

    def target(self, args: ExitPlanArgs) -> str:
        return args.path

    def timeout_s(self, args: ExitPlanArgs) -> float:
        return math.inf

    async def run(self, args: ExitPlanArgs, ctx: ToolContext) -> Outcome:
        if ctx.leave_plan is None:
            return failed(NOT_PLANNING, args.path)
        try:
            path = await asyncio.to_thread(plan_path, ctx.workspace, args.path)
            plan = await asyncio.to_thread(_read, path)
        except FileNotFoundError:
            return failed(f"{args.path} does not exist. Write the plan first.", args.path)
        except (PathRefused, OSError, ValueError) as error:
            return failed(reason(error), args.path)
        if not plan.strip():
            return failed(f"{args.path} is empty. Write the plan first.", args.path)
        if ctx.ask is None:
            return _shown(args.path, "nobody to approve it", NOBODY, plan)
        await ctx.progress(plan)
        answer = next(iter(await ctx.ask([_question(ctx.workspace.shown(path))])), Answer())
        return await self._obey(answer, args.path, plan, path, ctx)

    async def _obey(
        self, answer: Answer, target: str, plan: str, path: Path, ctx: ToolContext
    ) -> Outcome:
        assert ctx.leave_plan is not None
        if WRITE in answer.chosen:
            await ctx.leave_plan("write")
            told = "approved it. The session is in WRITE mode now: carry the plan out."
        elif READ in answer.chosen:
            await ctx.leave_plan("read")
            told = (
                "approved it, and wants nothing changed yet. The session is in READ mode now: end "
                "your turn in a sentence or two."
            )
        else:
            told = _unapproved(answer)
            return _shown(target, "not approved", f"The person saw the plan and {told}", plan)
        told += f"\nThey add: {answer.text.strip()}" * bool(answer.text.strip())
        news, latest = await asyncio.to_thread(_news, path, plan)
        return _shown(target, "approved", f"The person saw the plan and {told}{news}", latest)


def _question(shown: str) -> Question:
    return Question(question=f"Carry out the plan {shown}?", header="Plan", options=OPTIONS)


def _unapproved(answer: Answer) -> str:
    if words := answer.text.strip():
        return f"did not approve it yet. They say: {words}\nChange the plan, then show it again."
    if KEEP in answer.chosen:
        return "wants it to be worked on. Improve it, or ask what is missing; then show it again."
    return "did not say. Stay in PLAN mode: end your turn, and say what the plan leaves open."


def _read(path: Path) -> str:
    """The text of the plan. Blocking. Raises ``OSError``, ``PathRefused`` or ``ValueError``."""
    with open_regular(path) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} is too long for a plan: more than {MOST_BYTES:,} bytes.")
    return data.decode("utf-8", "replace")


def _news(path: Path, shown: str) -> tuple[str, str]:
    """What to tell of a plan that the person changed while they were asked, and the plan."""
    try:
        now = _read(path)
    except (PathRefused, OSError, ValueError):
        return "", shown
    if now == shown or not now.strip():
        return "", shown
    return f"\nThey changed the plan before they approved it. It says now:\n\n{now}", now


def _shown(target: str, summary: str, content: str, plan: str) -> Outcome:
    return Outcome(
        content=content, display=Display(target=target, summary=summary, output=plan.rstrip())
    )
