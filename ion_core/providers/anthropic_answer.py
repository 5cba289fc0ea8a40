"""What Anthropic's Messages API says, from the events of a stream or from a whole body.

Pure: it is fed events and gives chunks of ion's own. Blocks go by the index that the server gives
them. A gateway that begins the answer anew, under another id, takes back what it said so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ion_core.messages import StopReason
from ion_core.providers.anthropic_blocks import WireBlock, text_of
from ion_core.providers.anthropic_usage import UsageReport
from ion_core.providers.base import Chunk, Finished, PartDelta, PartDone
from ion_core.providers.sse import SseEvent
from ion_core.providers.wire_json import json_object
from ion_core.usage import Usage

STOPS: dict[str, StopReason] = {
    "end_turn": "end_turn",
    "stop_sequence": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "context_overflow",
    "refusal": "refusal",
    "pause_turn": "pause",
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "sensitive": "content_filter",
    "content_filter": "content_filter",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
    "network_error": "error",
    "error": "error",
}
"""Anthropic's stop reasons; from ``stop`` on, those that compatibles and gateways let through."""


class AnthropicAnswer:
    """Reads one answer; ``complete`` and ``done`` from its ``message_stop`` on."""

    def __init__(self) -> None:
        self.error: Any = None
        self.complete = self.done = False
        self.model, self.response_id, self.raw_stop = "", "", ""
        self._report, self._explanation = UsageReport(), ""
        self._blocks: list[WireBlock] = []
        self._by_index: dict[str, WireBlock] = {}
        self._parts, self._begun = 0, False

    @property
    def usage(self) -> Usage | None:
        """The usage so far, None when it was not told."""
        return self._report.usage

    @property
    def stop(self) -> StopReason:
        """Why it ended, as far as it is known."""
        if self.error is not None:
            return "error"
        if not self.complete:
            return "incomplete"
        stop = STOPS.get(self.raw_stop.lower(), "other") if self.raw_stop else "end_turn"
        if self._has_calls:
            return "tool_use" if stop == "end_turn" else stop
        # The server waits for a tool of its own, and goes on when it is given its answer back.
        waits = any(block.kind.endswith("tool_use") for block in self._blocks)
        return "pause" if stop == "tool_use" and waits else stop

    def take(self, event: SseEvent) -> Iterator[Chunk]:
        """What an event of the stream adds. One that means nothing adds nothing."""
        if event.data.strip() == "[DONE]":
            self.complete = self.done = bool(self.raw_stop)
            return
        data = json_object(event.data)
        if self.done:
            return
        if data.get("error") or event.name == "error":
            self.error = data.get("error") or data or event.data
            return
        match data.get("type") or event.name:
            case "message_start":
                yield from self._started(_dict(data.get("message")))
            case "content_block_start":
                yield from self._opened(str(data.get("index")), _dict(data.get("content_block")))
            case "content_block_delta":
                yield from self._grown(str(data.get("index")), _dict(data.get("delta")))
            case "content_block_stop":
                yield from self._closed(str(data.get("index")))
            case "message_delta":
                self._ending(data, _dict(data.get("delta")))
            case "message_stop":
                self.complete = self.done = True

    def whole(self, body: dict[str, Any]) -> Iterator[Chunk]:
        """What the body of an answer adds that was not streamed. It is complete by itself."""
        if body.get("error"):
            self.error = body["error"]
            return
        yield from self._started(body)
        self.complete = self.done = isinstance(body.get("content"), list)

    def parts(self) -> Iterator[Chunk]:
        """Every part that was begun, whole. Call it once, when nothing more will come."""
        taken: set[str] = set()
        for block in self._blocks:
            part = block.part(taken)
            if part is not None:
                yield PartDone(index=block.index, part=part)

    def finished(self) -> Finished:
        """The terminal chunk."""
        return Finished(
            stop=self.stop,
            usage=self.usage,
            cost_nano=self._report.cost_nano,
            model=self.model,
            response_id=self.response_id,
            raw=self.raw_stop,
            explanation=self._explanation,
        )

    @property
    def _has_calls(self) -> bool:
        return any(block.kind == "tool_use" for block in self._blocks)

    def _started(self, message: dict[str, Any]) -> Iterator[Chunk]:
        id_ = text_of(message.get("id"))
        if self._begun and id_ in ("", self.response_id):
            return
        self._begun, self.response_id = True, id_
        self._blocks, self._by_index, self._report = [], {}, UsageReport()
        self.model = text_of(message.get("model")) or self.model
        self.raw_stop = text_of(message.get("stop_reason"))
        self._explain(message)
        self._report.add(message.get("usage"))
        content = message.get("content")
        for place, block in enumerate(content if isinstance(content, list) else ()):
            yield from self._opened(f"whole {place}", _dict(block))
            yield from self._closed(f"whole {place}")

    def _opened(self, index: str, begun: dict[str, Any]) -> Iterator[Chunk]:
        known = self._by_index.get(index)
        if known is not None and known.repeats(begun):
            return
        block = self._by_index[index] = WireBlock(self._parts, begun)
        self._blocks.append(block)
        self._parts += 1
        if block.channel is not None and (block.text or block.name):
            yield self._delta(block, block.text)

    def _grown(self, index: str, delta: dict[str, Any]) -> Iterator[Chunk]:
        block = self._by_index.get(index)
        said = text_of(delta.get("type")).removesuffix("_delta")
        if said in ("text", "thinking") and (block is None or block.misses(said)):
            # Some compatibles never say that a block begins, or stay at the place of a call.
            index = index if block is None else f"{index} {said}"
            if index not in self._by_index:
                yield from self._opened(index, {"type": said})
            block = self._by_index[index]
        if block is not None and (piece := block.add(delta)) and block.channel is not None:
            yield self._delta(block, piece)

    def _closed(self, index: str) -> Iterator[Chunk]:
        block = self._by_index.get(index)
        if block is not None and (piece := block.end()):
            yield self._delta(block, piece)

    def _ending(self, data: dict[str, Any], delta: dict[str, Any]) -> None:
        self.raw_stop = text_of(delta.get("stop_reason")) or self.raw_stop
        self._explain(delta)
        self._report.add(delta.get("usage"))
        self._report.add(data.get("usage"))

    def _explain(self, told: dict[str, Any]) -> None:
        words = text_of(_dict(told.get("stop_details")).get("explanation"))
        self._explanation = words or self._explanation

    def _delta(self, block: WireBlock, text: str) -> Chunk:
        assert block.channel is not None
        return PartDelta(index=block.index, channel=block.channel, text=text, tool=block.name)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
