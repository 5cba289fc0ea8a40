"""Keeps the requests of one session below what their model takes.

Before each request its size is held against the ceilings; what is too much is made shorter first,
in the middle of a turn too. What a person or the model asks for happens at the same point.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.agent.breakers import Breaker, is_thrashing
from ion_core.agent.drafting import Drafting
from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice
from ion_core.agent.whole import wholly
from ion_core.compaction.ceilings import Ceilings, ceilings, learned_window
from ion_core.compaction_events import CompactionEnded, CompactionFailed, CompactionStarted
from ion_core.config.schema import CompactionSettings
from ion_core.entries import Compaction, CompactionReason, Prune
from ion_core.errors import ContextOverflow, IonError, ProviderError
from ion_core.events import Notice, SessionChanged
from ion_core.ids import Clock
from ion_core.messages import Message
from ion_core.providers.base import ModelInfo, Request
from ion_core.sessions.base import Append, Spend
from ion_core.usage import Usage

if TYPE_CHECKING:
    from ion_core.agent.summaries import Summaries
    from ion_core.compaction.base import Task

LEAST_SHARE, LEAST = 0.3, 10_000
"""A model's own wish is heard from this share of the soft limit on, and so many tokens."""
MANUAL = (
    "The conversation takes {tokens:,} of {window:,} tokens and compaction.auto is off. Use "
    "/compact, or begin anew with /handoff."
)
THRASHING = (
    "The conversation was compacted {times} times with nothing achieved between. Begin anew with "
    "/handoff, choose a model with a larger window, or set compaction.keep_recent_tokens lower."
)

Before = Callable[[CompactionReason, str], Awaitable[str]]
"""Hears of a compaction and its focus before it begins; what it returns is added to the focus. It
raises ``CannotCompact`` to forbid it."""
Charge = Callable[[Usage, int | None], Awaitable[None]]


