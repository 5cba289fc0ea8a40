"""Answers in the Messages protocol of servers that follow it loosely."""

from __future__ import annotations

import json
from typing import Any

from ion_core.providers.endpoint import Endpoint
from ion_core.providers.recorded import Understood, understood
from ion_core.providers.registry import wire

START = {"type": "message_start", "message": {"id": "m", "content": [], "usage": None}}
CALL = {"type": "tool_use", "id": "a", "name": "read", "input": {}}


async def said(*events: dict[str, Any], stop: str = "end_turn") -> Understood:
    ending = [{"type": "message_delta", "delta": {"stop_reason": stop}}, {"type": "message_stop"}]
    body = b"".join(
        f"data: {json.dumps(event)}\n\n".encode() for event in [START, *events, *ending]
    )
    endpoint = Endpoint(name="any", base_url="", protocol="anthropic-messages")
    return await understood(body, wire(endpoint))


def begun(block: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def more(kind: str, field: str, text: str, index: int = 0) -> dict[str, Any]:
    delta = {"type": f"{kind}_delta", field: text}
    return {"type": "content_block_delta", "index": index, "delta": delta}


async def test_words_at_the_place_of_a_call_are_words() -> None:
    answer = await said(
        begun(CALL),
        more("input_json", "partial_json", '{"path"'),
        more("text", "text", "Let me "),
        more("text", "text", "look."),
        more("input_json", "partial_json", ": 1}"),
        stop="tool_use",
    )
    assert answer.text == "Let me look."
    assert [call.arguments for call in answer.calls] == [{"path": 1}]


async def test_thoughts_at_the_place_of_words_are_thoughts() -> None:
    answer = await said(
        begun({"type": "text", "text": ""}),
        more("thinking", "thinking", "Hm."),
        more("text", "text", "Yes."),
    )
    assert (answer.thinking, answer.text) == ("Hm.", "Yes.")


async def test_an_answer_that_changes_its_model_midway_is_one_answer() -> None:
    answer = await said(
        begun({"type": "thinking", "thinking": ""}),
        more("thinking", "thinking", "Old. "),
        begun({"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}}, 1),
        begun({"type": "thinking", "thinking": ""}, 2),
        more("thinking", "thinking", "New.", 2),
        begun(CALL, 3),
        more("input_json", "partial_json", '{"path": 1}', 3),
        stop="tool_use",
    )
    assert (answer.thinking, answer.stop) == ("Old. New.", "tool_use")
    assert [call.arguments for call in answer.calls] == [{"path": 1}]
