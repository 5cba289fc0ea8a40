"""Whatever stands in the place of a field, an answer is read to its end or refused in words."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ion_core.providers.endpoint import Endpoint
from ion_core.providers.recorded import understood
from ion_core.providers.registry import wire

USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 1}}
CALL = {"index": 0, "id": "a", "function": {"name": "read", "arguments": "{}"}}
DETAILS = [{"type": "reasoning.text", "text": "Hm", "index": 0, "signature": "s"}]
ERROR = {"message": "No.", "code": 429, "details": [{"reason": "WHY", "retryDelay": "3s"}]}
TOOL_USE = {"type": "tool_use", "id": "a", "name": "read", "input": {"path": 1}}
BLOCK_DELTA = {"type": "input_json_delta", "partial_json": "{}"}
ITEM = {"type": "function_call", "call_id": "a", "name": "read", "arguments": "{}"}
THOUGHT = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}
COUNTS = {"input_tokens": 9, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 1}}
PIECE = {"name": "read", "partialArgs": [{"jsonPath": "$.a[0]", "stringValue": "x"}]}

ANSWERS: dict[str, list[dict[str, Any]]] = {
    "openai-chat": [
        {"choices": [{"index": 0, "delta": {"content": "a", "reasoning_details": DETAILS}}]},
        {"choices": [{"index": 0, "delta": {"content": "b", "reasoning_details": DETAILS}}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": [CALL]}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}], "usage": USAGE},
    ],
    "anthropic-messages": [
        {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 9}}},
        {"type": "content_block_start", "index": 0, "content_block": TOOL_USE},
        {"type": "content_block_delta", "index": 0, "delta": BLOCK_DELTA},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {}},
        {"type": "message_stop"},
    ],
    "openai-responses": [
        {"type": "response.output_item.added", "output_index": 0, "item": THOUGHT},
        {"type": "response.output_item.done", "output_index": 0, "item": THOUGHT},
        {"type": "response.output_item.added", "output_index": 1, "item": ITEM},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "{}"},
        {"type": "response.output_item.done", "output_index": 1, "item": ITEM},
        {"type": "response.completed", "response": {"output": [ITEM], "usage": COUNTS}},
    ],
    "google-generate": [
        {"candidates": [{"content": {"parts": [{"text": "a", "thoughtSignature": "s"}]}}]},
        {"candidates": [{"content": {"parts": [{"functionCall": PIECE}]}}]},
        {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 9}},
    ],
}
ODD = st.sampled_from(
    [None, [], {}, 0, -1, 1.5, "", "x", True, [None], {"a": None}, [[]], 10**30, {"type": "text"}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))
        else:
            yield (*path, key)


def changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    whole = copy.deepcopy(value)
    within = whole
    for key in path[:-1]:
        within = within[key]
    within[path[-1]] = odd
    return whole


@pytest.mark.parametrize("protocol", ANSWERS)
@given(data=st.data())
def test_no_field_of_a_stream_can_break_its_reader(protocol: str, data: st.DataObject) -> None:
    events = list(ANSWERS[protocol]) + ([{"error": ERROR}] if data.draw(st.booleans()) else [])
    at = data.draw(st.integers(0, len(events) - 1))
    place = data.draw(st.sampled_from(list(places(events[at]))))
    events[at] = changed(events[at], place, data.draw(ODD))
    body = b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)
    asyncio.run(understood(body, wire(Endpoint(name="any", base_url="", protocol=protocol))))


@given(data=st.data())
def test_no_field_of_a_refusal_can_break_its_reader(data: st.DataObject) -> None:
    refusal = {"http_status": 429, "headers": {"retry-after": "3"}, "body": {"error": ERROR}}
    place = data.draw(st.sampled_from(list(places(refusal))))
    body = json.dumps(changed(refusal, place, data.draw(ODD))).encode()
    endpoint = Endpoint(name="any", base_url="", protocol="openai-chat")
    asyncio.run(understood(body, wire(endpoint)))
