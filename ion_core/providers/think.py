"""Thoughts that a model writes into its answer as ``<think>…</think>``.

Local models and raw reasoning formats do so. Only tags at the very start of the content count:
anywhere else a model may be talking about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

OPEN, CLOSE = "<think>", "</think>"

Spoken: TypeAlias = tuple[Literal["text", "reasoning"], str]


class ThinkSplitter:
    """Splits content that arrives in pieces. What could still become a tag is held back."""

    def __init__(self) -> None:
        self._state: Literal["start", "thought", "gap", "text"] = "start"
        self._held = ""

    def feed(self, piece: str) -> Iterator[Spoken]:
        """What can be said now, in order."""
        self._held += piece
        if self._state == "start":
            self._start()
        if self._state == "thought":
            yield from self._thought()
        if self._state == "gap":
            self._held = self._held.lstrip()
            self._state = "text" if self._held else "gap"
        if self._state == "text" and self._held:
            text, self._held = self._held, ""
            yield "text", text

    def flush(self) -> Iterator[Spoken]:
        """What was held back, when nothing more will come."""
        held, self._held = self._held, ""
        if held:
            yield ("reasoning" if self._state == "thought" else "text"), held

    def _start(self) -> None:
        begin = self._held.lstrip()
        if begin.startswith(OPEN):
            self._state, self._held = "thought", begin[len(OPEN) :]
        elif not OPEN.startswith(begin):
            self._state = "text"

    def _thought(self) -> Iterator[Spoken]:
        thought, tag, rest = self._held.partition(CLOSE)
        if tag:
            self._state, self._held = "gap", rest
        else:
            keep = _overlap(self._held)
            thought, self._held = self._held[:keep], self._held[keep:]
        if thought:
            yield "reasoning", thought


def _overlap(text: str) -> int:
    """Where a beginning of the closing tag stands at the end of ``text``; its length if none."""
    for size in range(min(len(CLOSE) - 1, len(text)), 0, -1):
        if CLOSE.startswith(text[-size:]):
            return len(text) - size
    return len(text)
