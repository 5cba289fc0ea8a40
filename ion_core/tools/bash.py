"""The ``bash`` tool: a command in a shell of its own, to its end, its time limit or its cancel.

Whatever way it ends, nothing that it started in its group lives on; after a time limit or a cancel
neither does what left the group.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.environment import child_environment
from ion_core.tools.paths import PathRefused
from ion_core.tools.process import Access, Child, Command, Launcher
from ion_core.tools.progress import Progress
from ion_core.tools.recording import MOST_BYTES, Recording

DEFAULT_S, LONGEST_S = 120, 600

_STOPPING_S = 5.0  # dispatch waits longer than the tool itself, so that partial output is kept

_End: TypeAlias = Literal["exit", "timeout", "output"]


class BashArgs(Struct, frozen=True):
    """What to run."""

    example: ClassVar[dict[str, Any]] = {"command": "pytest -q", "timeout_s": 300}

    command: str
    timeout_s: Annotated[int, Meta(ge=1, le=LONGEST_S)] = DEFAULT_S
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
        started = time.monotonic()
        try:
            child = await self._start(args, ctx)
        except (PathRefused, OSError, ValueError) as error:
            return failed(f"The command was not started. {reason(error)}", args.command)
        try:
            with Recording(ctx.spill, self._limit) as recording:
                end, survivors = await _followed(child, recording, args.timeout_s, ctx)
                output = recording.finished()
        except OSError as error:
            sentence = f"The command was stopped: its output could not be kept. {reason(error)}"
            return failed(sentence, args.command)
        code = await child.wait()
        from ion_core.tools.fenced import remarks_of, summary_of  # start-up: after a command

        notes = (_note(end, code, args.timeout_s, survivors), *remarks_of(child, output, code))
        outcome = _outcome(args.command, output, "\n".join(filter(None, notes)), code, end, started)
        return summary_of(child, outcome)

    async def _start(self, args: BashArgs, ctx: ToolContext) -> Child:
        folder = str(ctx.workspace.resolve(args.cwd, "list"))
        environment = child_environment(os.environ, cwd=folder, more=ctx.environment)
        access = Access(
            profile=ctx.profile,
            root=str(ctx.workspace.root),
            writable=tuple(map(str, ctx.workspace.extra)),
            readable=tuple(map(str, ctx.workspace.readable)),
        )
        argv = ("bash", "-c", args.command)
        return await self._launcher.start(
            Command(argv=argv, cwd=folder, environment=environment, access=access)
        )


async def _followed(
    child: Child, recording: Recording, limit_s: float, ctx: ToolContext
) -> tuple[_End, bool]:
    """How the child ended, and whether it left others behind. They are all gone on return."""
    end: _End = "timeout"
    survivors = False
    try:
        async with asyncio.timeout(limit_s):
            end = await _recorded(child, recording, ctx)
            survivors = end == "exit" and await child.leaves_others()
    except TimeoutError:
        end = "timeout"
    finally:
        await (child.stop() if end == "exit" else child.stop_all())
    return end, survivors


async def _recorded(child: Child, recording: Recording, ctx: ToolContext) -> _End:
    progress = Progress(ctx.progress)
    while not recording.is_full:
        try:
            async with asyncio.timeout(progress.wait_s):
                batch = await child.read()
        except TimeoutError:
            await progress.flush()
            continue
        if not batch:
            await progress.flush()
            await child.wait()
            return "exit"
        progress.add(recording.feed(batch))
        if progress.wait_s == 0:
            await progress.flush()
    return "output"


def _note(end: _End, code: int, limit_s: int, survivors: bool) -> str:
    if end == "timeout":
        return f"[stopped: it did not end within {limit_s} s. Nothing of it runs any more]"
    if end == "output":
        return "[stopped: it wrote more output than can be kept]"
    left = " [what it had left running in the background was stopped]" * survivors
    if code < 0:
        return f"[ended by {signal.Signals(-code).name}]{left}"
    return (f"[exit code {code}]{left}" if code else left).strip()


def _outcome(command: str, output: str, note: str, code: int, end: _End, started: float) -> Outcome:
    exit_code = code if code >= 0 else 128 - code
    summary = {"exit": f"exit {exit_code}", "timeout": "timed out", "output": "too much output"}
    return Outcome(
        content="\n".join(part for part in (output, note) if part) or "(no output)",
        display=Display(
            target=command,
            summary=summary[end],
            output=output,
            exit_code=exit_code,
            duration_ms=round((time.monotonic() - started) * 1000),
        ),
        status="ok" if end == "exit" and code == 0 else "error",
    )
