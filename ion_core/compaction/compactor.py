"""Compaction in its order: put old results away if that is enough, else cut, summarise, check.

It always comes to an end and never makes things worse: what a model cannot summarise is summarised
without one, and what would not become clearly smaller is refused with a sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from ion_core.compaction.base import Ask, CannotCompact, Made, Task
from ion_core.compaction.carried import carried
from ion_core.compaction.cut import covered, cut
from ion_core.compaction.mechanical import mechanical
from ion_core.compaction.prune import pruning, shortened
from ion_core.compaction.sizes import size, tokens_of
from ion_core.compaction.summariser import Summariser, Summary
from ion_core.context.increment import preamble
from ion_core.context.reading import last_compaction, reading
from ion_core.entries import Compaction, Entry, Instructions
from ion_core.ids import EntryId
from ion_core.messages import Message

ENOUGH = 0.55
"""Of the soft limit: below it, putting results away was enough."""
LEAST_CUT = 0.3
"""A compaction makes a request smaller by at least this share."""
OVERHEAD = 0.6
"""Of the window: instructions and tools that fill more are not helped by summaries."""
KEEP_SHARE, STEP_SHARE = 0.25, 0.35
"""Of the soft limit: the most that stays word for word, and the most of one step."""
LONGEST_SHARE, LONGEST = 0.25, 1_000
"""Of what stays word for word, the most of one result; and tokens that it may always have."""
UNREAD, UNREAD_SHARE = 10_000, 0.25
"""The most of results that the model has not read yet, in tokens and of the soft limit."""
RATIO = (0.7, 1.6)
"""What a token by size may be in tokens of the model."""


class CheckpointCompactor:
    """The compactor of the product. It keeps nothing between two tasks."""

    async def compact(self, task: Task, ask: Ask) -> Made:
        fixed = _fixed(task)
        self._check_overhead(task, fixed)
        if task.reason == "person" and not task.focus and _is_new(task.entries):
            raise CannotCompact("Nothing was said since the last checkpoint.")
        if task.reason == "full" and task.keep:
            put_away = pruning(task.entries)
            enough = task.tokens - put_away.saved <= ENOUGH * task.ceilings.soft
            if put_away.is_worth_it and enough:
                return Made(entry=put_away.entry(task.tokens))
        kept = cut(task.entries, keep=_keep(task, fixed), most=_most(task))
        replaced = covered(task.entries, kept)
        if not any(isinstance(entry.body, Message) for entry in replaced):
            raise CannotCompact("There is nothing to compact yet: the conversation is short.")
        ledgers = await asyncio.to_thread(task.ledgers, kept)
        summary = await Summariser(task, ask, _anchor(task.entries, kept)).summary()
        made = None
        if summary is not None:
            text = carried(_prior(task), summary.text, most=task.ceilings.summary)
            made = self._entry(task, kept, replace(summary, text=text), ledgers, fixed)
        if made is None or not _is_progress(task, made):
            made = self._entry(task, kept, self._mechanical(task, replaced), ledgers, fixed)
        if not _is_progress(task, made):
            raise CannotCompact(
                f"A checkpoint would leave {made.tokens_after:,} of {task.tokens:,} tokens. Begin "
                "anew with /handoff, choose a model with a larger window, or set "
                "compaction.keep_recent_tokens lower."
            )
        return Made(entry=made)

    def _check_overhead(self, task: Task, fixed: int) -> None:
        if fixed > OVERHEAD * task.ceilings.window:
            raise CannotCompact(
                f"Instructions and tools take about {fixed:,} of {task.ceilings.window:,} tokens, "
                "so a summary cannot help. See /context for what to remove, or choose a model with "
                "a larger window."
            )

    def _mechanical(self, task: Task, replaced: Sequence[Entry]) -> Summary:
        text = mechanical(replaced, most=task.ceilings.summary, prior=_prior(task))
        return Summary(text=text, mode="mechanical", model="")

    def _entry(
        self, task: Task, kept: int, summary: Summary, ledgers: str, fixed: int
    ) -> Compaction:
        made = Compaction(
            number=_number(task.entries),
            summary=summary.text,
            ledgers=ledgers,
            kept=kept,
            stubs=shortened(
                task.entries,
                kept,
                most=_longest(task, fixed),
                unread=min(UNREAD, int(UNREAD_SHARE * task.ceilings.soft)),
            ),
            mode=summary.mode,
            reason=task.reason,
            focus=task.focus,
            model=summary.model,
            tokens_before=task.tokens,
        )
        return sized(task, made, fixed)


def sized(task: Task, made: Compaction, fixed: int | None = None) -> Compaction:
    """The compaction with what it leaves: measured as what it replaces was."""
    fixed = _fixed(task) if fixed is None else fixed
    now = sum(size(message) for message in reading(task.entries))
    tail = task.entries[len(task.entries) - made.kept :]
    standing = [entry for entry in task.entries if isinstance(entry.body, Instructions)]
    last = Entry(id=EntryId(""), parent=None, at=0.0, body=made)
    then = sum(size(message) for message in reading([*_before(standing, tail), *tail, last]))
    base = fixed - _standing(task.entries)
    ratio = min(RATIO[1], max(RATIO[0], task.tokens / max(1, base + now)))
    return replace(made, tokens_after=round((base + then) * ratio))


def _before(standing: Sequence[Entry], tail: Sequence[Entry]) -> list[Entry]:
    ids = {id(entry) for entry in tail}
    return [entry for entry in standing if id(entry) not in ids]


def _prior(task: Task) -> str:
    """The summary of the checkpoint before."""
    before = last_compaction(task.entries)
    body = task.entries[before].body if before >= 0 else None
    return body.summary if isinstance(body, Compaction) else ""


def _fixed(task: Task) -> int:
    """Tokens of every request, whatever was said: system prompt, tools, instructions."""
    texts = preamble(task.request.system, task.request.tools)
    return sum(map(tokens_of, texts)) + _standing(task.entries)


def _standing(entries: Sequence[Entry]) -> int:
    return sum(
        tokens_of(entry.body.text) for entry in entries if isinstance(entry.body, Instructions)
    )


def _keep(task: Task, fixed: int) -> int:
    """Tokens that may stay so that all of it together comes below the goal; of a conversation that
    is still short a quarter, since somebody wants it shorter."""
    limits = task.ceilings
    room = limits.goal - fixed - limits.summary - limits.ledgers
    share = limits.soft if task.reason in ("full", "overflow") else task.tokens
    return max(0, min(task.keep, int(KEEP_SHARE * share), room))


def _most(task: Task) -> int:
    return int(STEP_SHARE * task.ceilings.soft) if task.keep else 0


def _longest(task: Task, fixed: int) -> int:
    """The most of a result that stays, in tokens."""
    return max(LONGEST, int(LONGEST_SHARE * _keep(task, fixed)))


def _is_new(entries: Sequence[Entry]) -> bool:
    """Whether a checkpoint is the last of what counts."""
    before = last_compaction(entries)
    return before >= 0 and not any(isinstance(e.body, Message) for e in entries[before + 1 :])


def _number(entries: Sequence[Entry]) -> int:
    return 1 + sum(isinstance(entry.body, Compaction) for entry in entries)


def _anchor(entries: Sequence[Entry], kept: int) -> str:
    """How the first message that stays begins."""
    for entry in entries[len(entries) - kept :]:
        if isinstance(entry.body, Message):
            calls = "".join(f"{call.name} {call.arguments}" for call in entry.body.calls)
            return entry.body.text or calls
    return ""


def _is_progress(task: Task, made: Compaction) -> bool:
    """Whether it is clearly smaller. Where much was small talk a checkpoint may be larger than
    what it replaced."""
    return made.tokens_after <= (1 - LEAST_CUT) * task.tokens
