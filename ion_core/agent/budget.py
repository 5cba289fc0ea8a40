"""Where a turn stops by itself: requests, tokens and money.

Limits are checked when a step is over and its calls have run: what was paid for is kept, and the
history stays whole.
"""

from __future__ import annotations

from msgspec import Struct

from ion_core.errors import BudgetExceeded
from ion_core.usage import Usage

KEPT = "What was done is kept."


class Limits(Struct, frozen=True, kw_only=True):
    """Of one turn; 0 is no limit. ``cost_nano`` is in 1e-9 USD, ``tokens`` are those of prompts and
    answers."""

    steps: int = 0
    cost_nano: int = 0
    tokens: int = 0


class Budget:
    """What one turn has used of its limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps = self._tokens = self._cost_nano = 0
        self._unpriced = False

    def step(self) -> None:
        """A request was answered."""
        self._steps += 1

    def charge(self, usage: Usage, cost_nano: int | None) -> str:
        """Count what a request used; a sentence for people when its price is unknown although
        money is limited, said once."""
        self._tokens += usage.total
        self._cost_nano += cost_nano or 0
        if cost_nano is not None or self._unpriced or not self._limits.cost_nano:
            return ""
        self._unpriced = True
        return "The price of this model is unknown, so the limit on cost cannot stop it."

    def check(self) -> None:
        """Raises ``BudgetExceeded`` when a limit is reached."""
        limits = self._limits
        if _over(self._cost_nano, limits.cost_nano):
            used = f"${self._cost_nano / 1e9:.4f} of ${limits.cost_nano / 1e9:g}"
            raise BudgetExceeded(f"Stopped at the limit on cost: {used} spent. {KEPT}")
        if _over(self._tokens, limits.tokens):
            used = f"{self._tokens:,} of {limits.tokens:,} tokens"
            raise BudgetExceeded(f"Stopped at the limit on tokens: {used} used. {KEPT}")
        if _over(self._steps, limits.steps):
            used = f"{self._steps} of {limits.steps} requests"
            raise BudgetExceeded(f"Stopped at the turn limit: {used} made. {KEPT}", "max_turns")


def _over(used: int, limit: int) -> bool:
    return bool(limit) and used >= limit