class Compacting:
    """``summaries`` makes tasks and asks who summarises; ``charge`` hears what was spent,
    ``before`` of each compaction."""

    def __init__(
        self,
        journal: Journal,
        rules: CompactionSettings,
        summaries: Summaries,
        clock: Clock = time.time,
    ) -> None:
        self._journal, self._rules, self._summaries = journal, rules, summaries
        self._clock, self._breaker = clock, Breaker()
        self._windows: dict[str, int] = {}
        self._told: set[str] = set()
        self._wanted: tuple[CompactionReason, str] | None = None
        self._seen: tuple[int, Ceilings | None] = (0, None)
        self.charge: Charge | None = None
        self.before: Before | None = None
        self.after: Callable[[CompactionReason, str], Awaitable[None]] | None = None

    def ceilings(self, model: ModelInfo) -> Ceilings:
        """What may be sent to a model, by what is known of it or was learnt from its refusals."""
        learned = self._windows.get(model.ref, 0)
        window = min(model.window or learned, learned or model.window)
        rules = self._rules
        return ceilings(window, model.max_output, rules.soft_limit_tokens, rules.checkpoint_tokens)

    def want(self, reason: CompactionReason, focus: str = "") -> None:
        """Compact before the next request."""
        self._wanted = (reason, focus)

    def wish(self, focus: str) -> str:
        """The model wants a checkpoint; why it gets none, "" when it does."""
        tokens, limits = self._seen
        if limits is None or not self._is_heard("model", tokens, limits):
            return f"The conversation takes {tokens:,} tokens: too few to be worth it. Go on."
        self.want("model", focus)
        return ""

    async def fit(self, choice: Choice, drafting: Drafting) -> tuple[Request, int]:
        """The next request and about its tokens, after making room where that is due. Raises
        ``ContextOverflow`` when it is too large and stays so."""
        request, tokens = await drafting.request(choice)
        self._seen = tokens, self.ceilings(choice.model)
        if await self._tidy(choice, tokens) or await self._due(choice, request, tokens):
            request, tokens = await drafting.request(choice)
        limits = self.ceilings(choice.model)
        if tokens > limits.window and not limits.assumed:
            raise ContextOverflow(self._sentence(tokens, limits))
        return request, tokens

    async def rescue(
        self, error: ProviderError, choice: Choice, request: Request, tokens: int
    ) -> bool:
        """After a provider refused a request as too large: make room, once; whether to ask again.
        What it says of its window is remembered."""
        if not isinstance(error, ContextOverflow) or not self._rules.auto:
            return False
        known = self.ceilings(choice.model).window
        self._windows[choice.model.ref] = learned_window(str(error), tokens) or min(known, tokens)
        return await self.compact(choice, request, tokens, "overflow")

    async def compact(
        self,
        choice: Choice,
        request: Request,
        tokens: int,
        reason: CompactionReason,
        focus: str = "",
    ) -> bool:
        """Make the path to the head short; whether that was possible. What was spent is recorded
        either way."""
        began, spent = time.monotonic(), list[Spend]()
        limits = self.ceilings(choice.model)
        await self._journal.emit(CompactionStarted(reason=reason, tokens=tokens))
        try:
            if self.before is not None:
                focus = "\n".join(filter(None, (focus, await self.before(reason, focus))))
            task = await self._summaries.task(choice, request, tokens, limits, reason, focus)
            cold = self._is_cold(choice.model.id)
            made = await self._summaries.made(task, choice, spent, cold=cold)
        except asyncio.CancelledError:
            await wholly(self._fail("It was interrupted.", spent))
            raise
        except IonError as error:
            self._breaker.note(str(error), self._journal.bus.view.entries)
            await self._fail(str(error), spent)
            return False
        await wholly(self._keep(task, made, spent, time.monotonic() - began))
        return True

    async def adopt(self, task: Task, made: Compaction) -> None:
        """Keep a compaction that was made, and perhaps edited, before."""
        await wholly(self._keep(task, made, [], 0.0))

    async def ahead(self, task: Task, choice: Choice) -> Compaction | Prune:
        """The entry that a task comes to, not written. Raises ``CannotCompact``."""
        spent = list[Spend]()
        try:
            cold = self._is_cold(choice.model.id)
            return await self._summaries.made(task, choice, spent, cold=cold)
        finally:
            if spent:
                await wholly(self._pay(spent))

    async def summary(self, task: Task, choice: Choice) -> str:
        """What a task comes to in words, for somewhere else; what it cost is recorded here."""
        spent = list[Spend]()
        try:
            return await self._summaries.text(task, choice, spent)
        finally:
            if spent:
                await wholly(self._pay(spent))

    async def _due(self, choice: Choice, request: Request, tokens: int) -> bool:
        """Compact if somebody wants it or the window is full."""
        limits = self.ceilings(choice.model)
        wanted, self._wanted = self._wanted, None
        if wanted is not None and self._is_heard(wanted[0], tokens, limits):
            return await self.compact(choice, request, tokens, *wanted)
        if tokens < limits.soft:
            return False
        entries = self._journal.bus.view.entries
        if not self._rules.auto:
            await self._say(MANUAL.format(tokens=tokens, window=limits.window))
            return False
        if is_thrashing(entries):
            await self._say(THRASHING.format(times=3))
            return False
        if self._breaker.is_open(entries):
            return False
        return await self.compact(choice, request, tokens, "full")

    def _is_heard(self, reason: CompactionReason, tokens: int, limits: Ceilings) -> bool:
        """A model may not compact what is short."""
        return reason != "model" or (tokens >= LEAST and tokens >= LEAST_SHARE * limits.soft)

    async def _tidy(self, choice: Choice, tokens: int) -> bool:
        """Put old results away where the provider's cache is gone anyway."""
        if not self._rules.auto or not self._is_cold(choice.model.id):
            return False
        from ion_core.compaction.prune import pruning  # start-up: seldom, and after a pause

        put_away = pruning(self._journal.bus.view.entries)
        if not put_away.is_worth_it:
            return False
        await self._journal.record(Append(body=put_away.entry(tokens)))
        after = tokens - put_away.saved
        await self._journal.emit(
            CompactionEnded(tokens_before=tokens, tokens_after=after, mode="prune")
        )
        return True

    def _is_cold(self, model: str) -> bool:
        """Whether the last answer is older than what the provider keeps in its cache."""
        for entry in reversed(self._journal.bus.view.entries):
            if isinstance(entry.body, Message) and entry.body.role == "assistant":
                from ion_core.context.cache_rules import rule_for  # start-up: not at the first

                return self._clock() - entry.at > rule_for(model).ttl_s
            if isinstance(entry.body, Prune | Compaction):
                return False
        return False

    async def _keep(
        self, task: Task, made: Compaction | Prune, spent: list[Spend], seconds: float
    ) -> None:
        """Write it, count what came meanwhile as kept, and tell."""
        grown = len(self._journal.bus.view.entries) - len(task.entries)
        usage, paid = _sum(spent)
        stubs = tuple(replace(stub, back=stub.back + grown) for stub in made.stubs)
        made = replace(made, stubs=stubs)
        if isinstance(made, Compaction):
            made = replace(made, kept=made.kept + grown, usage=usage, cost_nano=paid)
        await self._journal.record(Append(body=made), *spent)
        await self._journal.emit(
            CompactionEnded(
                tokens_before=made.tokens_before,
                tokens_after=made.tokens_after,
                mode="prune" if isinstance(made, Prune) else made.mode,
                usage=usage,
                cost_nano=paid,
                duration_ms=round(seconds * 1000),
            )
        )
        await self._charge(spent)
        if self.after is not None and isinstance(made, Compaction):
            await self.after(made.reason, made.summary)

    async def _fail(self, reason: str, spent: list[Spend]) -> None:
        usage, paid = _sum(spent)
        if spent:
            await self._journal.record(*spent)
        await self._journal.emit(CompactionFailed(reason=reason, usage=usage, cost_nano=paid))
        await self._charge(spent)

    async def _pay(self, spent: list[Spend]) -> None:
        """Record what no compaction tells of, and say what the session took with it."""
        await self._journal.record(*spent)
        view, (usage, paid) = self._journal.bus.view, _sum(spent)
        sums = SessionChanged(
            usage=view.usage + (usage or Usage()),
            cost_nano=view.cost_nano + (paid or 0),
            cost_known=view.cost_known and paid is not None,
        )
        await self._journal.emit(sums)
        await self._charge(spent)

    async def _charge(self, spent: list[Spend]) -> None:
        for spend in spent if self.charge is not None else ():
            assert self.charge is not None
            await self.charge(spend.usage, spend.cost_nano)

    async def _say(self, text: str) -> None:
        """Once in a session."""
        kind = text[:20]
        if kind not in self._told:
            self._told.add(kind)
            await self._journal.emit(Notice(level="warning", text=text))

    def _sentence(self, tokens: int, limits: Ceilings) -> str:
        return (
            f"The conversation takes about {tokens:,} tokens, the model reads {limits.window:,}. "
            "Compact it (/compact), go back to an earlier message (Esc Esc), begin anew with "
            "/handoff, or choose a model with a larger window."
        )


def _sum(spent: list[Spend]) -> tuple[Usage | None, int | None]:
    """What was used and what it cost; None for what nobody knows."""
    if not spent:
        return None, None
    usage, paid = Usage(), 0
    for spend in spent:  # a discarded attempt is nobody's answer
        if spend.purpose == "retry":
            continue
        usage += spend.usage
        paid += spend.cost_nano or 0
    return usage, None if any(spend.cost_nano is None for spend in spent) else paid
