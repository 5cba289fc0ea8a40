"""Where work stops by itself: requests, tokens, money and time.

Limits are checked when a step is over and its calls have run, and time also in between: what was
paid for is kept, and the history stays whole. A budget may belong to a larger one, which is charged
for the same and stops the same work.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from msgspec import Struct

from ion_core.errors import BudgetExceeded
from ion_core.ids import Clock
from ion_core.usage import Usage

KEPT = "What was done is kept."
SOFT = 0.8
"""The share of a limit from which people are told that it comes near."""
UNPRICED = "The price of this model is unknown, so the limit on cost cannot stop it."


class Limits(Struct, frozen=True, kw_only=True):
    """What may be used, or was; a limit of 0 is none. ``cost_nano`` is in 1e-9 USD, ``tokens`` are
    those of prompts and answers, ``time_s`` is how long turns take."""

    steps: int = 0
    cost_nano: int = 0
    tokens: int = 0
    time_s: float = 0.0


class Bounds(Struct, frozen=True, kw_only=True):
    """The limits of one run, and those of a session with all its runs."""

    run: Limits = Limits()
    session: Limits = Limits()


class _Measure(NamedTuple):
    """One limit, what is used of it, and both in words."""

    limit: float
    used: float
    name: str
    words: str
    key: str

    @property
    def is_reached(self) -> bool:
        return 0 < self.limit <= self.used

    @property
    def is_near(self) -> bool:
        return SOFT * self.limit <= self.used < self.limit


class Budget:
    """What was used of its limits. ``used`` was used before; ``parent`` is charged too; ``clock``
    is in seconds and never goes back."""

    def __init__(
        self,
        limits: Limits,
        *,
        used: Limits | None = None,
        parent: Budget | None = None,
        of: Literal["run", "session"] = "run",
        clock: Clock = time.monotonic,
    ) -> None:
        self.limits, self._parent, self._of, self._clock = limits, parent, of, clock
        before = used or Limits()
        self._steps, self._tokens = before.steps, before.tokens
        self._cost_nano, self._time_s = before.cost_nano, before.time_s
        self._runners, self._since = 0, 0.0
        self._told: set[tuple[str, float]] = set()
        self._unpriced = False

    def step(self) -> None:
        """A request was answered."""
        self._steps += 1
        if self._parent is not None:
            self._parent.step()

    def charge(self, usage: Usage, cost_nano: int | None) -> None:
        """Count what a request used; None is an unknown price."""
        self._tokens += usage.total
        self._cost_nano += cost_nano or 0
        self._unpriced = self._unpriced or cost_nano is None
        if self._parent is not None:
            self._parent.charge(usage, cost_nano)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time passes here and in the parent. What runs beside one another counts once."""
        if not self._runners:
            self._since = self._clock()
        self._runners += 1
        try:
            with self._parent.running() if self._parent is not None else _nobody():
                yield
        finally:
            self._runners -= 1
            if not self._runners:
                self._time_s += self._clock() - self._since

    def news(self) -> list[str]:
        """What people should be told now, each once: a limit that comes near, and one on cost that
        cannot hold."""
        found = []
        if self._unpriced and self.limits.cost_nano and self._is_new(UNPRICED, 0):
            found.append(UNPRICED)
        for each in self._measures():
            if each.is_near and self._is_new(each.key, each.limit):
                share = f"{100 * each.used // each.limit:.0f} %"
                found.append(f"{share} of the {self._of}'s {each.name} is used: {each.words}.")
        # What pays for a whole session is another session's, which is told by itself.
        above = self._parent.news() if self._parent is not None and self._of == "run" else []
        return found + [sentence for sentence in above if sentence not in found]

    def check(self) -> None:
        """Raises ``BudgetExceeded`` when a limit is reached, the parent's too."""
        for each in self._measures():
            if each.is_reached:
                whose = "session's " if self._of == "session" else ""
                raise BudgetExceeded(
                    f"Stopped at the {whose}{each.name}: {each.words}. {KEPT} "
                    f"{self._way_on(each.key)}",
                    "max_turns" if each.key == "max_turns" else "budget",
                )
        if self._parent is not None:
            self._parent.check()

    def left_s(self) -> float | None:
        """Seconds until the first limit on time is reached; None when there is none."""
        own = self.limits.time_s - self._spent_s() if self.limits.time_s else None
        above = self._parent.left_s() if self._parent is not None else None
        return min((left for left in (own, above) if left is not None), default=None)

    def near_s(self) -> float | None:
        """Seconds until a limit on time comes near that is not near yet; None when none does."""
        own = SOFT * self.limits.time_s - self._spent_s()
        above = self._parent.near_s() if self._parent is not None else None
        known = (own if own > 0 else None, above)
        return min((left for left in known if left is not None), default=None)

    def _spent_s(self) -> float:
        return self._time_s + (self._clock() - self._since if self._runners else 0.0)

    def _is_new(self, key: str, limit: float) -> bool:
        known = (key, limit) in self._told
        self._told.add((key, limit))
        return not known

    def _way_on(self, key: str) -> str:
        if self._of == "session":
            return f"Raise limits.session_{key} (/limits) to go on."
        return f"Say how to go on, or raise limits.{key} (/limits)."

    def _measures(self) -> tuple[_Measure, ...]:
        limits, time_s = self.limits, self._spent_s()
        money = f"${self._cost_nano / 1e9:.4f} of ${limits.cost_nano / 1e9:g} spent"
        tokens = f"{self._tokens:,} of {limits.tokens:,} tokens used"
        steps = f"{self._steps} of {limits.steps} requests made"
        seconds = f"{time_s:.1f} of {limits.time_s:g} seconds passed"
        return (
            _Measure(limits.cost_nano, self._cost_nano, "limit on cost", money, "max_cost_usd"),
            _Measure(limits.tokens, self._tokens, "limit on tokens", tokens, "max_tokens"),
            _Measure(limits.steps, self._steps, "turn limit", steps, "max_turns"),
            _Measure(limits.time_s, time_s, "limit on time", seconds, "max_time_s"),
        )


@contextmanager
def _nobody() -> Iterator[None]:
    yield
