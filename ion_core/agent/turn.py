"""One turn of one session: what the loop's verbs mean.

``ask`` commits the answer, its cost and the intents of its calls in one transaction, before any
call can have an effect; ``act`` runs them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ion_core.agent.budget import Budget
from ion_core.agent.cast import Cast
from ion_core.agent.compacting import Compacting
from ion_core.agent.dispatch import Dispatch
from ion_core.agent.drafting import Drafting
from ion_core.agent.gauge import Gauge
from ion_core.agent.inbox import Inbox
from ion_core.agent.jobs import is_report
from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice
from ion_core.agent.step import Answer, Step, StepCancelled, StepFailed
from ion_core.agent.streamed import Streamed
from ion_core.agent.whole import wholly
from ion_core.errors import ContextOverflow
from ion_core.events import Notice, SessionChanged, StepEnded, StepStarted
from ion_core.messages import Message, StopReason, ToolCall
from ion_core.providers.base import Request
from ion_core.sessions.base import Append, Purpose, Spend
from ion_core.usage import Usage, cost


class SessionTurn:
    """The turn of a session: ``cast`` says who answers, ``budget`` when it is enough."""

    def __init__(
        self,
        journal: Journal,
        inbox: Inbox,
        dispatch: Dispatch,
        cast: Cast,
        budget: Budget,
        gauge: Gauge,
        drafting: Drafting,
        compacting: Compacting,
    ) -> None:
        self._journal, self._inbox, self._dispatch = journal, inbox, dispatch
        self._cast, self._budget, self._gauge = cast, budget, gauge
        self._drafting, self._compacting = drafting, compacting
        compacting.charge = self._count
        self._is_open = False

    async def deliver(self) -> bool:
        steers = self._inbox.steers
        delivered = await self._inbox.deliver(*steers)
        if delivered and not all(is_report(steer.text) for steer in steers):
            self._dispatch.guard.begin()
        return delivered

    async def ask(self, step: int) -> Message:
        try:
            request, answer = await self._answer(step)
        except StepFailed as failed:
            await wholly(self._give_up(step, failed.partial, "error"))
            raise
        except StepCancelled as cancelled:
            await wholly(self._give_up(step, cancelled.partial, "interrupted"))
            raise
        except BaseException as error:  # between two attempts, or while one was put away
            if self._is_open:
                stop: StopReason = (
                    "interrupted" if isinstance(error, asyncio.CancelledError) else "error"
                )
                await wholly(self._give_up(step, None, stop))
            raise
        try:
            await wholly(self._keep(step, request, answer))
        except asyncio.CancelledError:
            await self._dispatch.abandon(answer.message.calls)
            raise
        await self._dispatch.hooking.answered(self._cast.choice.ref, answer.message)
        return answer.message

    async def reopen(self, calls: Sequence[ToolCall]) -> None:
        """Say that calls which waited for an approval may have their effects now."""
        if intents := await self._dispatch.intents(calls):
            await self._journal.record(*intents)

    async def act(self, answer: Message) -> None:
        await self._dispatch.run(answer.calls, cut_off=answer.stop == "max_tokens")

    async def goes_on(self, answer: Message) -> bool:
        return await self._dispatch.hooking.goes_on(answer)

    def check(self) -> None:
        self._dispatch.hooking.check()
        self._budget.check()
        self._dispatch.guard.check()

    async def tell(self) -> None:
        """Say which limits come near."""
        for news in self._budget.news():
            await self._journal.emit(Notice(level="warning", text=news))

    async def _answer(self, step: int) -> tuple[Request, Answer]:
        """A request and its answer: the model's, or that of the one that takes over."""
        rescued = False
        while True:
            choice = self._cast.choice
            await self._dispatch.offering.offer(choice.model.window)
            request, prompt = await self._compacting.fit(choice, self._drafting)
            await self._tell_limits(choice)
            await self._select(request)
            said = await self._dispatch.hooking.instead(choice.ref)
            await self._journal.emit(StepStarted(step=step, model=choice.ref, prompt=prompt))
            self._is_open = True
            if said is not None:
                return request, Answer(message=said, cost_nano=None, wasted=(), duration_ms=0)
            async with Streamed(self._journal, choice.provider.origin(request.model)) as streamed:
                try:
                    return request, await self._step(request, streamed).ask()
                except StepFailed as failed:
                    if not rescued and isinstance(failed.error, ContextOverflow):
                        rescued = True
                        await streamed.discard()
                        if await self._compacting.rescue(failed.error, choice, request, prompt):
                            continue
                    news = await self._cast.take_over(failed.error)
                    if not news:
                        raise
                    await streamed.discard()
                await self._journal.emit(Notice(level="warning", text=news))

    async def _select(self, request: Request) -> None:
        hooking = self._dispatch.hooking
        if hooking.wants("BeforeToolSelection"):
            names = [tool.name for tool in request.tools]
            self._dispatch.gate.denied = await hooking.selection(names)

    async def _tell_limits(self, choice: Choice) -> None:
        """Say what the model takes, when it is not what was said before."""
        view, window = self._journal.bus.view, choice.model.window
        soft = self._compacting.ceilings(choice.model).soft
        if (window, soft) != (view.window, view.soft):
            await self._journal.emit(SessionChanged(window=window, soft=soft))

    def _step(self, request: Request, streamed: Streamed) -> Step:
        provider, attempts = self._cast.choice.provider, self._cast.attempts
        return Step(provider, request, streamed.emit, attempts=attempts)

    async def _keep(self, step: int, request: Request, answer: Answer) -> None:
        message = answer.message
        intents = await self._dispatch.intents(message.calls)
        spent = [self._spend("retry", usage, None) for usage in answer.wasted]
        if message.usage is not None:
            spent.append(self._spend("turn", message.usage, answer.cost_nano))
        await self._journal.record(Append(body=message), *spent, *intents)
        own = spent[-1].cost_nano if message.usage is not None else None
        missed = self._gauge.learn(request, message.origin, message.usage)
        await self._end(step, message, own, answer.duration_ms, missed)
        await self._charge(spent)

    async def _charge(self, spent: list[Spend]) -> None:
        self._budget.step()
        for spend in spent:
            self._budget.charge(spend.usage, spend.cost_nano)
        await self.tell()

    async def _count(self, usage: Usage, cost_nano: int | None) -> None:
        self._budget.charge(usage, cost_nano)
        await self.tell()

    async def _give_up(self, step: int, partial: Message | None, stop: StopReason) -> None:
        if partial is not None:
            await self._journal.record(Append(body=partial))
        await self._end(step, Message(role="assistant", parts=(), stop=stop), None, 0)

    async def _end(
        self,
        step: int,
        answer: Message,
        cost_nano: int | None,
        duration_ms: int,
        cache_miss: str = "",
    ) -> None:
        self._is_open = False
        await self._journal.emit(
            StepEnded(
                step=step,
                stop_reason=answer.stop or "other",
                usage=answer.usage,
                cost_nano=cost_nano,
                duration_ms=duration_ms,
                cache_miss=cache_miss,
            )
        )

    def _spend(self, purpose: Purpose, usage: Usage, charged: int | None) -> Spend:
        """``charged`` is what the provider itself says, None when it is reckoned by the price."""
        model = self._cast.choice.model
        return Spend(
            purpose=purpose,
            provider=model.provider,
            model=model.id,
            usage=usage,
            cost_nano=cost(usage, model.price) if charged is None else charged,
        )
