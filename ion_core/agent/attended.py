"""The part of a session that its person attends to: what waits for their leave, what it asks them,
and the commands that run in the background.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_core.agent.checkpointing import Checkpointing
from ion_core.agent.raising import Raising
from ion_core.asking import Answer, Decision
from ion_core.ids import CallId
from ion_core.messages import answered
from ion_core.sessions.base import Append
from ion_core.sessions.recovery import declined, unanswered

if TYPE_CHECKING:
    from ion_core.agent.dispatch import Dispatch
    from ion_core.agent.person import Person
    from ion_core.config.schema import PermissionRule
    from ion_core.messages import ToolCall
    from ion_core.tools.jobs import Jobs


IDLE_S = 60.0
"""Seconds after a turn in which nothing is said, until hooks hear of it."""


class Attended(Raising, Checkpointing):
    """That part."""

    _dispatch: Dispatch
    _person: Person
    jobs: Jobs

    @property
    def granted(self) -> tuple[PermissionRule, ...]:
        """What the person allowed until the session is closed."""
        return self._dispatch.gate.granted

    @property
    def waiting(self) -> tuple[ToolCall, ...]:
        """The calls that a turn was ended by, since somebody must allow them. Saying something new
        declines them."""
        at_rest = not self.busy and not self._journal.along
        return tuple(unanswered(self._journal.bus.view.entries)) if at_rest else ()

    def decide(self, call: CallId, decision: Decision) -> None:
        """Say whether a call may run that ``view.asking`` shows, also one of an agent's. Raises
        ``NotAsked``."""
        if (asked := self._of_agent(call)) is not None:
            asked[0].decide(asked[1], decision)
        else:
            self._person.decide(call, decision)

    def reply(self, call: CallId, answers: Sequence[Answer]) -> None:
        """Answer the questions of a call that ``view.asking`` shows, in their order; with nothing,
        decline them. Raises ``NotAsked``."""
        if (asked := self._of_agent(call)) is not None:
            asked[0].reply(asked[1], answers)
        else:
            self._person.answer(call, answers)

    def background(self, call: CallId) -> None:
        """Let the command that a call runs go on as a job. Raises ``NoSuchJob``."""
        self.jobs.move(call)

    async def stop_job(self, job: str) -> None:
        """End a job; it is over when this returns. Raises ``NoSuchJob``."""
        await self.jobs.stop(job)

    def job_output(self, job: str) -> str:
        """What a job said so far, long output without its middle. Raises ``NoSuchJob``."""
        return self.jobs.find(job).output()

    def _watch_idle(self) -> None:
        """A turn is over: when nothing more is said for a while, hooks hear of it."""
        if not (self._person.present and self.hooking.wants("Notification")):
            return
        head = self._journal.bus.view.head

        def told() -> None:
            if not self.busy and not self.closed and self._journal.bus.view.head == head:
                self._rooms.spawn(self.hooking.notify("idle_prompt", "ion waits for your input."))

        asyncio.get_running_loop().call_later(IDLE_S, told)

    @property
    def closed(self) -> bool:
        """Whether nothing more can be said here."""
        raise NotImplementedError

    async def _decline(self) -> None:
        """Whoever says something new does not allow what waits."""
        for call in self.waiting:
            await self._journal.record(Append(body=answered(declined(call))))
