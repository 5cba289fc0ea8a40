"""How a model hears that a job is over: as a message that waits for the next step.

The message says that it ended and not what it said, since the output of a command must not speak
with the person's voice. An idle session with a person in front of it goes on by itself, but not for
ever: each such turn is paid for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ion_core.agent.inbox import Inbox
from ion_core.agent.journal import Journal
from ion_core.agent.work import Work
from ion_core.agent_reports import REPORTS
from ion_core.entries import Entry
from ion_core.errors import IonError
from ion_core.events import Notice
from ion_core.messages import Message
from ion_core.tools.jobs import Job

MOST_WAKES = 10
"""Turns in a row that begin because a job ended, without a word of the person."""

_OPENING = REPORTS[0]
_COMMAND_CHARS = 200


class JobReports:
    """Puts what happened to jobs into the ``inbox``; ``present``: somebody sees what follows."""

    def __init__(self, journal: Journal, inbox: Inbox, work: Work, *, present: bool) -> None:
        self._journal, self._inbox, self._work = journal, inbox, work
        self._present = present

    async def ended(self, job: Job) -> None:
        """Tell the model before its next step; where nothing runs, begin a turn if that is
        wanted."""
        try:
            await self._inbox.put("steer", report(job))
        except IonError as error:
            await self._journal.emit(Notice(level="error", text=str(error)))
            return
        if not self._work.busy and self._wakes(job):
            self._work.start()

    def _wakes(self, job: Job) -> bool:
        """Whether a turn begins: somebody is here, did not stop the job, and the last turn came to
        an end of its own."""
        view = self._journal.bus.view
        is_done = view.ended is not None and view.ended.reason == "done"
        by_itself = job.ended is not None and job.ended.status != "stopped"
        return self._present and is_done and by_itself and wakes(view.entries) < MOST_WAKES


def report(job: Job) -> str:
    """What a model is told of a job that ended."""
    command = " ".join(job.command.split())[:_COMMAND_CHARS]
    seconds = f"{job.execution.duration_ms / 1000:.0f} s"
    if job.ended is not None and job.ended.status == "stopped":
        return f"{_OPENING}{job.id} was stopped by the person after {seconds}: {command}]"
    code = job.ended.exit_code if job.ended is not None else 0
    return (
        f"{_OPENING}{job.id} ended after {seconds} with exit code {code}: {command}\n"
        f'The job tool shows what it said: action "output", id {job.id}.]'
    )


def is_report(text: str) -> bool:
    """Whether a message is one of these, and not the person's."""
    return text.startswith(REPORTS)


def wakes(entries: Sequence[Entry]) -> int:
    """How many of the latest prompts are reports, and nobody's words."""
    count = 0
    for prompt in _prompts(entries):
        if not is_report(prompt.text):
            break
        count += 1
    return count


def _prompts(entries: Sequence[Entry]) -> Iterator[Message]:
    """What was said to the model, the latest first."""
    for entry in reversed(entries):
        if isinstance(entry.body, Message) and entry.body.role == "user":
            yield entry.body
