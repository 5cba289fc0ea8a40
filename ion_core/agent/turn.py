"""One turn of one session: what the loop's three verbs mean.

``ask`` commits the answer, its cost and the intents of its calls in one transaction, before any
call can have an effect; ``act`` runs them.
"""

from __future__ import annotations

import asyncio

from ion_core.agent.dispatch import Dispatch
from ion_core.agent.inbox import Inbox
from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice
from ion_core.agent.step import Answer, Step, StepCancelled, StepFailed
from ion_core.agent.whole import wholly
from ion_core.context.projector import project
from ion_core.events import StepEnded, StepStarted
from ion_core.messages import Message, StopReason
from ion_core.providers.base import Request, ToolSpec
from ion_core.sessions.base import Append, Purpose, Spend
from ion_core.usage import Usage, cost


class SessionTurn:
    """The turn of a session; ``max_steps`` limits its requests (0: no limit)."""

    def __init__(
        self,
        journal: Journal,
        inbox: Inbox,
        dispatch: Dispatch,
        choice: Choice,
        *,
        system: str,
        tools: tuple[ToolSpec, ...],
        max_steps: int = 0,
    ) -> None:
        self._journal, self._inbox, self._dispatch = journal, inbox, dispatch
        self._choice, self._system, self._tools = choice, system, tools
        self.max_steps = max_steps

    async def deliver(self) -> bool:
        return await self._inbox.deliver(*self._inbox.steers)

    async def ask(self, step: int) -> Message:
        await self._journal.emit(StepStarted(step=step, model=self._choice.ref))
        request = project(
            self._journal.bus.view.entries,
            system=self._system,
            tools=self._tools,
            model=self._choice.model,
            effort=self._choice.effort,
            cache_key=self._journal.session,
        )
        try:
            answer = await self._step(request).ask()
        except StepFailed as failed:
            await wholly(self._give_up(step, failed.partial, "error"))
            raise
        except StepCancelled as cancelled:
            await wholly(self._give_up(step, cancelled.partial, "interrupted"))
            raise
        try:
            await wholly(self._keep(step, answer))
        except asyncio.CancelledError:
            await self._dispatch.abandon(answer.message.calls)
            raise
        return answer.message

    async def act(self, answer: Message) -> None:
        await self._dispatch.run(answer.calls, cut_off=answer.stop == "max_tokens")

    def _step(self, request: Request) -> Step:
        choice = self._choice
        return Step(choice.provider, request, self._journal.emit, attempts=choice.attempts)

    async def _keep(self, step: int, answer: Answer) -> None:
        message = answer.message
        intents = self._dispatch.intents(message.calls)
        spent = [self._spend("retry", usage) for usage in answer.wasted]
        if message.usage is not None:
            spent.append(self._spend("turn", message.usage))
        await self._journal.record(Append(body=message), *spent, *intents)
        await self._end(step, message.stop or "other", message.usage, answer.duration_ms)

    async def _give_up(self, step: int, partial: Message | None, stop: StopReason) -> None:
        if partial is not None:
            await self._journal.record(Append(body=partial))
        await self._end(step, stop, None, 0)

    async def _end(
        self, step: int, stop: StopReason, usage: Usage | None, duration_ms: int
    ) -> None:
        price = self._choice.model.price
        await self._journal.emit(
            StepEnded(
                step=step,
                stop_reason=stop,
                usage=usage,
                cost_nano=None if usage is None else cost(usage, price),
                duration_ms=duration_ms,
            )
        )

    def _spend(self, purpose: Purpose, usage: Usage) -> Spend:
        return Spend(
            purpose=purpose,
            provider=self._choice.model.provider,
            model=self._choice.model.id,
            usage=usage,
            cost_nano=cost(usage, self._choice.model.price),
        )
