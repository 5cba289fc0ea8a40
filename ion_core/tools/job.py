"""The ``job`` tool: what commands in the background say, typing to them, and their end.

Asking for output waits a little when there is none, so that a model need not ask again at once.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from ion_core.errors import NoSuchJob
from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.jobs import TOOL, Job, Jobs

END_OF_INPUT = "\x04"
"""What a terminal makes the end of the input: Ctrl+D."""

_LONGEST_WAIT_S, _ECHO_S, _GATHER_S = 10.0, 1.0, 0.1
_SENDING_S = 10.0
_COMMAND_CHARS = 200

_NONE = "No command runs in the background. bash with background: true begins one."


class JobArgs(Struct, frozen=True):
    """What to do with which job."""

    example: ClassVar[dict[str, Any]] = {"action": "output", "id": 1}

    action: Literal["output", "input", "stop", "list"]
    id: Annotated[int, Meta(ge=0, description="its number; not for list")] = 0
    text: Annotated[
        str, Meta(description="a line to type, for input; \\u0004 at its end closes the input")
    ] = ""


class JobTool:
    """Looks at background commands, types to them, ends them."""

    name = TOOL
    description = (
        "Look after commands that bash began with background: true. output gives what is new "
        "(and waits up to 10 s when nothing is), input types a line, stop ends it, list shows all."
    )
    args: type[Struct] = JobArgs
    effect: Effect = "execute"

    def target(self, args: JobArgs) -> str:
        if args.action == "list":
            return "list"
        return f"{args.action} {args.id}" + (f": {args.text}" if args.action == "input" else "")

    def timeout_s(self, args: JobArgs) -> float:
        return 30.0

    async def run(self, args: JobArgs, ctx: ToolContext) -> Outcome:
        if ctx.jobs is None or not (ctx.jobs.known or args.id):
            return Outcome(content=_NONE, display=Display(target=args.action, summary="no jobs"))
        if args.action == "list":
            return _listed(ctx.jobs)
        try:
            job = ctx.jobs.find(str(args.id) if args.id else _only(ctx.jobs))
            return await self._done(args, job, ctx.jobs)
        except NoSuchJob as error:
            return failed(str(error), self.target(args))

    async def _done(self, args: JobArgs, job: Job, jobs: Jobs) -> Outcome:
        if args.action == "input":
            return await _typed(job, args.text)
        if args.action == "stop":
            was_over, job.told = job.ended is not None, True
            await jobs.stop(job.id)
            return _said(job, "stop", "It had ended before." if was_over else "")
        await job.news(_LONGEST_WAIT_S)
        if job.ended is None:
            await asyncio.sleep(_GATHER_S)  # a line seldom comes alone
        return _said(job, "output")


async def _typed(job: Job, text: str) -> Outcome:
    target, child = f"input {job.id}", job.execution.child
    if job.ended is not None:
        return failed(f"Job {job.id} has ended.{_ending(job)}", target)
    if child.input is None:
        return failed(f"Nothing can be typed to job {job.id}: it began without input.", target)
    closes = text.endswith(END_OF_INPUT)
    line = text.removesuffix(END_OF_INPUT)
    if not closes and not line.endswith("\n"):
        line += "\n"
    try:
        async with asyncio.timeout(_SENDING_S):
            await child.input.send(line.encode("utf-8", "replace"))
    except TimeoutError:
        return failed(f"Job {job.id} does not read its input; some of it waits.", target)
    except OSError as error:
        return failed(f"Job {job.id} does not read its input any more. {reason(error)}", target)
    if closes:
        child.input.close()
    await job.news(_ECHO_S)
    return _said(job, "input", "Typed." + " Its input is closed now." * closes)


def _said(job: Job, action: str, first: str = "") -> Outcome:
    """What is new of a job, and how it stands."""
    said = job.take()
    lines = filter(None, (first, said or "(nothing new)", _standing(job)))
    return Outcome(
        content="\n".join(lines),
        display=Display(
            target=f"{action} {job.id}: {_short(job.command)}",
            summary=_state(job),
            output=said,
            exit_code=job.ended.exit_code if job.ended else None,
        ),
    )


def _standing(job: Job) -> str:
    if job.ended is None:
        return f"[job {job.id} runs, {_seconds(job)}]"
    job.told = True
    return f"[job {job.id} ended: {_state(job)}, after {_seconds(job)}]{_ending(job)}"


def _ending(job: Job) -> str:
    """What there is to say of the way it ended."""
    from ion_core.tools.fenced import remarks_of  # start-up: after a command

    execution = job.execution
    remarks = remarks_of(execution.child, job.output(), execution.code)
    note = "" if job.ended and job.ended.status == "stopped" else execution.note()
    return "".join(f"\n{line}" for line in (job.trouble or note, *remarks) if line)


def _listed(jobs: Jobs) -> Outcome:
    lines = [
        f"{job.id} {_state(job)} ({_seconds(job)}): {_short(job.command)}" for job in jobs.known
    ]
    text = "\n".join(lines)
    summary = f"{len(jobs.running)} running"
    return Outcome(content=text, display=Display(target="list", summary=summary, output=text))


def _only(jobs: Jobs) -> str:
    """The job that is surely meant where none was named."""
    if len(jobs.known) == 1:
        return jobs.known[0].id
    known = ", ".join(f"{job.id} ({_short(job.command, 40)})" for job in jobs.known)
    raise NoSuchJob(f"Say which job by its id: {known}.")


def _state(job: Job) -> str:
    if job.ended is None:
        return "running"
    return "stopped" if job.ended.status == "stopped" else f"exit {job.ended.exit_code}"


def _seconds(job: Job) -> str:
    return f"{job.execution.duration_ms / 1000:.0f} s"


def _short(command: str, limit: int = _COMMAND_CHARS) -> str:
    line = " ".join(command.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
