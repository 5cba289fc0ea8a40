"""When compacting by itself stops: a conversation that is compacted again and again gets nowhere.

What the path says is enough for most of it, so that a session that is opened anew stops where it
stopped before.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.entries import Compaction, Entry
from ion_core.messages import Message

THRASH = 3
"""Compactions in a row with nothing achieved between them."""
FAILURES = 3
"""The same failure so many times is the last of its kind."""


def is_thrashing(entries: Sequence[Entry]) -> bool:
    """Whether the last compactions of a path had neither a new prompt nor a tool that succeeded
    between them, nor after them."""
    number = 0
    for entry in reversed(entries):
        if isinstance(entry.body, Compaction):
            number += 1
            if number == THRASH:
                return True
        elif _is_progress(entry):
            return False
    return False


def _is_progress(entry: Entry) -> bool:
    body = entry.body
    if not isinstance(body, Message):
        return False
    return body.role == "user" or any(result.status == "ok" for result in body.results)


class Breaker:
    """Counts failures; those of before a new prompt are forgotten."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._prompts = 0

    def note(self, reason: str, entries: Sequence[Entry]) -> None:
        """It failed, for ``reason``."""
        self._forget(entries)
        kind = "".join(char for char in reason if not char.isdigit())
        self._failures[kind] = self._failures.get(kind, 0) + 1

    def is_open(self, entries: Sequence[Entry]) -> bool:
        """Whether nothing more is tried until somebody says something new."""
        self._forget(entries)
        return any(count >= FAILURES for count in self._failures.values())

    def _forget(self, entries: Sequence[Entry]) -> None:
        prompts = sum(
            isinstance(entry.body, Message) and entry.body.role == "user" for entry in entries
        )
        if prompts != self._prompts:
            self._failures, self._prompts = {}, prompts
