"""The person behind a session: asked for leave and for answers while a turn waits.

Where nobody sits in front of the session, asking raises ``ApprovalNeeded`` at once. A call that was
allowed beforehand (``--approve``) is not asked about again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from ion_core.agent.journal import Journal
from ion_core.agent.whole import wholly
from ion_core.asking import Answer, Decision, Question
from ion_core.errors import ApprovalNeeded, NotAsked
from ion_core.events import (
    ApprovalRequested,
    ApprovalSettled,
    Notice,
    QuestionAnswered,
    QuestionAsked,
)
from ion_core.ids import CallId

T = TypeVar("T")

ONCE: Final = Decision(verdict="once")


class Person:
    """``present``: somebody can answer."""

    def __init__(self, journal: Journal, *, present: bool) -> None:
        self._journal, self.present = journal, present
        self._decisions: dict[CallId, asyncio.Future[Decision]] = {}
        self._answers: dict[CallId, asyncio.Future[tuple[Answer, ...]]] = {}
        self._allowed: set[CallId] = set()

    def allow(self, calls: Iterable[CallId]) -> None:
        """These calls of the answer that is acted on next, and no others, were allowed
        beforehand: providers use their ids again."""
        self._allowed = set(calls)

    def can_allow(self, call: CallId) -> bool:
        """Whether the call was allowed, or somebody is there to do it."""
        return self.present or call in self._allowed

    async def tell(self, sentence: str) -> None:
        """A warning for the person."""
        await self._journal.emit(Notice(level="warning", text=sentence))

    async def approval(self, request: ApprovalRequested) -> Decision:
        """What the person says of a call; waits as long as they take. Raises ``ApprovalNeeded``
        when nobody is there."""
        call = request.call
        if call in self._allowed:
            return ONCE
        await self._journal.emit(request)
        if not self.present:
            reason = f"{request.name} needs an approval: {request.target[:200]!r}. {request.reason}"
            raise ApprovalNeeded(reason, (call,))
        waiting = self._decisions[call] = asyncio.get_running_loop().create_future()
        settled = ApprovalSettled(call=call, verdict="cancelled")
        try:
            decision: Decision = await waiting
            settled = ApprovalSettled(call=call, verdict=decision.verdict, comment=decision.comment)
        finally:
            del self._decisions[call]
            await wholly(self._journal.emit(settled))
        return decision

    async def answers(self, call: CallId, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """The person's answers, none when they would not give any; waits as long as they take."""
        waiting = self._answers[call] = asyncio.get_running_loop().create_future()
        await self._journal.emit(QuestionAsked(call=call, questions=tuple(questions)))
        answers: tuple[Answer, ...] = ()
        try:
            answers = await waiting
        finally:
            del self._answers[call]
            await wholly(self._journal.emit(QuestionAnswered(call=call, answers=answers)))
        return answers

    def decide(self, call: CallId, decision: Decision) -> None:
        """Say what becomes of a call. Raises ``NotAsked`` for one that waits for no approval."""
        _settle(self._decisions.get(call), decision)

    def answer(self, call: CallId, answers: Sequence[Answer]) -> None:
        """Answer a call's questions; with nothing, say that one will not. Raises ``NotAsked``."""
        _settle(self._answers.get(call), tuple(answers))


def _settle(waiting: asyncio.Future[T] | None, said: T) -> None:
    if waiting is None or waiting.done():
        raise NotAsked("That was decided already, or the turn is over.")
    waiting.set_result(said)
