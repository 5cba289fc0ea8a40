"""A question to the session's model beside the conversation, for somebody whose call is running.

It is paid for by the session and its turn; nothing of it is put into the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ion_core.agent.answering import Answering
from ion_core.agent.journal import Journal
from ion_core.events import SessionChanged
from ion_core.messages import Message
from ion_core.sessions.base import Spend
from ion_core.usage import Usage, cost

if TYPE_CHECKING:
    from ion_core.agent.budget import Budget
    from ion_core.agent.models import Choice


class Asides:
    """Of one session; ``budget`` is that of its running turn."""

    def __init__(
        self, journal: Journal, answering: Answering, budget: Callable[[], Budget | None]
    ) -> None:
        self._journal, self._answering, self._budget = journal, answering, budget

    async def ask(
        self, system: str, messages: Sequence[Message], max_output: int
    ) -> tuple[str, str]:
        """What the model says, and its name. Raises ``ProviderError`` and ``BudgetExceeded``."""
        from ion_core.agent.step import Step  # start-up: few servers ask anything
        from ion_core.providers.base import Request

        choice = self._answering.choice or await self._answering.prepare()
        if (budget := self._budget()) is not None:
            budget.check()
        request = Request(
            model=choice.model.id,
            system=system,
            messages=tuple(messages),
            max_output=min(max_output, choice.model.max_output or max_output),
            effort=choice.effort,
        )
        answer = await Step(choice.provider, request, _nobody).ask()
        if answer.message.usage is not None:
            await self._pay(choice, answer.message.usage, answer.cost_nano)
        return answer.message.text, choice.ref

    async def _pay(self, choice: Choice, usage: Usage, charged: int | None) -> None:
        model, view = choice.model, self._journal.bus.view
        paid = cost(usage, model.price) if charged is None else charged
        await self._journal.record(
            Spend(
                purpose="subagent",
                provider=model.provider,
                model=model.id,
                usage=usage,
                cost_nano=paid,
            )
        )
        if (budget := self._budget()) is not None:
            budget.charge(usage, paid)
        await self._journal.emit(
            SessionChanged(
                usage=view.usage + usage,
                cost_nano=view.cost_nano + (paid or 0),
                cost_known=view.cost_known and paid is not None,
            )
        )


async def _nobody(event: object) -> None:
    """Nobody sees it being written."""
