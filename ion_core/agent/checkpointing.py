"""The part of a session that makes room in its model's window when somebody asks for it.

Nothing is deleted by any of it: a compaction is one entry, and what it replaces stays in the tree.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ion_core.agent.rewind import Rewinding
from ion_core.agent.whole import wholly
from ion_core.entries import Attachment, Body, BranchSummary, Compaction, Pin
from ion_core.errors import BadRequest, StoreError
from ion_core.ids import EntryId
from ion_core.messages import Message
from ion_core.sessions.base import Append

if TYPE_CHECKING:
    from ion_core.agent.allowance import Allowance
    from ion_core.agent.answering import Answering
    from ion_core.agent.compacting import Compacting
    from ion_core.agent.drafting import Drafting
    from ion_core.agent.models import Choice
    from ion_core.agent.summaries import Summaries
    from ion_core.agent.work import Work
    from ion_core.compaction.base import Task
    from ion_core.compaction.ceilings import Ceilings
    from ion_core.events import TurnReason
    from ion_core.providers.base import Request
    from ion_core.usage import Usage

BUSY = "The conversation cannot be compacted by hand while a turn runs. Stop it (Esc) first."
NONE = "There is no compaction on this branch that could be undone."
STALE = "The conversation went on meanwhile. Make the summary anew."


class Checkpointing(Rewinding):
    """That part."""

    _allowance: Allowance
    _answering: Answering
    _compacting: Compacting
    _summaries: Summaries
    _work: Work

    def _drafting(self, choice: Choice) -> Drafting:
        """What makes requests for a model."""
        raise NotImplementedError

    async def compact(self, focus: str = "") -> None:
        """Make the conversation short, with more of ``focus`` in the summary. In a turn it happens
        before the next request; idle: when this returns it is done, or ``compaction_failed`` was
        emitted, or the turn ended since the session may use no more. :meth:`cancel` stops it."""
        if self.busy:
            self._compacting.want("person", focus)
            return
        self._journal.check()

        async def run() -> TurnReason:
            self._afford()
            choice = await self._answering.prepare()
            request, tokens = await self._drafting(choice).request(choice)
            await self._compacting.compact(choice, request, tokens, "person", focus)
            return "done"

        self._work.start(run)
        await self._work.idle()

    async def preview_compaction(self, focus: str = "") -> tuple[Task, Compaction]:
        """What :meth:`compact` would write, not written yet; what it cost is recorded. Raises
        ``BadRequest`` while a turn runs, ``BudgetExceeded`` and ``CannotCompact``."""
        from ion_core.compaction.base import CannotCompact  # start-up: seldom

        task, choice = await self._task(focus)
        made = await self._compacting.ahead(task, choice)
        if not isinstance(made, Compaction):
            raise CannotCompact("There is nothing to summarise.")
        return task, made

    async def adopt_compaction(self, task: Task, made: Compaction) -> None:
        """Write a compaction of :meth:`preview_compaction`, perhaps with another summary. Raises
        ``StoreError`` when the conversation went on since."""
        if self.busy or [entry.id for entry in task.entries] != [
            entry.id for entry in self._journal.bus.view.entries
        ]:
            raise StoreError(STALE)
        await self._compacting.adopt(task, made)

    async def undo_compaction(self) -> None:
        """Go on from before the newest compaction of this branch, with everything that it replaced.
        Raises ``StoreError`` when there is none."""
        await self._settle()
        for entry in reversed(self._journal.bus.view.entries):
            if isinstance(entry.body, Compaction):
                await self.move_to(entry.parent)
                return
        raise StoreError(NONE)

    async def handoff(self, goal: str) -> str:
        """A prompt that goes on with ``goal`` in a session that knows nothing: what was found out
        here, as far as it matters there. Nothing is sent. Raises ``BadRequest`` while a turn
        runs, and ``BudgetExceeded``."""
        if not goal.strip():
            raise BadRequest("Say what is to be done there: /handoff GOAL.")
        known = await self._known(f"what is needed for this goal: {goal.strip()}")
        return f"{goal.strip()}\n\nWhat is known from session {self._journal.session}:\n\n{known}"

    async def move_with_summary(self, entry: EntryId | None, focus: str = "") -> None:
        """Like :meth:`move_to`, and tell the model there what was found out on the branch that is
        left, with more of ``focus``. Raises like :meth:`handoff`."""
        path = list(self._journal.bus.view.entries)
        left = [known.id for known in path]
        there = left.index(entry) + 1 if entry in left else 0
        if not any(isinstance(known.body, Message) for known in path[there:]):
            await self.move_to(entry)
            return
        text = await self._known(focus)
        await wholly(self._arrive(entry, BranchSummary(text=text, from_tip=left[-1])))

    async def _known(self, focus: str) -> str:
        """What a model says of the conversation, and the ledgers."""
        task, choice = await self._task(focus)
        summary = await self._compacting.summary(task, choice)
        told = await asyncio.to_thread(task.ledgers, 0)
        return "\n\n".join(part for part in (summary, told) if part.strip())

    async def _arrive(self, entry: EntryId | None, told: BranchSummary) -> None:
        await self.move_to(entry)
        await self._journal.record(Append(body=told))

    async def expand(self, entry: EntryId) -> None:
        """Put what an entry of this branch says in front of the model again, whole. Raises
        ``StoreError`` for any other entry, and for one that says nothing."""
        found = [known.body for known in self._journal.bus.view.entries if known.id == entry]
        text = words(found[0]) if found else ""
        if not text.strip():
            what = f"{entry} is no message of this branch." if entry else "Say which: /expand ID."
            raise StoreError(f"{what} The ids of messages stand in /tree.")
        self._journal.check()
        source = f"{entry}, earlier in this conversation"
        await self._journal.record(Append(body=Attachment(source=source, text=text)))

    def _afford(self) -> None:
        """What is asked for between turns is the session's to pay. Raises ``BudgetExceeded``."""
        budget = self._allowance.session()

        async def charge(usage: Usage, cost_nano: int | None) -> None:
            budget.charge(usage, cost_nano)

        self._compacting.charge = charge

    async def _task(self, focus: str) -> tuple[Task, Choice]:
        """The whole conversation, to be summed up for somewhere else."""
        if self.busy:
            raise BadRequest(BUSY)
        self._afford()
        choice = await self._answering.prepare()
        request, tokens = await self._drafting(choice).request(choice)
        limits = self._compacting.ceilings(choice.model)
        task = await self._summaries.task(choice, request, tokens, limits, "person", focus)
        return task, choice

    async def pin(self, text: str) -> None:
        """Have no compaction lose these words."""
        if not text.strip():
            raise BadRequest("Say what to pin: /pin TEXT.")
        self._journal.check()
        await self._journal.record(Append(body=Pin(text=text.strip())))

    async def draft(self) -> tuple[Request, int, Ceilings]:
        """The request that would be sent now, about its tokens, and what the model takes."""
        choice = await self._answering.prepare()
        request, tokens = await self._drafting(choice).request(choice)
        return request, tokens, self._compacting.ceilings(choice.model)


def words(body: Body) -> str:
    """What a message said, its results included; nothing for a note."""
    if not isinstance(body, Message):
        return ""
    return "\n".join(filter(None, (body.text, *(result.content for result in body.results))))
