"""What a Responses answer says, from its events or from its whole body.

Pure. An item that is done has the last word on itself; items that only a server runs, and events
that nobody here knows, add nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ion_core.messages import StopReason
from ion_core.providers.base import Chunk, Finished, PartDelta, PartDone
from ion_core.providers.openai_responses_output import Output
from ion_core.providers.openai_responses_parts import (
    CALL,
    CUSTOM,
    MESSAGE,
    THOUGHT,
    Call,
    Event,
    Growing,
    Thought,
    Words,
    text,
)
from ion_core.providers.openai_responses_usage import read_cost, read_usage
from ion_core.providers.sse import SseEvent
from ion_core.providers.wire_json import json_object
from ion_core.usage import Usage

STOPS: dict[str, StopReason] = {
    "max_output_tokens": "max_tokens",
    "max_tokens": "max_tokens",
    "length": "max_tokens",
    "content_filter": "content_filter",
    "context_length_exceeded": "context_overflow",
}
"""Reasons of an incomplete response."""

GROWS = {
    "response.output_text.delta": MESSAGE,
    "response.refusal.delta": MESSAGE,
    "response.reasoning_summary_text.delta": THOUGHT,
    "response.reasoning_text.delta": THOUGHT,
    "response.reasoning_summary.delta": THOUGHT,
    "response.reasoning.delta": THOUGHT,
    "response.function_call_arguments.delta": CALL,
    "response.custom_tool_call_input.delta": CUSTOM,
}
ENDS = {
    "response.function_call_arguments.done": CALL,
    "response.custom_tool_call_input.done": CUSTOM,
}
TERMINAL = {
    "response.completed": "completed",
    "response.done": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
    "response.cancelled": "cancelled",
}
"""Events, and the kind of item or the status of the response that they tell of."""


class ResponsesAnswer:
    """Reads one answer. ``sole`` as in :class:`Call`."""

    def __init__(self, sole: Mapping[str, str] | None = None) -> None:
        self.error: Any = None
        self.complete = self.done = False
        self.usage: Usage | None = None
        self.cost_nano: int | None = None
        self.model, self.response_id, self.raw_stop = "", "", ""
        self._status, self._output = "", Output(sole or {})

    @property
    def stop(self) -> StopReason:
        """Why it ended, as far as it is known."""
        if self.error is not None or self._status in ("failed", "cancelled"):
            return "error"
        if not self.complete:
            return "incomplete"
        if self._status == "incomplete":
            return STOPS.get(self.raw_stop, "other")
        if any(isinstance(item, Words) and item.refused for item in self._output.items):
            return "refusal"
        return "tool_use" if any(isinstance(i, Call) for i in self._output.items) else "end_turn"

    def take(self, event: SseEvent) -> Iterator[Chunk]:
        """What an event of the stream adds. One that is not a JSON object adds nothing."""
        if event.data.strip() == "[DONE]":
            self.done = self.complete
            return
        said = json_object(event.data)
        kind = text(said.get("type")) or event.name
        if kind in GROWS:
            yield from self._grown(self._output.going_on(said, GROWS[kind]), said)
        elif kind == "response.output_item.added":
            item = _object(said.get("item"))
            yield from self._begun(self._output.announced(said, item))
        elif kind == "response.output_item.done":
            yield from self._ended(said, _object(said.get("item")))
        elif kind in ENDS:
            written: Event = {name: said.get(name) for name in ("arguments", "input", "name")}
            yield from self._settled(self._output.going_on(said, ENDS[kind]), written)
        elif kind in TERMINAL:
            yield from self._over(_object(said.get("response")), TERMINAL[kind])
        elif kind == "error" or (not kind and said.get("error")):
            self.error = said.get("error") or _flat(said) or event.data
        else:
            self._about(_object(said.get("response")))

    def whole(self, body: dict[str, Any]) -> Iterator[Chunk]:
        """What the body of an answer adds that was not streamed. It is complete by itself."""
        if body.get("error"):
            self.error = body["error"]
        if isinstance(body.get("output"), list):
            yield from self._over(body, "completed")

    def parts(self) -> Iterator[Chunk]:
        """Every part that was begun, whole. Call it once, when nothing more will come."""
        taken: set[str] = set()
        for item in self._output.items:
            part = item.part(taken)
            if part is not None:
                yield PartDone(index=item.index, part=part)

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

    def _ended(self, event: Event, whole: Event) -> Iterator[Chunk]:
        begun = len(self._output.items)
        item = self._output.ending(event, whole)
        if item is not None:
            if len(self._output.items) > begun:
                yield from self._begun(item)
            yield from self._settled(item, whole)

    def _over(self, response: Event, status: str) -> Iterator[Chunk]:
        self._about(response)
        said = text(response.get("status"))
        self._status = said if said in TERMINAL.values() else status
        details = _object(response.get("incomplete_details"))
        self.raw_stop = text(details.get("reason")) or self._status
        output = response.get("output")
        for event, whole in self._output.untold(output if isinstance(output, list) else []):
            yield from self._ended(event, whole)
        if self._status == "failed" or response.get("error"):
            nameless = {"message": "The response failed, and nobody said why."}
            self.error = response.get("error") or self.error or nameless
        self.complete = self.done = True

    def _about(self, response: Event) -> None:
        self.model = self.model or text(response.get("model"))
        self.response_id = self.response_id or text(response.get("id"))
        usage = _object(response.get("usage"))
        self.usage = read_usage(usage) or self.usage
        self.cost_nano = read_cost(usage) or self.cost_nano

    def _begun(self, item: Growing | None) -> Iterator[Chunk]:
        """Says that a call or a thought has its place, though nothing may be shown of it: whoever
        counts parts as they appear counts them in their order."""
        if isinstance(item, Call | Thought):
            yield self._chunk(item, "")

    def _grown(self, item: Growing, event: Event) -> Iterator[Chunk]:
        piece = item.grow(event)
        if piece:
            yield self._chunk(item, piece)

    def _settled(self, item: Growing, whole: Event) -> Iterator[Chunk]:
        rest = item.settle(whole)
        if rest:
            yield self._chunk(item, rest)

    def _chunk(self, item: Growing, piece: str) -> Chunk:
        return PartDelta(index=item.index, channel=item.channel, text=piece, tool=item.name)


def _flat(event: Event) -> Event:
    """The error that an event is, without the type that makes it an event."""
    return {name: value for name, value in event.items() if name != "type"}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
