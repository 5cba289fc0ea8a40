"""The commands of one session that run in the background.

A job is a command that outlives the call that began it, never the session. Its output is kept as
that of any command: an excerpt in memory, everything in a file once it is long. What was last asked
for is remembered, so that a model reads everything once.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, Protocol, TypeAlias

from ion_core.entries import Entry
from ion_core.errors import NoSuchJob
from ion_core.events import JobEnded, JobStarted, JobStatus, Notice
from ion_core.ids import CallId
from ion_core.messages import Message
from ion_core.tools.execution import End, Execution
from ion_core.tools.truncate import LIMIT, Excerpt, plain

TOOL = "job"
"""The tool that a model controls them with."""

MOST_RUNNING, MOST_ENDED = 8, 20
"""Jobs that may run together, and ended ones that are remembered."""

HINT_S = 60.0
"""After so long a person is told that a command can be moved to the background."""

RUNS = "runs in the background"
_NAMED = re.compile(rf"Job (\d+) {RUNS}")

_TAIL, _NOTE_ROOM = 2_000, 500

Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
Tell: TypeAlias = Callable[[JobStarted | JobEnded | Notice], Awaitable[None]]


class Reports(Protocol):
    """Is told of each job that ended by itself or by the person's wish, unless the model knows."""

    async def ended(self, job: Job) -> None: ...


class Job:
    """One of them. ``ended`` is None while it runs."""

    def __init__(self, id: str, call: CallId, execution: Execution) -> None:
        self.id, self.call, self.execution = id, call, execution
        self.ended: JobEnded | None = None
        self.trouble = ""
        self.told = False
        """Whether the model knows of the end."""
        self.begun, self.over = asyncio.Event(), asyncio.Event()
        self._news, self._fresh, self._readers = asyncio.Event(), _excerpt(), 0

    @property
    def command(self) -> str:
        return self.execution.command

    @property
    def wait_s(self) -> None:
        """Listener: nothing is ever due."""
        return None

    def add(self, text: str) -> None:
        """Listener: it says more."""
        self._fresh.feed(text)
        self._news.set()

    async def flush(self) -> None:
        """Listener: nothing is held back."""

    async def run(self) -> JobEnded:
        """Follow it to its end, whatever that is. Nothing of it is left."""
        end: End = "stopped"
        try:
            try:
                end = await self.execution.follow(self)
            finally:
                await self.execution.finish(end)
        except OSError as error:
            self.trouble = f"[stopped: its output could not be kept. {error.strerror}]"
        output = self.execution.recording.finished()
        self.ended = JobEnded(
            job=self.id,
            status=self._status(),
            exit_code=self.execution.exit_code,
            duration_ms=self.execution.duration_ms,
            tail=output[-_TAIL:],
        )
        self.told = self.told or self._readers > 0
        self._news.set()
        return self.ended

    def _status(self) -> JobStatus:
        if self.execution.end == "stopped" and not self.trouble:
            return "stopped"
        return "done" if self.execution.status == "ok" and not self.trouble else "failed"

    async def news(self, wait_s: float) -> None:
        """Wait until it says something that :meth:`take` did not give yet, or ends, no longer than
        that."""
        await self._seen(self._news, wait_s)

    async def end_within(self, wait_s: float) -> None:
        """Wait until it ends, no longer than that."""
        await self._seen(self.over, wait_s)

    async def _seen(self, event: asyncio.Event, wait_s: float) -> None:
        """Whoever waits here sees the end if it comes, and need not be told of it."""
        self._readers += 1
        try:
            async with asyncio.timeout(wait_s):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._readers -= 1

    def take(self) -> str:
        """What it said since the last time, long output without its middle."""
        recording = self.execution.recording
        with contextlib.suppress(OSError):  # whoever follows it will notice
            recording.flush()
        said = plain(self._fresh.text(recording.spilled)).strip("\n")
        self._fresh = _excerpt()
        if self.ended is None:
            self._news.clear()
        return said

    def output(self) -> str:
        """All that it said so far, long output without its middle."""
        return self.execution.recording.text()


