"""What a session may use over all its turns, and what is left of that for the next one.

Money and tokens are known of every turn that ever was; requests and time of a session that is
opened again are those of the branch that it goes on with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from ion_core.agent.budget import Bounds, Budget, Limits
from ion_core.agent.journal import Journal
from ion_core.entries import Entry
from ion_core.messages import Message


class Allowance:
    """``bounds`` says what the limits are now: one that was raised holds from the next turn on.
    ``above`` is a budget of another session that pays for this one, None when none does."""

    def __init__(self, journal: Journal, bounds: Callable[[], Bounds]) -> None:
        self._journal, self._bounds = journal, bounds
        self._session: Budget | None = None
        self.above: Budget | None = None

    def turn(self) -> Budget:
        """The budget of a turn that begins. Raises ``BudgetExceeded`` when the session has none
        left."""
        return Budget(self._bounds().run, parent=self.session())

    def session(self) -> Budget:
        """The budget of the session. Raises ``BudgetExceeded`` when nothing of it is left."""
        limits = self._bounds().session
        if self._session is None:
            used = self._used()
            self._session = Budget(limits, used=used, parent=self.above, of="session")
        self._session.limits = limits
        self._session.check()
        return self._session

    def _used(self) -> Limits:
        view, since = self._journal.bus.view, self._journal.info.created_at
        own = [entry for entry in view.entries if entry.at >= since]  # not those of a fork's origin
        answers = [entry for entry in own if _is_answer(entry)]
        return Limits(
            steps=len(answers),
            cost_nano=view.cost_nano,
            tokens=view.usage.total,
            time_s=worked_s(own),
        )


def worked_s(entries: Sequence[Entry]) -> float:
    """About how many seconds the turns of a path took: what went before answers, and calls."""
    total = 0.0
    for before, entry in pairwise(entries):
        gap = max(0.0, entry.at - before.at)
        if _is_answer(entry):
            total += gap
        elif isinstance(entry.body, Message) and entry.body.role == "tool":
            total += min(gap, _longest_s(entry.body))
    return total


def _is_answer(entry: Entry) -> bool:
    return isinstance(entry.body, Message) and entry.body.role == "assistant"


def _longest_s(body: Message) -> float:
    """A call that waited for a person while nothing ran has not taken that long."""
    shown = [result.display for result in body.results if result.display is not None]
    return max((display.duration_ms or 0 for display in shown), default=0) / 1000
