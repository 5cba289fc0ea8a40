"""Where chat completions keep what the model thought, and what it said.

Vendors use five fields for thoughts; the first non-empty one counts and is remembered, so that it
can be replayed in the field it came from. ``reasoning_details`` (OpenRouter) are kept as well,
fragments joined, since signatures live in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ion_core.messages import Reasoning
from ion_core.providers.think import Spoken, ThinkSplitter

FIELDS = ("reasoning_content", "reasoning", "reasoning_text")
"""DeepSeek, Kimi, GLM, Qwen, xAI, llama.cpp · OpenRouter, Groq, Ollama, vLLM · Copilot."""
DETAILS = "reasoning_details"
CONTENT = "content"
THINK = "think"

_GROWING = {"reasoning.text": "text", "reasoning.summary": "summary"}


class Thoughts:
    """Splits the deltas of one answer into thoughts and words."""

    def __init__(self, *, think_tags: bool) -> None:
        self._splitter = ThinkSplitter() if think_tags else None
        self._pieces: list[str] = []
        self._field = ""
        self._details: list[dict[str, Any]] = []

    def read(self, delta: dict[str, Any]) -> Iterator[Spoken]:
        """Thoughts, then words, of a delta or a message."""
        if thought := self._thought(delta):
            yield self._kept(thought)
        content = delta.get(CONTENT)
        if isinstance(content, str):
            yield from self._split(content)
        elif isinstance(content, list):
            for part in content:
                yield from self._typed(part)

    def flush(self) -> Iterator[Spoken]:
        """What was held back because it could have been a tag."""
        for channel, text in self._splitter.flush() if self._splitter else ():
            yield self._kept(text, THINK) if channel == "reasoning" else (channel, text)

    def part(self) -> Reasoning | None:
        """The reasoning part, None when there was no thought, open or sealed."""
        if not self._pieces and not self._details:
            return None
        opaque: dict[str, Any] = {"field": self._field} if self._field else {}
        if self._details:
            opaque[DETAILS] = self._details
        return Reasoning(text="".join(self._pieces), opaque=opaque)

    def _thought(self, delta: dict[str, Any]) -> str:
        told = delta.get(DETAILS)
        details = [d for d in told if isinstance(d, dict)] if isinstance(told, list) else []
        for detail in details:
            self._keep(detail)
        for field in FIELDS:
            if isinstance(text := delta.get(field), str) and text:
                self._field = self._field or field
                return text
        said = "".join(_words(detail) for detail in details)
        if said:
            self._field = self._field or DETAILS
        return said

    def _kept(self, text: str, field: str = "") -> Spoken:
        self._field = self._field or field
        self._pieces.append(text)
        return "reasoning", text

    def _split(self, content: str) -> Iterator[Spoken]:
        if self._splitter is None:
            if content:
                yield "text", content
            return
        for channel, text in self._splitter.feed(content):
            yield self._kept(text, THINK) if channel == "reasoning" else (channel, text)

    def _typed(self, part: object) -> Iterator[Spoken]:
        # Mistral: [{"type": "thinking", "thinking": [{"type": "text", "text": …}]}, …].
        match part:
            case str() if part:
                yield "text", part
            case {"type": "thinking", "thinking": list(inner)}:
                words = "".join(_words(item) for item in inner if isinstance(item, dict))
                if words:
                    yield self._kept(words, CONTENT)
            case {"type": "thinking", "thinking": str(words)} if words:
                yield self._kept(words, CONTENT)
            case {"text": str(words)} if words:
                yield "text", words

    def _keep(self, detail: dict[str, Any]) -> None:
        last = self._details[-1] if self._details else {}
        grows = _GROWING.get(str(detail.get("type")), "")
        # What was signed is finished.
        if not grows or _place(last) != _place(detail) or last.get("signature"):
            self._details.append(dict(detail))
            return
        said = _text(last.get(grows)) + _text(detail.get(grows))
        last.update({key: value for key, value in detail.items() if value})
        last[grows] = said


def _place(detail: dict[str, Any]) -> tuple[object, object]:
    return detail.get("type"), detail.get("index")


def _words(detail: dict[str, Any]) -> str:
    return _text(detail.get("text")) or _text(detail.get("summary"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
