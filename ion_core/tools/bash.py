"""The ``bash`` tool: a command in a shell of its own, to its end, its time limit or its cancel.

Whatever way it ends, nothing that it started in its group lives on; after a time limit or a cancel
neither does what left the group. Only a command that becomes a job goes on: at the model's wish
from its start, or at the person's while it runs.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.environment import child_environment
from ion_core.tools.execution import End, Execution
from ion_core.tools.jobs import MOST_RUNNING, RUNS, Job, Jobs
from ion_core.tools.paths import PathRefused
from ion_core.tools.process import Access, Child, Command, Launcher
from ion_core.tools.progress import Progress
from ion_core.tools.recording import MOST_BYTES, Recording

DEFAULT_S, LONGEST_S = 120, 600

_STOPPING_S = 5.0  # dispatch waits longer than the tool itself, so that partial output is kept
_FIRST_LOOK_S = 0.5
"""A job that fails at once is better told of at once."""

_NO_JOBS = "Nothing can run in the background here. Call it without background."
_FULL = f"Not started: {MOST_RUNNING} jobs run already. Stop one with the job tool first."


class BashArgs(Struct, frozen=True):
    """What to run."""

    example: ClassVar[dict[str, Any]] = {"command": "pytest -q", "timeout_s": 300}

    command: str
    timeout_s: Annotated[int, Meta(ge=1, le=LONGEST_S)] = DEFAULT_S
    background: Annotated[bool, Meta(description="for servers: goes on without a time limit")] = (
        False
    )
    cwd: Annotated[str, Meta(description="folder to run in")] = "."


class Bash:
    """Runs a shell command."""

    name = "bash"
    description = (
        "Run a bash command in the workspace; every call is a new shell, has no input, and "
        "ends with all it started. Gives output and exit code. For files prefer read, edit, grep, "
        "glob and list."
    )
    args: type[Struct] = BashArgs
    effect: Effect = "execute"

    def __init__(self, launcher: Launcher, output_limit_bytes: int = MOST_BYTES) -> None:
        self._launcher, self._limit = launcher, output_limit_bytes

    def target(self, args: BashArgs) -> str:
        return args.command

    def timeout_s(self, args: BashArgs) -> float:
        """A little more than the command's own limit, which :meth:`run` enforces."""
        return args.timeout_s + _STOPPING_S

    async def run(self, args: BashArgs, ctx: ToolContext) -> Outcome:
        jobs = ctx.jobs
        if args.background and (jobs is None or jobs.full):
            return failed(_NO_JOBS if jobs is None else _FULL, args.command)
        try:
            child = await self._start(args, ctx)
        except (PathRefused, OSError, ValueError) as error:
            return failed(f"The command was not started. {reason(error)}", args.command)
        execution = Execution(args.command, child, Recording(ctx.spill, self._limit))
        if args.background and jobs is not None:
            return await _begun(jobs.begin(execution, ctx.call))
        try:
            end = await _followed(execution, args.timeout_s, ctx)
        except OSError as error:
            sentence = f"The command was stopped: its output could not be kept. {reason(error)}"
            return failed(sentence, args.command)
        if end == "moved" and jobs is not None:
            return await _moved(jobs, execution, ctx)
        return _outcome(execution, args.timeout_s)

    async def _start(self, args: BashArgs, ctx: ToolContext) -> Child:
        folder = str(ctx.workspace.resolve(args.cwd, "list"))
        environment = child_environment(os.environ, cwd=folder, more=ctx.environment)
        access = Access(
            profile=ctx.profile,
            root=str(ctx.workspace.root),
            writable=tuple(map(str, ctx.workspace.extra)),
            readable=tuple(map(str, ctx.workspace.readable)),
        )
        return await self._launcher.start(
            Command(
                argv=("bash", "-c", args.command),
                cwd=folder,
                environment=environment,
                access=access,
                typed=args.background,
            )
        )


async def _followed(execution: Execution, limit_s: float, ctx: ToolContext) -> End:
    """How the command ended: then nothing of it is left. Or that it goes on as a job."""
    end: End = "stopped"
    try:
        with ctx.jobs.movable(ctx.call, execution) if ctx.jobs else nullcontext():
            end = await execution.follow(Progress(ctx.progress), limit_s)
    finally:
        if end != "moved":
            await execution.finish(end)
    return end


async def _begun(job: Job) -> Outcome:
    """What a new job says at first. A cancelled call leaves none."""
    try:
        await job.end_within(_FIRST_LOOK_S)
    except BaseException:
        job.execution.interrupt("stopped")
        raise
    if job.ended is not None:
        return _outcome(job.execution, note=job.trouble)
    how = f"Job {job.id} {RUNS}: see, type to and stop it with the job tool. You are told when it"
    return _going(job, f"{how} ends.", job.take())


async def _moved(jobs: Jobs, execution: Execution, ctx: ToolContext) -> Outcome:
    said = execution.recording.text()
    job = jobs.begin(execution, ctx.call)
    await job.begun.wait()
    how = f"Job {job.id} {RUNS}: the person moved it there, and it goes on. You are told when it"
    return _going(job, f"{how} ends.", said)


def _going(job: Job, how: str, said: str) -> Outcome:
    return Outcome(
        content=f"{how} Output so far:\n{said}" if said else f"{how} No output so far.",
        display=Display(
            target=job.command,
            summary=f"job {job.id}",
            output=said,
            duration_ms=job.execution.duration_ms,
        ),
    )


def _outcome(execution: Execution, limit_s: int = 0, note: str = "") -> Outcome:
    from ion_core.tools.fenced import remarks_of, summary_of  # start-up: after a command

    output, child, code = execution.recording.finished(), execution.child, execution.code
    notes = (note or execution.note(limit_s), *remarks_of(child, output, code))
    ended = {"exit": f"exit {execution.exit_code}", "timeout": "timed out"}
    outcome = Outcome(
        content="\n".join(filter(None, (output, *notes))) or "(no output)",
        display=Display(
            target=execution.command,
            summary=ended.get(execution.end, "too much output"),
            output=output,
            exit_code=execution.exit_code,
            duration_ms=execution.duration_ms,
        ),
        status=execution.status,
    )
    return summary_of(child, outcome)