class Jobs:
    """``spawn`` owns the tasks, ``tell`` is for events, ``entries`` is what the session holds;
    ``present``: somebody could move a command here."""

    def __init__(
        self,
        spawn: Spawn,
        tell: Tell,
        entries: Callable[[], Iterable[Entry]] = tuple,
        *,
        present: bool = False,
        hint_s: float = HINT_S,
    ) -> None:
        self._spawn, self._tell, self._entries = spawn, tell, entries
        self._present, self._hint_s = present, hint_s
        self._jobs: dict[str, Job] = {}
        self._movable: dict[CallId, Execution] = {}
        self._last, self.closed = 0, False
        self.reports: Reports | None = None

    @property
    def known(self) -> tuple[Job, ...]:
        """Those that run and the latest that ended, in the order of their start."""
        return tuple(self._jobs.values())

    @property
    def running(self) -> tuple[Job, ...]:
        return tuple(job for job in self._jobs.values() if job.ended is None)

    @property
    def full(self) -> bool:
        """Whether as many run as may."""
        return len(self.running) >= MOST_RUNNING

    def find(self, id: str) -> Job:
        """A job by its id. Raises ``NoSuchJob``."""
        if id in self._jobs:
            return self._jobs[id]
        if id.isdecimal() and 0 < int(id) <= self._last_number():
            raise NoSuchJob(f"Job {id} is no more: it ended long ago, or with ion.")
        running = ", ".join(job.id for job in self.running)
        raise NoSuchJob(f"There is no job {id}. Running: {running or 'none'}.")

    def begin(self, execution: Execution, call: CallId) -> Job:
        """Let a started command go on as a job, and own it from now on."""
        self._last = self._last_number() + 1
        job = self._jobs[str(self._last)] = Job(str(self._last), call, execution)
        if self.closed:
            execution.interrupt("stopped")
        self._spawn(self._run(job))
        return job

    @contextlib.contextmanager
    def movable(self, call: CallId, execution: Execution) -> Iterator[None]:
        """While this lasts, :meth:`move` can take the command."""
        loop = asyncio.get_running_loop()
        hint = loop.call_later(self._hint_s, self._hint, execution) if self._present else None
        self._movable[call] = execution
        try:
            yield
        finally:
            del self._movable[call]
            if hint is not None:
                hint.cancel()

    def move(self, call: CallId) -> None:
        """Let the running command of a call go on as a job. Raises ``NoSuchJob``."""
        if call not in self._movable:
            raise NoSuchJob("This call runs no command that could go on in the background.")
        if self.full:
            raise NoSuchJob(f"{MOST_RUNNING} jobs run already. Stop one of them first.")
        self._movable[call].interrupt("moved")

    async def stop(self, id: str) -> Job:
        """End a job: SIGTERM, half a second, SIGKILL. It is over when this returns. Raises
        ``NoSuchJob``."""
        job = self.find(id)
        job.execution.interrupt("stopped")
        await job.over.wait()
        return job

    async def aclose(self) -> None:
        """End them all. Nothing of them is left when this returns, and nothing begins any more."""
        self.closed = True
        running = self.running
        for job in running:
            job.execution.interrupt("stopped")
        for job in running:
            await job.over.wait()

    async def _run(self, job: Job) -> None:
        try:
            await self._tell(JobStarted(job=job.id, call=job.call, command=job.command))
            job.begun.set()
            await self._tell(await job.run())
            for remark in job.execution.child.remarks:
                await self._tell(Notice(level="warning", text=f"Job {job.id}: {remark}"))
            self._forget()
            if self.reports is not None and not (job.told or self.closed):
                await self.reports.ended(job)
        except Exception as error:  # a broken job must not end the others
            text = f"Job {job.id} broke: {type(error).__name__}: {error}"
            await self._tell(Notice(level="error", text=text))
        finally:
            if job.ended is None:
                await job.execution.finish("stopped")
            job.begun.set()
            job.over.set()

    def _hint(self, execution: Execution) -> None:
        seconds = round(execution.duration_ms / 1000)
        text = f"The command has run for {seconds} s. It can go on in the background: Ctrl+X B."
        self._spawn(self._say(Notice(level="info", text=text)))

    async def _say(self, notice: Notice) -> None:
        await self._tell(notice)

    def _forget(self) -> None:
        """Remember no more than the latest that ended."""
        ended = [job.id for job in self._jobs.values() if job.ended is not None]
        for id in ended[:-MOST_ENDED]:
            del self._jobs[id]

    def _last_number(self) -> int:
        """The highest that a job of this session ever had, also before it was opened again."""
        if not self._last:
            self._last = max(map(int, _named(self._entries())), default=0)
        return self._last


def job_in(content: str) -> str:
    """The job that the result of a command says it became; empty for any other."""
    found = _NAMED.match(content)
    return found[1] if found else ""


def _named(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry.body, Message) and entry.body.role == "tool":
            for result in entry.body.results:
                if job := job_in(result.content):
                    yield job


def _excerpt() -> Excerpt:
    return Excerpt(LIMIT - _NOTE_ROOM)
