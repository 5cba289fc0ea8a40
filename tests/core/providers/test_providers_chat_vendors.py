"""Each vendor of chat completions gets what its own pages ask for, and nothing that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from ion_core.errors import ConfigError
from ion_core.messages import Message, Reasoning, Text, user
from ion_core.providers.base import ModelInfo, ToolSpec
from ion_core.providers.overlay import overlaid
from ion_core.providers.quirks import Quirks
from ion_core.providers.vendors import quirks_for
from tests.fakes.chat_posts import TOOL, endpoint, posted

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
        ("minimax", "MiniMax-M3", "high", {}),
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
