"""What models are told about thinking, limits, temperature and the form of an answer."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ion_core.ids import CallId
from ion_core.messages import Message, Reasoning, Text, ToolCall, ToolResult, user
from ion_core.providers.anthropic_quirks import quirks_for, version
from ion_core.providers.anthropic_wire import messages_body
from ion_core.providers.base import ModelInfo, Request
from ion_core.providers.endpoint import Endpoint

HOME = "https://api.anthropic.com"
ADAPTIVE = {"type": "adaptive", "display": "summarized"}


def body_of(
    model: str, base_url: str = HOME, info: dict[str, Any] | None = None, **request: Any
) -> Any:
    known = {model: ModelInfo(provider="p", id=model, **info)} if info else {}
    endpoint = Endpoint(name="p", base_url=base_url, models=known)
    messages = request.pop("messages", (user("x"),))
    asked = Request(model=model, system="", messages=messages, **request)
    return messages_body(asked, endpoint, quirks_for(base_url, model))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("claude-opus-4-6", "opus-4-6"),
        ("claude-opus-4-6-20260205", "opus-4-6"),
        ("claude-opus-4-6@20260205", "opus-4-6"),
        ("us.anthropic.claude-opus-4-6-v1:0", "opus-4-6"),
        ("anthropic/claude-opus-4.6", "opus-4-6"),
        ("claude-sonnet-4-20250514", "sonnet-4"),
        ("claude-sonnet-4-0", "sonnet-4"),
        ("claude-3-7-sonnet-latest", "sonnet-3-7"),
        ("anthropic/claude-3.7-sonnet:thinking", "sonnet-3-7"),
        ("claude-3-opus-20240229", "opus-3"),
        ("claude-opus-5", "opus-5"),
        ("claude-opus-5-5", "opus-5-5"),
        ("claude-brand-new", ""),
    ],
)
def test_a_model_is_known_by_whatever_name_a_host_gives_it(model: str, name: str) -> None:
    assert version(model) == name


@pytest.mark.parametrize(
    "model",
    ["claude-opus-5-5", "claude-sonnet-5", "claude-opus-4-6", "claude-fable-9", "claude-novel-7-1"],
)
def test_a_model_that_decides_by_itself_thinks_without_an_effort(model: str) -> None:
    body = body_of(model)
    assert body["thinking"] == ADAPTIVE
    assert "output_config" not in body


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        ("claude-opus-5-5", "xhigh", "xhigh"),
        ("claude-opus-5-5", "max", "max"),
        ("claude-opus-5-5", "minimal", "low"),
        ("claude-opus-4-6", "xhigh", "max"),
        ("claude-sonnet-4-6", "max", "max"),
        ("claude-sonnet-4-6", "medium", "medium"),
    ],
)
def test_an_effort_is_the_nearest_that_the_model_takes(model: str, effort: str, sent: str) -> None:
    body = body_of(model, effort=effort)
    assert body["thinking"] == ADAPTIVE
    assert body["output_config"] == {"effort": sent}


def test_an_effort_that_nobody_knows_is_left_out() -> None:
    assert "output_config" not in body_of("claude-opus-5-5", effort="heroic")


def test_efforts_that_a_model_is_known_for_win() -> None:
    body = body_of("claude-opus-5-5", info={"efforts": ("low", "high")}, effort="max")
    assert body["output_config"] == {"effort": "high"}


@pytest.mark.parametrize(
    ("model", "thinking", "config"),
    [
        ("claude-opus-5", {"type": "disabled"}, None),
        ("claude-opus-4-7", {"type": "disabled"}, None),
        ("claude-haiku-5-5", {"type": "disabled"}, None),
        ("claude-sonnet-5-5", {"type": "between_tools"}, None),
        ("claude-opus-5-5", ADAPTIVE, {"effort": "low"}),
        ("claude-fable-5-1", ADAPTIVE, {"effort": "low"}),
        ("claude-sonnet-4-5", {"type": "disabled"}, None),
        ("claude-3-opus-20240229", None, None),
    ],
)
@pytest.mark.parametrize("effort", ["none", "off"])
def test_thinking_ends_in_the_words_of_each_model(
    model: str, thinking: Any, config: Any, effort: str
) -> None:
    body = body_of(model, effort=effort)
    assert body.get("thinking") == thinking
    assert body.get("output_config") == config


@pytest.mark.parametrize(
    "model",
    ["claude-sonnet-4-5", "claude-haiku-4-5-20251001", "claude-opus-4-1", "claude-opus-4-5"],
)
def test_older_models_think_only_when_asked_and_within_a_budget(model: str) -> None:
    assert "thinking" not in body_of(model)
    body = body_of(model, effort="high")
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 20_480}
    assert body["max_tokens"] > 20_480


def test_of_the_older_models_one_takes_an_effort_too() -> None:
    body = body_of("claude-opus-4-5", effort="max")
    assert body["thinking"]["type"] == "enabled"
    assert body["output_config"] == {"effort": "high"}
    assert "output_config" not in body_of("claude-haiku-4-5", effort="high")


@pytest.mark.parametrize(("most", "budget"), [(8_192, 7_168), (2_048, 1_024)])
def test_a_budget_leaves_room_for_the_answer(most: int, budget: int) -> None:
    body = body_of("claude-sonnet-4-5", effort="high", max_output=most)
    assert body["max_tokens"] == most
    assert body["thinking"]["budget_tokens"] == budget


def test_there_is_no_thinking_where_no_budget_fits() -> None:
    assert "thinking" not in body_of("claude-sonnet-4-5", effort="low", max_output=2_000)


@pytest.mark.parametrize(
    ("model", "own", "thinks"),
    [
        ("claude-sonnet-4-5", False, False),
        ("claude-sonnet-4-5", True, True),
        ("claude-opus-5-5", False, True),
    ],
)
def test_a_model_with_a_budget_does_not_begin_to_think_within_anothers_calls(
    model: str, own: bool, thinks: bool
) -> None:
    call = ToolCall(id=CallId("t"), name="read", arguments={})
    result = ToolResult(call=call.id, name="read", status="ok", content="x")
    origin = Endpoint(name="p", base_url=HOME).origin(model if own else "another")
    parts = (Reasoning(text="hm", signature="s"), call)
    asked = (user("x"), Message(role="assistant", parts=parts, origin=origin))
    looping = (*asked, Message(role="tool", parts=(result,)))
    assert ("thinking" in body_of(model, effort="low", messages=looping)) is thinks
    done = (*looping, Message(role="assistant", parts=(Text(text="So."),)), user("And?"))
    assert "thinking" in body_of(model, effort="low", messages=done)


def test_models_that_do_not_think_are_not_told_to() -> None:
    body = body_of("claude-3-5-haiku-20241022", effort="high")
    assert not {"thinking", "output_config"} & body.keys()


def test_other_models_behind_the_protocol_are_told_only_what_was_asked_for() -> None:
    zai = "https://api.z.ai/api/anthropic"
    assert not {"thinking", "output_config"} & body_of("glm-5.2", zai).keys()
    assert body_of("glm-5.2", zai, effort="low")["thinking"]["type"] == "enabled"
    assert body_of("glm-5.2", zai, effort="off")["thinking"] == {"type": "disabled"}
    deepseek = body_of("deepseek-v4-pro", "https://api.deepseek.com/anthropic", effort="low")
    assert deepseek["output_config"] == {"effort": "high"}


@pytest.mark.parametrize(
    ("model", "most"),
    [
        ("claude-opus-5-5", 128_000),
        ("claude-opus-4-6", 128_000),
        ("claude-sonnet-4-6", 128_000),
        ("claude-haiku-4-5", 64_000),
        ("claude-sonnet-4", 64_000),
        ("claude-opus-4-1", 32_000),
        ("claude-3-haiku-20240307", 4_096),
        ("kimi-k3", 32_000),
    ],
)
def test_there_is_always_a_limit_on_the_answer(model: str, most: int) -> None:
    assert body_of(model)["max_tokens"] == most
    assert body_of(model, info={"max_output": 5_000})["max_tokens"] == 5_000
    assert body_of(model, info={"max_output": 5_000}, max_output=7)["max_tokens"] == 7


def test_temperature_goes_only_to_models_that_take_it_and_do_not_think() -> None:
    assert body_of("claude-sonnet-4-5", temperature=0.2)["temperature"] == 0.2
    assert "temperature" not in body_of("claude-sonnet-4-5", temperature=0.2, effort="low")
    for model in ("claude-opus-4-7", "claude-sonnet-5", "claude-opus-5-5", "claude-new-8"):
        assert "temperature" not in body_of(model, temperature=0.2, effort="off")


SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "Who.", "minLength": 1},
        "tags": {"type": "array", "items": {"type": "object", "properties": {}}, "maxItems": 3},
        "pattern": {"type": "string", "format": "color"},
    },
    "required": ["name"],
}


def test_a_schema_is_put_into_the_subset_that_is_understood() -> None:
    config = body_of("claude-opus-5-5", schema=SCHEMA, effort="low")["output_config"]
    assert config["effort"] == "low"
    assert config["format"] == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "Who. (minLength: 1)"},
                "tags": {
                    "type": "array",
                    "items": {"type": "object", "properties": {}, "additionalProperties": False},
                    "description": "(maxItems: 3)",
                },
                "pattern": {"type": "string", "description": "(format: color)"},
            },
            "required": ["name"],
            "additionalProperties": False,
        },
    }


def test_a_schema_is_left_out_where_it_cannot_be_kept() -> None:
    open_ = SCHEMA | {"additionalProperties": {"type": "string"}}
    assert "output_config" not in body_of("claude-opus-5-5", schema=open_)
    assert "output_config" not in body_of("claude-sonnet-4", schema=SCHEMA)
    assert "output_config" not in body_of("glm-5.2", "https://api.z.ai/x", schema=SCHEMA)


def test_fields_of_a_persons_own_win() -> None:
    endpoint = Endpoint(name="p", base_url=HOME, extra_body={"thinking": {"type": "disabled"}})
    request = Request(model="claude-opus-5", system="", messages=(user("x"),))
    quirks = replace(quirks_for(HOME, request.model), cache=True)
    body = messages_body(request, endpoint, quirks)
    assert body["thinking"] == {"type": "disabled"}
    assert body["messages"]
