"""Models that sum up, played: they copy a fact that they are shown by a fixed chance.

All algorithms are given the same ones. What they show differs, and so what can be copied.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ion_core.compaction.summary import HEADINGS
from tests.bench_context.facts import CARRIED, LOSSY, Fact, Kind

PADDING = 600
"""Words that every summary has beside its facts, so that its size is that of a real one: some
1,200 tokens."""


@dataclass
class Teller:
    """``chance`` of each kind; ``facts`` are all that were planted so far. ``calls`` counts."""

    chance: Callable[[Kind], float]
    facts: Sequence[Fact] = ()
    seed: int = 0
    calls: int = 0
    carried: float = CARRIED
    last: str = field(default="")

    def sum_up(self, shown: str, prior: str = "", most: int = 0) -> str:
        """The summary of what is shown; ``prior`` is the one before, of which most is kept;
        ``most`` are the tokens that were asked for (0: as many as it likes)."""
        self.calls += 1
        chance = random.Random(f"{self.seed}/{self.calls}")
        lines = []
        for fact in self.facts:
            if fact.value in prior:
                keeps = chance.random() < self.carried
            else:
                keeps = fact.value in shown and chance.random() < self.chance(fact.kind)
            if keeps:
                lines.append(f"- {fact.line}")
        told = "\n".join(lines) or "(none)"
        padding = " ".join(f"and{n}" for n in range(min(PADDING, most // 6) if most else PADDING))
        rest = "\n\n".join(f"## {name}\n(none)" for name in HEADINGS[1:])
        rest += f"\n{padding}"
        self.last = f"## {HEADINGS[0]}\n{told}\n\n{rest}"
        return self.last


def oracle(seed: int) -> Teller:
    """Copies everything that it is shown."""
    return Teller(lambda kind: 1.0, seed=seed, carried=1.0)


def lossy(seed: int) -> Teller:
    """Copies as models may."""
    return Teller(lambda kind: LOSSY[kind], seed=seed)


def hostile(seed: int) -> Teller:
    """Copies nothing: only structure survives."""
    return Teller(lambda kind: 0.0, seed=seed, carried=0.0)


TELLERS = {"oracle": oracle, "lossy": lossy, "hostile": hostile}
