"""What Gemini says, from the JSON of its chunks or of its whole body.

Pure: it is fed parsed objects and gives chunks of ion's own. Parts stay in the order in which they
came; texts that follow one another are one part. What a server ran itself (code, searches) and
what nobody knows yet is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ion_core.messages import Reasoning, StopReason, Text
from ion_core.providers.base import Chunk, Finished, PartDelta, PartDone
from ion_core.providers.google_calls import Calls
from ion_core.providers.google_signed import SIGNATURE, Growing
from ion_core.providers.google_usage import GoogleUsage
from ion_core.providers.sse import SseEvent
from ion_core.providers.wire_json import decoded, json_object

STOPS: dict[str, StopReason] = {
    "STOP": "end_turn",
    "MAX_TOKENS": "max_tokens",
    # Gemini 4: the most that one request may answer, while the budget was for more.
    "CONTINUATION": "max_tokens",
    "MALFORMED_FUNCTION_CALL": "malformed_tool_call",
    "UNEXPECTED_TOOL_CALL": "malformed_tool_call",
    "TOO_MANY_TOOL_CALLS": "malformed_tool_call",
    "MISSING_THOUGHT_SIGNATURE": "error",
    **dict.fromkeys(
        ("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"),
        "content_filter",
    ),
    "MODEL_ARMOR": "content_filter",
}
"""``finishReason`` (https://ai.google.dev/api/generate-content#FinishReason); those that begin with
``IMAGE_`` are safety stops, too."""
_UNSAID = "FINISH_REASON_UNSPECIFIED"


class GoogleAnswer:
    """Reads one answer. It is complete once a finish reason, or the reason why the prompt was
    blocked, was told; ``error`` is the error object that came instead of, or within, it."""

    def __init__(self) -> None:
        self.error: Any = None
        self.complete = self.done = False
        self.model, self.response_id, self.raw_stop = "", "", ""
        self._usage, self._calls = GoogleUsage(), Calls()
        self._texts: list[Growing] = []
        self._growing: Growing | None = None
        self._parts, self._blocked = 0, False

    @property
    def stop(self) -> StopReason:
        """Why it ended, as far as it is known."""
        if self.error is not None:
            return "error"
        if not self.complete:
            return "incomplete"
        if self._blocked or self.raw_stop.startswith("IMAGE_"):
            return "content_filter"
        stop = STOPS.get(self.raw_stop, "other") if self.raw_stop else "end_turn"
        return "tool_use" if stop == "end_turn" and self._calls.all else stop

    def take(self, event: SseEvent) -> Iterator[Chunk]:
        """What an event of the stream adds. One that is not JSON adds nothing."""
        if event.data.strip() == "[DONE]":
            # Gateways end every stream like this.
            self.done = self.complete
            return
        for chunk in _objects(event.data):
            if event.name == "error" and "error" not in chunk:
                self.error = chunk
            yield from self.feed(chunk)

    def whole(self, body: dict[str, Any]) -> Iterator[Chunk]:
        """What a body adds that was not streamed. One that says anything is complete by itself,
        also where it names no finish reason."""
        yield from self.feed(body)
        self.complete = self.complete or self._says_anything

    def feed(self, chunk: dict[str, Any]) -> Iterator[Chunk]:
        """What a chunk, or a whole body, adds."""
        # The private API behind some gateways wraps each chunk.
        inner = chunk.get("response")
        chunk = inner if isinstance(inner, dict) and "candidates" not in chunk else chunk
        self.model = self.model or _text(chunk.get("modelVersion"))
        self.response_id = self.response_id or _text(chunk.get("responseId"))
        self._usage.take(chunk.get("usageMetadata"))
        if chunk.get("error"):
            self.error = chunk["error"]
        candidate = _first(chunk.get("candidates"))
        if candidate is None:
            self._block(chunk.get("promptFeedback"))
            return
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict):
                yield from self._part(part)
        finish = _text(candidate.get("finishReason"))
        if finish and finish != _UNSAID:
            self.raw_stop, self.complete = finish, True

    def parts(self) -> Iterator[Chunk]:
        """Every part, done. Call it once, when nothing more will come."""
        cut = self.stop not in ("tool_use", "end_turn")
        for text in self._texts:
            if text.thought:
                yield PartDone(index=text.index, part=Reasoning(text=text.text, opaque=text.opaque))
            elif text.text or self._says_anything:
                yield PartDone(index=text.index, part=Text(text=text.text, opaque=text.opaque))
        yield from self._calls.parts(cut=cut)

    def finished(self) -> Finished:
        """The terminal chunk."""
        return Finished(
            stop=self.stop,
            usage=self._usage.usage(),
            model=self.model,
            response_id=self.response_id,
            raw=self.raw_stop,
        )

    @property
    def _says_anything(self) -> bool:
        """Whether there is anything but empty texts: a signed empty one alone is no answer."""
        return bool(self._calls.all) or any(text.text for text in self._texts)

    def _block(self, feedback: object) -> None:
        """A prompt that was blocked has no answer."""
        if isinstance(feedback, dict) and (reason := _text(feedback.get("blockReason"))):
            self.raw_stop, self._blocked, self.complete = reason, True, True

    def _part(self, part: dict[str, Any]) -> Iterator[Chunk]:
        signature = _text(part.get(SIGNATURE)) or _text(part.get("thought_signature"))
        call = part.get("functionCall")
        if isinstance(call, dict):
            begins = not self._calls.goes_on(call) and bool(call.get("name"))
            yield from self._calls.take(call, signature, self._next_index() if begins else 0)
            self._growing = None if begins else self._growing
            return
        text = part.get("text")
        if isinstance(text, str) and (text or signature):
            yield from self._said(text, signature, thought=part.get("thought") is True)

    def _said(self, text: str, signature: str, *, thought: bool) -> Iterator[Chunk]:
        if self._growing is None or self._growing.thought != thought:
            self._growing = Growing(self._next_index(), thought=thought)
            self._texts.append(self._growing)
        self._growing.add(text, signature)
        if text:
            channel: Any = "reasoning" if thought else "text"
            yield PartDelta(index=self._growing.index, channel=channel, text=text)

    def _next_index(self) -> int:
        self._parts += 1
        return self._parts - 1


def _objects(data: str) -> list[dict[str, Any]]:
    """The chunks that an event holds: one, or a list of them."""
    if not data.lstrip().startswith("["):
        return [json_object(data)]
    try:
        value = decoded(data)
    except msgspec.DecodeError:
        return []
    return [each for each in value if isinstance(each, dict)]


def _first(candidates: object) -> dict[str, Any] | None:
    """The first candidate; ion asks for no others."""
    for candidate in candidates if isinstance(candidates, list) else ():
        if isinstance(candidate, dict) and not candidate.get("index"):
            return candidate
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
