"""What was sent stays as it was: marked where a vendor wants it, with ids that last."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.ids import CallId
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from tests.fakes.chat_posts import TOOL, endpoint, posted


def _turn(number: int) -> list[Message]:
    call = ToolCall(id=CallId(f"c{number}"), name="read", arguments={})
    result = ToolResult(call=call.id, name="read", status="ok", content=f"result {number}")
    return [Message(role="assistant", parts=(call,)), answered(result)]


def _marked(messages: list[dict[str, Any]]) -> list[int]:
    return [n for n, message in enumerate(messages) if "cache_control" in str(message)]


@pytest.mark.parametrize(
    ("vendor", "model", "marks"),
    [
        ("openrouter", "anthropic/claude-opus-9", [0, 3, 5]),
        ("vercel", "anthropic/claude-opus-9", [0, 3, 5]),
        ("openrouter", "qwen/qwen9-coder", [0, 3, 5]),
        ("alibaba", "qwen9-max", [0, 3, 5]),
        ("openrouter", "google/gemini-9-pro", [0]),
        ("alibaba", "qwen-turbo", []),
        ("openrouter", "openai/gpt-9", []),
        ("unknown", "anthropic/claude-opus-9", []),
    ],
)
def test_models_that_want_marks_get_them_where_a_request_ends(
    vendor: str, model: str, marks: list[int]
) -> None:
    messages = posted(vendor, model, user("x"), *_turn(1), *_turn(2)).body["messages"]
    assert _marked(messages) == marks


def test_a_message_without_words_carries_no_mark() -> None:
    silent = answered(ToolResult(call=CallId("c9"), name="read", status="ok", content=""))
    call = ToolCall(id=CallId("c9"), name="read", arguments={})
    turn = [Message(role="assistant", parts=(call,)), silent]
    told = [user("x"), *_turn(1), *turn]
    messages = posted("openrouter", "anthropic/claude-9", *told).body["messages"]
    assert _marked(messages) == [0, 1, 3]


@pytest.mark.parametrize(
    ("vendor", "model"),
    [("openrouter", "anthropic/claude-9"), ("alibaba", "qwen9"), ("mistral", "m"), ("openai", "m")],
)
def test_over_thirty_turns_nothing_that_was_sent_ever_changes(vendor: str, model: str) -> None:
    told, before = [user("begin")], list[bytes]()
    for number in range(30):
        body = posted(vendor, model, *told, tools=(TOOL,), cache_key="s").body
        assert len(_marked(body["messages"])) <= 4
        sent = [msgspec.json.encode(_plain(message)) for message in body["messages"]]
        assert sent[: len(before)] == before
        before = sent
        told += _turn(number)
        if number % 7 == 3:
            told += [Message(role="assistant", parts=(Text(text="So."),)), user(f"more {number}")]


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    parts = [{k: v for k, v in part.items() if k != "cache_control"} for part in content]
    return message | {"content": parts}


ids = st.text(st.sampled_from("ab_|é#"), min_size=1, max_size=12) | st.sampled_from(
    ["call_abcdefghijklm", "call_abcdefghijklmn", "abcDEF123", "x" * 70]
)


@given(st.lists(ids, max_size=12), st.sampled_from(["mistral", "openai", "unknown"]))
def test_no_two_calls_ever_share_an_id_and_each_result_finds_its_own(
    given_ids: list[str], vendor: str
) -> None:
    told = [user("x")]
    for each in given_ids:
        call = ToolCall(id=CallId(each), name="read", arguments={})
        result = ToolResult(call=call.id, name="read", status="ok", content=each)
        told += [Message(role="assistant", parts=(call,)), answered(result)]
    messages = posted(vendor, "m", *told).body["messages"]
    sent = [call["id"] for m in messages for call in m.get("tool_calls", ())]
    back = [m["tool_call_id"] for m in messages if m["role"] == "tool"]
    assert sent == back
    assert len(set(sent)) == len(given_ids)
    assert all(len(each) == 9 and each.isalnum() if vendor == "mistral" else len(each) <= 40
               for each in sent)  # fmt: skip


def test_the_ids_that_a_vendor_gave_itself_are_sent_back_as_they_are() -> None:
    call = ToolCall(id=CallId("functions.read:0"), name="read", arguments={})
    result = answered(ToolResult(call=call.id, name="read", status="ok", content="ok"))
    own = Message(role="assistant", parts=(call,), origin=endpoint("moonshot").origin("m"))
    for turn, kept in ((own, True), (replace(own, origin=None), False)):
        messages = posted("moonshot", "m", user("x"), turn, result).body["messages"]
        assert (messages[2]["tool_calls"][0]["id"] == call.id) is kept
        assert messages[3]["tool_call_id"] == messages[2]["tool_calls"][0]["id"]


def test_a_seal_on_a_call_goes_back_to_where_it_came_from_and_nowhere_else() -> None:
    seal = {"extra_content": {"google": {"thought_signature": "s"}}}
    call = ToolCall(id=CallId("c"), name="read", arguments={}, opaque=seal)
    result = answered(ToolResult(call=call.id, name="read", status="ok", content="ok"))
    for origin, there in ((endpoint("unknown").origin("m"), True), (None, False)):
        turn = Message(role="assistant", parts=(call,), origin=origin)
        sent = posted("unknown", "m", user("x"), turn, result).body["messages"][2]
        assert (sent["tool_calls"][0].get("extra_content") == seal["extra_content"]) is there
