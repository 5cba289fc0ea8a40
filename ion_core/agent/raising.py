"""The part of a session that has to do with agents: those that it starts, and being one itself."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ion_core.ids import CallId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ion_core.agent.allowance import Allowance
    from ion_core.agent.answering import Answering
    from ion_core.agent.budget import Budget
    from ion_core.agent.dispatch import Dispatch
    from ion_core.agent.inbox import Inbox
    from ion_core.agent.journal import Journal
    from ion_core.agent.person import Person
    from ion_core.agent.rooms import Rooms
    from ion_core.agent.session import Session
    from ion_core.agent.subagents import Subagents
    from ion_core.agent.unhooked import Unhooked
    from ion_core.agent.work import Work
    from ion_core.messages import Message


class Raising:
    """That part."""

    hooking: Unhooked
    _allowance: Allowance
    _answering: Answering
    _dispatch: Dispatch
    _inbox: Inbox
    _journal: Journal
    _person: Person
    _rooms: Rooms
    _work: Work
    _budget: Budget | None = None

    @cached_property
    def agents(self) -> Subagents | None:
        """The agents that it started; None where it may start none."""
        if self._rooms.nursery is None:
            return None
        from ion_core.agent.subagents import Subagents  # start-up: few sessions start any

        wakes = self._rooms.wakes and self._person.present
        nursery = self._rooms.nursery(self)  # type: ignore[arg-type]
        parts = self._journal, nursery, self._inbox, self._work, self._rooms.spawn
        made = Subagents(*parts, self.hooking, wakes=wakes)
        made.budget = self._budget
        return made

    async def _ask_aside(
        self, system: str, messages: Sequence[Message], max_output: int
    ) -> tuple[str, str]:
        """See ``Asides.ask``."""
        from ion_core.agent.asides import Asides  # start-up: few servers ask anything

        asides = Asides(self._journal, self._answering, lambda: self._budget)
        return await asides.ask(system, messages, max_output)

    def paid_by(self, budget: Budget | None) -> None:
        """What it uses is taken from another session's budget, too."""
        self._allowance.above = budget

    def _fund(self, budget: Budget) -> None:
        """What agents use from now on is taken from the budget of the turn that begins."""
        self._budget = budget
        if self._has_agents and self.agents is not None:
            self.agents.budget = budget

    async def _end_agents(self) -> None:
        if self._has_agents and self.agents is not None:
            await self.agents.aclose()

    @property
    def _has_agents(self) -> bool:
        return "agents" in self.__dict__

    def _of_agent(self, call: CallId) -> tuple[Session, CallId] | None:
        """The session of the agent whose call this is, and what the call is called there."""
        if not self._has_agents or self.agents is None:
            return None
        for child in self.agents.children.values():
            own = call.removeprefix(f"{child.id}/")
            if own != call:
                return child.session, CallId(own)
        return None
