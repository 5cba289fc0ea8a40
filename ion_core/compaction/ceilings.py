"""How much of a window a conversation may fill: one formula, which ``/context`` shows too."""

from __future__ import annotations

import re

from msgspec import Struct

ASSUMED_WINDOW = 128_000
"""Tokens of a window that nobody knows, until the provider says that a prompt is too large."""
ANSWER, SUMMARY = 16_000, 4_000
SUMMARY_SHARE, LEDGERS_SHARE = 0.4, 0.4
"""Of a checkpoint of a given size. What is left is for what a summary loses of the one before."""
SHORTEST = 200
"""Tokens in which the headings of a summary have something to say."""
LEDGERS = 0.2
"""Of the soft limit: the most that ledgers take."""
"""Tokens left for an answer and for a summary, at most."""
FULL = 0.85
SETTLED = 0.5
"""A compaction must leave no more than this share of the soft limit."""

_SIZES = re.compile(r"(\d[\d,_.]{2,})")


class Ceilings(Struct, frozen=True, kw_only=True):
    """In tokens. At ``soft`` a conversation is compacted when no tool is at work; above ``hard`` no
    request is sent. ``summary`` is the longest summary, ``ledgers`` the most of the ledgers.
    ``assumed``: the window is a guess."""

    window: int
    hard: int
    soft: int
    summary: int
    ledgers: int
    assumed: bool = False

    @property
    def goal(self) -> int:
        """What a compaction must come below."""
        return int(self.soft * SETTLED)


def ceilings(
    window: int, max_output: int = 0, soft_limit: int = 0, checkpoint: int = 0
) -> Ceilings:
    """The ceilings of a model. 0 means, in this order: unknown, unknown, no limit, no limit."""
    known = window or ASSUMED_WINDOW
    summary = min(SUMMARY, known // 10)
    answer = min(max_output or ANSWER, ANSWER, known // 4)
    hard = known - answer - summary
    soft = min(hard, soft_limit or int(FULL * known))
    ledgers = int(LEDGERS * soft)
    if checkpoint:
        summary = min(summary, max(SHORTEST, int(SUMMARY_SHARE * checkpoint)))
        ledgers = min(ledgers, int(LEDGERS_SHARE * checkpoint))
    return Ceilings(
        window=known, hard=hard, soft=soft, summary=summary, ledgers=ledgers, assumed=not window
    )


def learned_window(sentence: str, sent: int) -> int:
    """The window that a provider's refusal names ("210,345 tokens > 200,000 maximum"), 0 when it
    names none. ``sent`` is about how many tokens it refused."""
    named = [int(re.sub(r"[,_.]", "", size)) for size in _SIZES.findall(sentence)]
    fit = [size for size in named if 1_000 <= size <= 20_000_000]
    below = [size for size in fit if size < max(fit)] if len(fit) > 1 else fit
    likely = [size for size in below if size <= max(sent, 1_000) * 2]
    return max(likely, default=0)
