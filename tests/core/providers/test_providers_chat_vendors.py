"""Each vendor of chat completions gets what its own pages ask for, and nothing that it refuses."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.config.builtin import BUILTIN
from ion_core.errors import ConfigError
from ion_core.ids import CallId
from ion_core.messages import Message, Reasoning, Text, ToolCall, ToolResult, answered, user
from ion_core.providers.base import ModelInfo, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat import ChatWire
from ion_core.providers.overlay import overlaid
from ion_core.providers.quirks import Quirks
from ion_core.providers.vendors import quirks_for
from ion_core.providers.wire import Post

TOOL = ToolSpec(name="read", description="Read.", schema={"type": "object", "properties": {}})
ELSEWHERE = {
    "azure": "https://mine.openai.azure.com/openai/v1",
    "bedrock": "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
    "unknown": "https://models.example.com/v1",
}


def endpoint(vendor: str, **more: Any) -> Endpoint:
    url = ELSEWHERE.get(vendor) or BUILTIN[vendor].base_url
    return Endpoint(name=vendor, base_url=url, **more)


def posted(vendor: str, model: str, *messages: Message, routing: Any = None, **wishes: Any) -> Post:
    at = endpoint(vendor, routing=routing or {})
    wire, asked = ChatWire(at), messages or (user("x"),)
    request = Request(model=model, system="Be brief.", messages=asked, **wishes)
    return wire.post(request, wire.quirks(model), stream=True)


EFFORTS = ("reasoning", "thinking", "reasoning_effort", "enable_thinking", "chat_template_kwargs")


@pytest.mark.parametrize(
    ("vendor", "model", "effort", "fields"),
    [
        ("openai", "gpt-4o", "high", {}),
        ("openai", "o3", "none", {"reasoning_effort": "low"}),
        ("openai", "gpt-5-mini", "off", {"reasoning_effort": "minimal"}),
        ("openai", "gpt-5.2", "max", {"reasoning_effort": "xhigh"}),
        ("openai", "gpt-7-unheard", "off", {"reasoning_effort": "none"}),
        ("azure", "gpt-5.6", "low", {"reasoning_effort": "low"}),
        ("bedrock", "openai.gpt-oss-120b", "low", {"reasoning_effort": "low"}),
        ("openrouter", "any/model", "low", {"reasoning": {"effort": "low"}}),
        ("openrouter", "any/model", "off", {"reasoning": {"effort": "none"}}),
        ("vercel", "any/model", "high", {"reasoning": {"effort": "high"}}),
        ("groq", "openai/gpt-oss-120b", "none", {"reasoning_effort": "low"}),
        ("groq", "qwen/qwen3-32b", "none", {"reasoning_effort": "none"}),
        ("groq", "qwen/qwen3-32b", "high", {"reasoning_effort": "default"}),
        ("groq", "llama-3.3-70b-versatile", "high", {}),
        ("deepseek", "deepseek-v4-pro", "low", {"thinking": {"type": "enabled"},
                                            "reasoning_effort": "high"}),
        ("deepseek", "deepseek-v4-flash", "xhigh", {"thinking": {"type": "enabled"},
                                                    "reasoning_effort": "max"}),
        ("deepseek", "deepseek-v9", "minimal", {"thinking": {"type": "enabled"},
                                                "reasoning_effort": "low"}),
        ("deepseek", "deepseek-v9", "off", {"thinking": {"type": "disabled"}}),
        ("mistral", "mistral-medium-3-5", "low", {"reasoning_effort": "high"}),
        ("mistral", "mistral-large-2512", "low", {}),
        ("mistral", "mistral-large-9", "low", {"reasoning_effort": "low"}),
        ("mistral", "mistral-large-9", "off", {"reasoning_effort": "none"}),
        ("mistral", "magistral-medium", "high", {}),
        ("xai", "grok-3-mini", "minimal", {"reasoning_effort": "low"}),
        ("xai", "grok-4", "high", {}),
        ("xai", "grok-4.20-reasoning", "high", {}),
        ("xai", "grok-4.3", "off", {"reasoning_effort": "none"}),
        ("xai", "grok-9", "max", {"reasoning_effort": "high"}),
        ("moonshot", "kimi-k3", "off", {"reasoning_effort": "low"}),
        ("moonshot", "kimi-k3.1-pro", "xhigh", {"reasoning_effort": "max"}),
        ("moonshot", "kimi-k2.7-code", "off", {}),
        ("moonshot", "kimi-k2.5", "off", {"thinking": {"type": "disabled"}}),
        ("moonshot", "kimi-k2.6", "", {"thinking": {"type": "enabled", "keep": "all"}}),
        ("moonshot", "kimi-k2.6", "off", {"thinking": {"type": "disabled"}}),
        ("moonshot", "moonshot-v1-8k", "high", {}),
        ("kimi", "kimi-for-coding", "high", {"thinking": {"type": "enabled"}}),
        ("zai", "glm-9", "", {"thinking": {"type": "enabled", "clear_thinking": False}}),
        ("zai", "glm-9", "xhigh", {"thinking": {"type": "enabled", "clear_thinking": False},
                                   "reasoning_effort": "max"}),
        ("zai", "glm-9", "off", {"thinking": {"type": "enabled", "clear_thinking": False},
                                 "reasoning_effort": "low"}),
        ("zai", "glm-5.2", "off", {"thinking": {"type": "disabled"}}),
        ("zai-coding", "glm-5.1", "low", {"thinking": {"type": "enabled",
                                                       "clear_thinking": False}}),
        ("bigmodel", "glm-4-plus", "high", {}),
        ("alibaba", "qwen9", "low", {"enable_thinking": True}),
        ("alibaba", "qwen9", "none", {"enable_thinking": False}),
        ("together", "any/model", "off", {"reasoning": {"enabled": False}}),
        ("together", "any/model", "low", {"reasoning_effort": "low"}),
        ("fireworks", "any", "none", {"reasoning_effort": "none"}),
        ("cerebras", "gpt-oss-120b", "off", {"reasoning_effort": "low"}),
        ("cerebras", "zai-glm-9", "off", {"reasoning_effort": "none"}),
        ("minimax", "MiniMax-M3", "off", {"thinking": {"type": "disabled"}}),
        ("minimax", "MiniMax-M2.5", "off", {}),
        ("huggingface", "any/model", "low", {"reasoning_effort": "low"}),
        ("chutes", "any/model", "low", {"reasoning_effort": "low"}),
        ("vllm", "qwen3", "off", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("llamacpp", "qwen3", "off", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("ollama", "qwen3", "off", {"reasoning_effort": "none"}),
        ("lmstudio", "qwen3", "low", {"reasoning_effort": "low"}),
        ("unknown", "any", "", {}),
    ],
)  # fmt: skip
def test_reasoning_is_asked_for_in_the_words_of_the_vendor(
    vendor: str, model: str, effort: str, fields: dict[str, Any]
) -> None:
    body = posted(vendor, model, effort=effort).body
    assert {name: body[name] for name in EFFORTS if name in body} == fields


@pytest.mark.parametrize(
    ("vendor", "field"),
    [
        ("openai", "max_completion_tokens"),
        ("azure", "max_completion_tokens"),
        ("bedrock", "max_completion_tokens"),
        ("groq", "max_completion_tokens"),
        ("moonshot", "max_completion_tokens"),
        ("kimi", "max_completion_tokens"),
        ("cerebras", "max_completion_tokens"),
        ("minimax", "max_completion_tokens"),
        ("openrouter", "max_tokens"),
        ("deepseek", "max_tokens"),
        ("mistral", "max_tokens"),
        ("xai", "max_tokens"),
        ("zai", "max_tokens"),
        ("together", "max_tokens"),
        ("fireworks", "max_tokens"),
        ("alibaba", "max_tokens"),
        ("chutes", "max_tokens"),
        ("ollama", "max_tokens"),
        ("unknown", "max_tokens"),
    ],
)
def test_the_limit_of_an_answer_has_the_name_that_the_vendor_knows(vendor: str, field: str) -> None:
    body = posted(vendor, "any", max_output=77).body
    assert {name: body[name] for name in body if name.startswith("max_")} == {field: 77}


@pytest.mark.parametrize(
    ("vendor", "field", "header"),
    [
        ("openai", "prompt_cache_key", ""),
        ("moonshot", "prompt_cache_key", ""),
        ("cerebras", "prompt_cache_key", ""),
        ("openrouter", "session_id", ""),
        ("mistral", "prompt_cache_key", "x-affinity"),
        ("fireworks", "prompt_cache_key", "x-session-affinity"),
        ("xai", "", "x-grok-conv-id"),
        ("deepseek", "", ""),
        ("unknown", "", ""),
    ],
)
def test_a_session_stays_where_its_cache_is(vendor: str, field: str, header: str) -> None:
    post = posted(vendor, "any", cache_key="session-1")
    assert {name: post.body[name] for name in ("prompt_cache_key", "session_id")
            if name in post.body} == ({field: "session-1"} if field else {})  # fmt: skip
    sent = {name: text for name, text in post.headers.items() if name != "x-title"}
    assert sent == ({header: "session-1"} if header else {})
    without = posted(vendor, "any")
    assert "session-1" not in str(without)


def test_routers_are_told_who_asks_and_nothing_that_is_not_so() -> None:
    assert posted("openrouter", "any").headers == {"x-title": "ion"}
    assert posted("openai", "any").headers == {}


def test_the_routing_of_a_router_is_passed_on_as_it_is_set() -> None:
    routing = {"order": ["a", "b"], "allow_fallbacks": False}
    assert posted("openrouter", "any", routing=routing).body["provider"] == routing
    assert "provider" not in posted("openrouter", "any").body


def test_zai_streams_arguments_only_where_there_are_tools() -> None:
    assert posted("zai", "glm-9", tools=(TOOL,)).body["tool_stream"] is True
    assert "tool_stream" not in posted("zai", "glm-9").body
    assert "tool_stream" not in posted("zai", "glm-4.5-air", tools=(TOOL,)).body


@pytest.mark.parametrize(
    ("vendor", "model", "field"),
    [
        ("deepseek", "deepseek-v9", "reasoning_content"),
        ("moonshot", "kimi-k3", "reasoning_content"),
        ("zai", "glm-9", "reasoning_content"),
        ("alibaba", "qwen9", "reasoning_content"),
        ("vllm", "any", "reasoning"),
        ("ollama", "any", "reasoning"),
        ("cerebras", "gpt-oss-120b", "reasoning"),
    ],
)
def test_thoughts_go_back_in_the_field_that_they_came_in(
    vendor: str, model: str, field: str
) -> None:
    thought = Reasoning(text="hm", opaque={"field": field})
    parts = (thought, Text(text="yes"))
    turn = Message(role="assistant", parts=parts, origin=endpoint(vendor).origin(model))
    written = posted(vendor, model, user("x"), turn, user("y")).body["messages"][2]
    assert written == {"role": "assistant", "content": "yes", field: "hm"}


@pytest.mark.parametrize(("vendor", "model"), [("minimax", "MiniMax-M3"), ("cerebras", "zai-glm")])
def test_thoughts_that_live_in_tags_go_back_in_tags(vendor: str, model: str) -> None:
    parts = (Reasoning(text="hm", opaque={"field": "think"}), Text(text="yes"))
    turn = Message(role="assistant", parts=parts, origin=endpoint(vendor).origin(model))
    written = posted(vendor, model, user("x"), turn, user("y")).body["messages"][2]
    assert written == {"role": "assistant", "content": "<think>hm</think>\n\nyes"}


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


def test_kimi_gets_a_type_at_every_place_of_a_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "any": {},
            "one": {"enum": [1, 2]},
            "list": {"items": {"description": "x"}},
            "deep": {"properties": {"inner": {"description": "y"}}},
            "either": {"type": "string", "anyOf": [{"type": "string"}, {"const": True}]},
            "kept": {"type": "number"},
        },
    }
    tool = ToolSpec(name="t", description="", schema=schema)
    sent = posted("moonshot", "m", tools=(tool,)).body["tools"][0]["function"]["parameters"]
    assert sent["properties"] == {
        "any": {"type": "string"},
        "one": {"enum": [1, 2], "type": "integer"},
        "list": {"items": {"description": "x", "type": "string"}, "type": "array"},
        "deep": {
            "properties": {"inner": {"description": "y", "type": "string"}},
            "type": "object",
        },
        "either": {"anyOf": [{"type": "string"}, {"const": True, "type": "boolean"}]},
        "kept": {"type": "number"},
    }
    plain = posted("openai", "m", tools=(tool,)).body["tools"][0]["function"]["parameters"]
    assert plain == schema


def test_a_seal_on_a_call_goes_back_to_where_it_came_from_and_nowhere_else() -> None:
    seal = {"extra_content": {"google": {"thought_signature": "s"}}}
    call = ToolCall(id=CallId("c"), name="read", arguments={}, opaque=seal)
    result = answered(ToolResult(call=call.id, name="read", status="ok", content="ok"))
    for origin, there in ((endpoint("unknown").origin("m"), True), (None, False)):
        turn = Message(role="assistant", parts=(call,), origin=origin)
        sent = posted("unknown", "m", user("x"), turn, result).body["messages"][2]
        assert (sent["tool_calls"][0].get("extra_content") == seal["extra_content"]) is there


def test_what_a_person_sets_for_a_model_wins_over_the_table() -> None:
    quirks = {"max_tokens": "max_completion_tokens", "fields": {"seed": 1}, "effort": "none"}
    model = ModelInfo(provider="work", id="m", quirks=quirks)
    laid = overlaid(quirks_for("https://api.mistral.ai/v1", "m"), model)
    assert (laid.max_tokens, laid.fields, laid.effort) == (*quirks.values(),)
    assert laid.call_id_size == 9


@pytest.mark.parametrize(
    ("quirks", "words"),
    [({"max_token": 1}, "'max_token' is none"), ({"call_id_size": "nine"}, "call_id_size")],
)
def test_a_quirk_that_is_none_is_a_setting_that_is_wrong(quirks: Any, words: str) -> None:
    model = ModelInfo(provider="work", id="m", quirks=quirks)
    with pytest.raises(ConfigError, match=words) as failure:
        overlaid(Quirks(), model)
    assert "[providers.work.models.'m'.quirks]" in str(failure.value)


def test_a_host_that_only_ends_like_a_vendor_is_not_that_vendor() -> None:
    assert quirks_for("https://notapi.openai.com.evil.example/v1", "m") == Quirks()
    assert quirks_for("https://evilapi.x.ai.example/v1", "m") == Quirks()
    assert quirks_for("https://myaliyuncs.com/v1", "m") == Quirks()
