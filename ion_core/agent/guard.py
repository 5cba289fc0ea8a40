"""Against going round in circles: the same calls with the same results, again and again.

The third time the model is told within the result; the fifth time the turn stops, so that the
person can say how to go on. An error that comes back after different changes is only pointed out,
since that is what looking for a fault is like.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

import msgspec

from ion_core.errors import Loop
from ion_core.messages import Status

TOLD, STOPPED, ERRORS_TOLD = 3, 5, 4
LONGEST_CYCLE = 4
WAITED_MS = 5_000
"""A command that takes this long may well be waiting for something, and be asked again."""

_WAITING = frozenset({"bash", "job", "task_control"})


class Guard:
    """Watches the calls of one turn."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The person spoke: whatever was repeated before is over."""
        self._calls: deque[str] = deque(maxlen=LONGEST_CYCLE * STOPPED)
        self._names: deque[str] = deque(maxlen=LONGEST_CYCLE * STOPPED)
        self._errors: Counter[str] = Counter()
        self._step: set[str] = set()
        self._unlike = 0
        self._stop = ""

    def begin_step(self) -> None:
        """The calls of another answer follow; the same one twice in an answer counts once."""
        self._step.clear()

    def settle(
        self,
        name: str,
        arguments: Mapping[str, Any],
        status: Status,
        content: str,
        duration_ms: int,
    ) -> str:
        """Take note of a call and its result; what the model is to be told of it, or nothing."""
        call = _digest(name, arguments, status, content)
        if call in self._step:
            return ""
        self._step.add(call)
        if name in _WAITING and duration_ms >= WAITED_MS:
            self._unlike += 1
            call = f"waited {self._unlike}"
        self._calls.append(call)
        self._names.append(name)
        return self._repeats() or self._same_error(name, status, content)

    def check(self) -> None:
        """Raises ``Loop`` when it is time to stop."""
        if self._stop:
            raise Loop(self._stop)

    def _repeats(self) -> str:
        for period in range(1, LONGEST_CYCLE + 1):
            times = self._times(period)
            if times >= STOPPED:
                self._stop = _question(list(self._names)[-period:], times)
            if times >= TOLD:
                what = "This same call" if period == 1 else f"This same row of {period} calls"
                return (
                    f"\n[{what} has now given the same result {times} times. Repeating it changes "
                    "nothing: try another way, or say what is in the way.]"
                )
        return ""

    def _times(self, period: int) -> int:
        """How often the last so many calls were made one row after another."""
        calls = list(self._calls)
        times, at = 1, len(calls) - period
        while at >= period and calls[at - period : at] == calls[-period:]:
            times, at = times + 1, at - period
        return times

    def _same_error(self, name: str, status: Status, content: str) -> str:
        if status != "error":
            return ""
        error = f"{name} {re.sub(r'0x[0-9a-f]+|[0-9]+', '#', content)}"
        self._errors[error] += 1
        if self._errors[error] != ERRORS_TOLD:
            return ""
        return (
            f"\n[The same error for the {ERRORS_TOLD}th time in this turn. Look for its cause "
            "elsewhere before changing more.]"
        )


def _digest(name: str, arguments: Mapping[str, Any], status: Status, content: str) -> str:
    said = msgspec.json.encode([name, arguments, status], order="deterministic")
    return hashlib.blake2b(
        said + content.encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def _question(names: list[str], times: int) -> str:
    row = ", ".join(names)
    what = f"the same {row} call" if len(names) == 1 else f"the same calls ({row})"
    return (
        f"Stopped: {what} gave the same result {times} times in a row. How should it go on? Say "
        "what to do differently."
    )
