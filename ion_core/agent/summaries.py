"""Who summarises a session, and from what: the task of a compaction and the questions it asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice, Resolve
from ion_core.agent.step import Step, StepFailed
from ion_core.config.schema import CompactionSettings
from ion_core.errors import IonError, ProviderError
from ion_core.events import Event, StepRetrying
from ion_core.providers.base import Request
from ion_core.sessions.base import Purpose, Spend
from ion_core.usage import Usage, cost

if TYPE_CHECKING:
    from ion_core.compaction.base import Ask, Said, Task
    from ion_core.compaction.ceilings import Ceilings
    from ion_core.context.ledgers.ledger import Since
    from ion_core.entries import Compaction, CompactionReason, Entry, Prune

SETTLED_S = 2.0
"""A file that was written within this time of its entry was written by the session itself."""
PATIENCE_S, FREE_PATIENCE_S = 300.0, 1_200.0
"""The most that the summaries of one compaction may take, also of a model without a price, which
may run on this machine."""
HASTE = 3
"""Attempts of one question: a checkpoint can be made without a model."""


class Summaries:
    """``root`` is the session's folder, ``small`` names cheap models beside one."""

    def __init__(
        self,
        journal: Journal,
        rules: CompactionSettings,
        resolve: Resolve,
        small: Callable[[str], Sequence[str]],
        root: Path,
    ) -> None:
        self._journal, self._rules, self._resolve = journal, rules, resolve
        self._small, self._root = small, root

    async def task(
        self,
        choice: Choice,
        request: Request,
        tokens: int,
        limits: Ceilings,
        reason: CompactionReason,
        focus: str = "",
    ) -> Task:
        """What is to be compacted, as the session is now."""
        from ion_core.compaction.base import Task  # start-up: a compaction is far from it

        entries = list(self._journal.bus.view.entries)
        return Task(
            entries=entries,
            request=request,
            tokens=tokens,
            ceilings=limits,
            ledgers=partial(self._ledgers, entries, limits),
            keep=self._rules.keep_recent_tokens,
            window=limits.window,
            reason=reason,
            focus=focus,
            cached=choice.model.tool_mode == "native",
            verify=self._rules.verify,
        )

    async def made(
        self, task: Task, choice: Choice, spent: list[Spend], *, cold: bool = False
    ) -> Compaction | Prune:
        """The entry that makes it short. Appends to ``spent`` what was paid for, also when it
        raises ``CannotCompact``. ``cold``: what the provider had cached is gone."""
        from ion_core.compaction.compactor import CheckpointCompactor

        teller = await self._teller(choice, task, cold=cold)
        if teller is not choice:
            task = replace(task, window=teller.model.window or task.window, cached=False)

        ask = self._asking(teller, spent)
        return (await CheckpointCompactor().compact(task, ask)).entry

    async def text(self, task: Task, choice: Choice, spent: list[Spend]) -> str:
        """The summary of a task alone, by a model or without one. Raises nothing of a model's."""
        from ion_core.compaction.mechanical import mechanical
        from ion_core.compaction.summariser import Summariser

        teller = await self._teller(choice, task)

        ask = self._asking(teller, spent)
        task = task if teller is choice else replace(task, cached=False)
        if summary := await Summariser(task, ask, "").summary():
            return summary.text
        return mechanical(task.entries, most=task.ceilings.summary)

    def _ledgers(self, entries: Sequence[Entry], limits: Ceilings, kept: int) -> str:
        from ion_core.context.ledgers import ledgers, render

        jobs = self._journal.bus.view.jobs.values()
        alive = [(job.id, job.command, "running") for job in jobs if job.ended is None]
        for child in self._journal.bus.view.children.values():
            if child.ended is None and child.begun.background:
                what = f"agent {child.begun.agent}: {child.begun.description}"
                alive.append((child.id, what, "running; task_control looks after it"))
        spoken = len(entries) - kept
        found = ledgers(entries, root=self._root, changed=self._changed, jobs=alive, spoken=spoken)
        return render(found, soft=limits.soft, most=limits.ledgers)

    def _changed(self, path: str, since: float) -> Since:
        """What somebody else did to a file after the session had it."""
        try:
            newer = (self._root / path).stat().st_mtime > since + SETTLED_S
        except FileNotFoundError:
            return "gone"
        except (OSError, ValueError):
            return ""
        return "changed" if newer else ""

    async def _teller(self, choice: Choice, task: Task, *, cold: bool = False) -> Choice:
        """Who summarises: the session's own model, unless the settings name another that can be
        reached, or want the cheaper of the two."""
        wanted = self._rules.model
        if wanted == "session":
            return choice
        refs = [wanted]
        if wanted in ("small", "auto"):
            refs = list(await asyncio.to_thread(self._small, choice.ref))
        for ref in refs:
            try:
                found = await self._resolve(ref)
            except IonError:
                continue
            return found if wanted != "auto" or _is_cheaper(found, choice, task, cold) else choice
        return choice

    def _asking(self, teller: Choice, spent: list[Spend]) -> Ask:
        """The way to ask, which ends for good when the patience does."""
        patience_s = PATIENCE_S if teller.model.price is not None else FREE_PATIENCE_S
        until = asyncio.get_running_loop().time() + patience_s

        async def ask(request: Request) -> Said:
            left = until - asyncio.get_running_loop().time()
            asking = asyncio.ensure_future(self._ask(teller, request, spent))
            try:
                await asyncio.wait({asking}, timeout=max(0.0, left))
                if asking.done():
                    return asking.result()
                raise ProviderError(f"No summary within {patience_s:.0f} s.")
            finally:
                if not asking.done():
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)

        return ask

    async def _ask(self, teller: Choice, request: Request, spent: list[Spend]) -> Said:
        from ion_core.compaction.base import Said

        request = replace(request, model=teller.model.id)
        attempts = min(HASTE, teller.attempts)
        step = Step(teller.provider, request, self._hear, attempts=attempts)
        try:
            answer = await step.ask()
        except StepFailed as failed:
            raise failed.error from failed
        spent += [_spend("retry", teller, usage, None) for usage in answer.wasted]
        usage = answer.message.usage
        if usage is not None:
            spent.append(_spend("compaction", teller, usage, answer.cost_nano))
        return Said(message=answer.message, model=teller.ref)

    async def _hear(self, event: Event) -> None:
        """Of a summary that is being written nothing is shown but that it is tried again."""
        if isinstance(event, StepRetrying):
            await self._journal.emit(event)


def _is_cheaper(other: Choice, own: Choice, task: Task, cold: bool) -> bool:
    """Whether a summary by another model costs less, though it reads all of it anew. Where a price
    is unknown, or the other's window too small, it does not."""
    anew = Usage(input=task.tokens, output=task.ceilings.summary)
    cached = Usage(cache_read=task.tokens, output=task.ceilings.summary)
    theirs = cost(anew, other.model.price)
    mine = cost(cached if task.cached and not cold else anew, own.model.price)
    fits = task.tokens + 2 * task.ceilings.summary <= (other.model.window or 0)
    return fits and theirs is not None and mine is not None and theirs < mine


def _spend(purpose: Purpose, teller: Choice, usage: Usage, charged: int | None) -> Spend:
    model = teller.model
    paid = cost(usage, model.price) if charged is None else charged
    return Spend(
        purpose=purpose, provider=model.provider, model=model.id, usage=usage, cost_nano=paid
    )
