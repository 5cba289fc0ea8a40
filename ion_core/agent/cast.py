"""Who answers in one turn: the session's model, and those that take over when it cannot.

A stand-in answers until the turn is over; the next turn begins with the session's own model again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.agent.models import Choice, Resolve
from ion_core.errors import IonError, ProviderError, QuotaExceeded

HASTE = 2
"""Attempts with one model while another one waits to take over."""


class Cast:
    """``choice`` answers now; ``others`` are asked in their order when it fails."""

    def __init__(self, choice: Choice, others: Sequence[str], resolve: Resolve) -> None:
        self.choice = choice
        self._resolve = resolve
        self._others = [ref for ref in others if ref != choice.ref]

    @property
    def attempts(self) -> int:
        """How often the present model is asked before it has failed."""
        return min(HASTE, self.choice.attempts) if self._others else self.choice.attempts

    async def take_over(self, error: ProviderError) -> str:
        """Let the next model answer after ``error``; what to tell people, "" when nobody can.

        Only what another model could do better is a reason: overload, limits, a lost connection.
        """
        if not (error.retryable or isinstance(error, QuotaExceeded)):
            return ""
        while self._others:
            ref, failed = self._others.pop(0), self.choice.ref
            try:
                self.choice = await self._resolve(ref)
            except IonError:  # it cannot answer either
                continue
            return f"{failed} does not answer ({error}) {self.choice.ref} takes over."
        return ""
