"""What each protocol demands of a conversation, as assertions over the body of a request.

Taken from the vendors' references: who may follow whom, that each call is answered once and
directly after, that ids and names are legal, and that nothing is empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from ion_core.providers.base import Request
from ion_core.providers.wire import Wire

Body = dict[str, Any]
NAME = ID = r"[a-zA-Z0-9_-]{1,64}"
GOOGLE_NAME = r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}"


def assert_obeys(protocol: str, body: Body) -> None:
    """The body is one that the servers of a protocol accept."""
    json.dumps(body, ensure_ascii=False).encode()  # lone surrogates are accepted by nobody
    RULES[protocol](body)


def _anthropic(body: Body) -> None:
    assert body["max_tokens"] > 0
    assert json.dumps(body).count('"cache_control"') <= 4
    messages = body["messages"]
    assert messages[0]["role"] == messages[-1]["role"] == "user"
    called: list[str] = []
    for before, message in pairwise([{"role": "", "content": []}, *messages]):
        assert before["role"] != message["role"]
        assert message["content"]
        kinds = [block["type"] for block in message["content"]]
        results = kinds.count("tool_result")
        assert kinds[:results] == ["tool_result"] * results, "results come before any text"
        assert _ids(message, "tool_result", "tool_use_id") == _ids(before, "tool_use", "id")
        called += _ids(message, "tool_use", "id")
        for block in message["content"]:
            _anthropic_block(block)
    _each_once(called)


def _anthropic_block(block: Body) -> None:
    match block["type"]:
        case "text":
            assert block["text"].strip()
        case "thinking":
            assert block["signature"]
            assert "cache_control" not in block
        case "tool_use":
            assert re.fullmatch(NAME, block["name"])
            assert isinstance(block["input"], dict)


def _ids(message: Body, kind: str, field: str) -> list[str]:
    return [block[field] for block in message["content"] if block["type"] == kind]


def _chat(body: Body) -> None:
    messages, called, results = body["messages"], list[str](), 0
    for place, message in enumerate(messages):
        ids = [call["id"] for call in message.get("tool_calls", ())]
        after = messages[place + 1 : place + 1 + len(ids)]
        assert [each.get("tool_call_id") for each in after] == ids
        assert "tool_calls" not in message or ids, "no empty list of calls"
        assert ids or message["content"] or message["role"] == "tool"
        assert message["role"] != "system" or place == 0
        for call in message.get("tool_calls", ()):
            assert re.fullmatch(NAME, call["function"]["name"])
            assert isinstance(json.loads(call["function"]["arguments"]), dict)
        called += ids
        results += message["role"] == "tool"
    assert results == len(called)
    assert len(set(called)) == len(called)


def _responses(body: Body) -> None:
    assert body["store"] is False
    waiting, called = list[str](), list[str]()
    for before, item in pairwise([{"type": ""}, *body["input"]]):
        if before["type"] == "reasoning":
            assert item["type"] in ("reasoning", "function_call", "custom_tool_call", "message")
            assert item.get("role", "assistant") == "assistant"
        match item["type"]:
            case "function_call" | "custom_tool_call":
                assert re.fullmatch(NAME, item["name"])
                assert isinstance(json.loads(item.get("arguments", "{}")), dict)
                waiting.append(item["call_id"])
                called.append(item["call_id"])
            case "function_call_output" | "custom_tool_call_output":
                assert item["call_id"] == waiting.pop(0)
            case "message":
                assert not waiting or item["role"] == "assistant"
                assert item["content"]
                assert all(part.get("text", "image") for part in item["content"])
    assert not waiting
    assert not body["input"] or body["input"][-1]["type"] != "reasoning"
    _each_once(called)


def _google(body: Body) -> None:
    contents = body["contents"]
    assert contents[0]["role"] == "user"
    for before, content in pairwise([*contents, {"role": "", "parts": []}]):
        assert before["parts"]
        called, answers = _held(before, "functionCall"), _held(content, "functionResponse")
        assert [each["name"] for each in called] == [each["name"] for each in answers]
        assert [each.get("id") for each in called] == [each.get("id") for each in answers]
        assert all(re.fullmatch(GOOGLE_NAME, each["name"]) for each in called)
        assert len(answers) in (0, len(content["parts"])), "results stand by themselves"
        if before["role"] == content["role"]:
            assert _held(before, "functionResponse")
        for part in before["parts"]:
            assert part.get("text") != "" or "thoughtSignature" in part


def _held(content: Body, kind: str) -> list[Body]:
    return [part[kind] for part in content["parts"] if kind in part]


def _each_once(ids: Sequence[str]) -> None:
    """Ids of calls are legal, and each is there once."""
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(ID, each) for each in ids)


RULES: dict[str, Callable[[Body], None]] = {
    "anthropic-messages": _anthropic,
    "google-generate": _google,
    "openai-chat": _chat,
    "openai-responses": _responses,
}
CONVERSATION = {
    "anthropic-messages": "messages",
    "google-generate": "contents",
    "openai-chat": "messages",
    "openai-responses": "input",
}
"""Where a body holds what was said."""


def written(wire: Wire[Any], request: Request) -> Body:
    """The body of a request as a wire writes it, read back from its JSON."""
    body = wire.post(request, wire.quirks(request.model), stream=True).body
    read: Body = json.loads(json.dumps(body))
    return read
