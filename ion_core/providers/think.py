"""Thoughts that a model writes into its answer as ``<think>…</think>``, or in a tag like it.

Local models and raw reasoning formats do so. Only a tag at the very start of the content counts:
anywhere else a model may be talking about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

TAGS = ("think", "reasoning", "thought")
"""Nearly everybody · gpt-oss at Bedrock · Gemini's compatible endpoint."""

Spoken: TypeAlias = tuple[Literal["text", "reasoning"], str]


class ThinkSplitter:
    """Splits content that arrives in pieces. What could still become a tag is held back."""

    def __init__(self) -> None:
        self._state: Literal["start", "thought", "gap", "text"] = "start"
        self._held, self._close = "", ""

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
        for tag in TAGS:
            if begin.startswith(f"<{tag}>"):
                self._state, self._close = "thought", f"</{tag}>"
                self._held = begin[len(tag) + 2 :]
                return
        if not any(f"<{tag}>".startswith(begin) for tag in TAGS):
            self._state = "text"

    def _thought(self) -> Iterator[Spoken]:
        thought, tag, rest = self._held.partition(self._close)
        if tag:
            self._state, self._held = "gap", rest
        else:
            keep = _overlap(self._held, self._close)
            thought, self._held = self._held[:keep], self._held[keep:]
        if thought:
            yield "reasoning", thought


def _overlap(text: str, tag: str) -> int:
    """Where a beginning of ``tag`` stands at the end of ``text``; its length if none."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if tag.startswith(text[-size:]):
            return len(text) - size
    return len(text)
