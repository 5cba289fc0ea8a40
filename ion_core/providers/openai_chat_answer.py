"""What a chat completion says, from the JSON of its chunks or of its whole body.

Pure: it is fed parsed objects and gives chunks of ion's own. One answer has at most one reasoning
part, one text part and any number of calls, in the order in which each began.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ion_core.messages import StopReason, Text
from ion_core.providers.base import Chunk, Finished, PartDelta, PartDone
from ion_core.providers.fragments import CallTable
from ion_core.providers.openai_chat_usage import read_cost, read_usage
from ion_core.providers.sse import SseEvent
from ion_core.providers.thoughts import Thoughts
from ion_core.providers.wire_json import json_object
from ion_core.usage import Usage

STOPS: dict[str, StopReason] = {
    "stop": "end_turn",
    "end": "end_turn",
    "eos": "end_turn",
    "length": "max_tokens",
    "max_tokens": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "content_filter",
    "sensitive": "content_filter",
    "refusal": "refusal",
    "model_context_window_exceeded": "context_overflow",
    "malformed_function_call": "malformed_tool_call",
    "error": "error",
    "network_error": "error",
    "insufficient_system_resource": "error",
}
"""Finish reasons of OpenAI and its compatibles (z.ai: ``sensitive``, ``network_error``)."""

MINIMAX: dict[int, str] = {
    1000: "internal_error",
    1001: "timeout_error",
    1002: "rate_limit_error",
    1004: "authentication_error",
    1008: "insufficient_balance",
    1013: "internal_error",
    1024: "internal_error",
    1026: "content_filter",
    1027: "content_filter",
    1033: "internal_error",
    1039: "rate_limit_error",
    1041: "rate_limit_error",
    2013: "invalid_request_error",
    2049: "invalid_api_key",
    2056: "usage_limit_reached",
}
"""What MiniMax says in the ``base_resp`` of an answer with status 200, in the words of others."""


class ChatAnswer:
    """Reads one answer.

    ``error`` is the error object that came instead of, or within, the answer; ``complete`` tells
    whether its end was seen (a finish reason, or ``[DONE]``), ``done`` whether ``[DONE]`` was.
    """

    def __init__(self, *, think_tags: bool = False) -> None:
        self.error: Any = None
        self.complete = self.done = False
        self.usage: Usage | None = None
        self.cost_nano: int | None = None
        self.model, self.response_id, self.raw_stop = "", "", ""
        self._thoughts = Thoughts(think_tags=think_tags)
        self._calls = CallTable()
        self._text: list[str] = []
        self._indexes: dict[str, int] = {}
        self._parts, self._refused, self._streamed = 0, False, True

    @property
    def stop(self) -> StopReason:
        """Why it ended, as far as it is known."""
        if self.error is not None:
            return "error"
        if not self.complete:
            return "incomplete"
        if self._refused:
            return "refusal"
        stop = STOPS.get(self.raw_stop.lower(), "other") if self.raw_stop else "end_turn"
        return "tool_use" if stop == "end_turn" and self._calls.calls else stop

    def take(self, event: SseEvent) -> Iterator[Chunk]:
        """What an event of the stream adds. One that is not a JSON object adds nothing."""
        if event.data.strip() == "[DONE]":
            self.complete = self.done = True
            return
        chunk = json_object(event.data)
        if event.name == "error" and "error" not in chunk:
            self.error = chunk or event.data
        yield from self.feed(chunk)

    def whole(self, body: dict[str, Any]) -> Iterator[Chunk]:
        """What the body of an answer adds that was not streamed. It is complete by itself."""
        self._streamed = False
        yield from self.feed(body)
        self.complete = bool(body.get("choices"))
        if not self.complete and self.error is None and body.get("detail"):
            self.error = body

    def feed(self, chunk: dict[str, Any]) -> Iterator[Chunk]:
        """What a chunk, or a whole body, adds."""
        self.model = self.model or _text(chunk.get("model"))
        self.response_id = self.response_id or _text(chunk.get("id"))
        self._count(chunk)
        self.error = _error(chunk) or self.error
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                yield from self._chosen(choice)

    def parts(self) -> Iterator[Chunk]:
        """Every part that was begun, whole. Call it once, when nothing more will come."""
        for channel, text in self._thoughts.flush():
            yield self._grown(channel, text)
        reasoning = self._thoughts.part()
        if reasoning is not None:
            yield PartDone(index=self._index("reasoning"), part=reasoning)
        if self._text:
            yield PartDone(index=self._index("text"), part=Text(text="".join(self._text)))
        for index, call in self._calls.finished():
            yield PartDone(index=index, part=call)

    def finished(self) -> Finished:
        """The terminal chunk."""
        return Finished(
            stop=self.stop,
            usage=self.usage,
            cost_nano=self.cost_nano,
            model=self.model,
            response_id=self.response_id,
            raw=self.raw_stop,
        )

    def _finish(self, reason: str) -> None:
        """Of several reasons the first one counts that is more than "it is over"."""
        known = STOPS.get(self.raw_stop.lower(), "other") if self.raw_stop else "end_turn"
        if known == "end_turn" or STOPS.get(reason.lower()) == "error":
            self.raw_stop = reason
        self.complete = True

    def _count(self, chunk: dict[str, Any]) -> None:
        """Take note of what was used. The last word counts."""
        if (usage := read_usage(chunk)) is not None:
            cost = read_cost(chunk)
            self.usage, self.cost_nano = usage, self.cost_nano if cost is None else cost

    def _chosen(self, choice: dict[str, Any]) -> Iterator[Chunk]:
        """What a choice adds. ion asks for one, and Copilot puts the calls into another."""
        if choice.get("error"):
            self.error = choice["error"]
        delta = choice.get("delta")
        if not delta and not (self._streamed and self._parts):
            # MiniMax ends its streams with the whole message again.
            delta = choice.get("message")
        if isinstance(delta, dict):
            yield from self._called(delta) if choice.get("index") else self._said(delta)
        finish = _text(choice.get("finish_reason"))
        if finish not in ("", "null"):
            self._finish(finish)

    def _said(self, delta: dict[str, Any]) -> Iterator[Chunk]:
        for channel, text in self._thoughts.read(delta):
            yield self._grown(channel, text)
        if refusal := _text(delta.get("refusal")):
            self._refused = True
            yield self._grown("text", refusal)
        yield from self._called(delta)

    def _called(self, delta: dict[str, Any]) -> Iterator[Chunk]:
        calls, legacy = delta.get("tool_calls"), delta.get("function_call")
        # Snowflake fills in every field there is, with nothing.
        if not calls and isinstance(legacy, dict) and any(legacy.values()):
            calls = [{"index": 0, "function": legacy}]
        for position, call in enumerate(calls if isinstance(calls, list) else ()):
            if isinstance(call, dict):
                yield self._piece(call, position)

    def _piece(self, call: dict[str, Any], position: int) -> Chunk:
        fragments = self._calls.find(call, position)
        if fragments is None:
            fragments = self._calls.open(call, position, self._next_index())
        piece = fragments.add(call)
        return PartDelta(
            index=fragments.index, channel="arguments", text=piece, tool=fragments.name
        )

    def _grown(self, channel: Literal["text", "reasoning"], text: str) -> Chunk:
        if channel == "text":
            self._text.append(text)
        return PartDelta(index=self._index(channel), channel=channel, text=text)

    def _index(self, channel: str) -> int:
        if channel not in self._indexes:
            self._indexes[channel] = self._next_index()
        return self._indexes[channel]

    def _next_index(self) -> int:
        self._parts += 1
        return self._parts - 1


def _error(chunk: dict[str, Any]) -> Any:
    # Mistral and older servers of vLLM send a bare error.
    bare = chunk if chunk.get("object") == "error" else None
    return chunk.get("error") or bare or _minimax(chunk.get("base_resp"))


def _minimax(said: object) -> dict[str, Any] | None:
    code = said.get("status_code") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(code, int) or code == 0:
        return None
    return {"message": _text(said.get("status_msg")) or str(code), "type": MINIMAX.get(code, "")}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
