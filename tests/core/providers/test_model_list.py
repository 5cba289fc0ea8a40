"""The lists of models that servers give, each in its own form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ion_core.errors import BadRequest
from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.layered import layered
from ion_core.providers.model_list import read_models
from ion_core.usage import Price

AT = Endpoint(name="host", base_url="http://h/v1")


def read(*rows: dict[str, Any], key: str = "data") -> list[ModelInfo]:
    return read_models(json.dumps({key: rows}).encode(), AT)


def only(row: dict[str, Any], key: str = "data") -> ModelInfo:
    (info,) = read(row, key=key)
    return info


def test_openrouter_tells_limits_senses_and_prices_per_token() -> None:
    info = only(
        {
            "id": "acme/sharp-2",
            "name": "Acme: Sharp 2",
            "created": 1_780_000_000,
            "context_length": 1_048_576,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "pricing": {
                "prompt": "0.0000003",
                "completion": "0.0000012",
                "input_cache_read": "0.00000003",
                "input_cache_write": "0.000000375",
            },
            "top_provider": {"context_length": 1_048_576, "max_completion_tokens": 65_536},
            "supported_parameters": ["tools", "reasoning", "temperature"],
        }
    )
    assert info == ModelInfo(
        provider="host",
        id="acme/sharp-2",
        name="Acme: Sharp 2",
        window=1_048_576,
        max_output=65_536,
        vision=True,
        reasoning=True,
        price=Price(input=0.3, output=1.2, cache_read=0.03, cache_write=0.375),
        released="2026-05-28",
    )


def test_a_model_without_tools_is_spoken_to_in_text() -> None:
    assert only({"id": "m", "supported_parameters": ["temperature"]}).tool_mode == "text"
    assert only({"id": "m", "capabilities": {"function_calling": False}}).tool_mode == "text"
    assert only({"id": "m"}).tool_mode == "native"


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        ({"prompt": "-1", "completion": "-1"}, None),
        ({"prompt": "0", "completion": "0"}, None),
        ({"prompt": "cheap", "completion": "0.1"}, None),
        ({}, None),
        ({"input": 0.6, "output": 1.7, "hourly": 0}, Price(input=0.6, output=1.7)),
        ({"input": 0, "output": 0}, None),
    ],
)
def test_a_price_that_is_none_is_unknown(pricing: dict[str, Any], expected: Price | None) -> None:
    assert only({"id": "m", "pricing": pricing}).price == expected


def test_what_is_called_free_costs_nothing() -> None:
    info = only({"id": "m:free", "pricing": {"prompt": "0", "completion": "0"}})
    assert info.price == Price(input=0.0, output=0.0)


def test_together_answers_with_a_bare_list() -> None:
    rows = [
        {"id": "Acme/Big", "type": "chat", "display_name": "Big", "context_length": 131_072},
        {"id": "Acme/Painter", "type": "image"},
    ]
    (info,) = read_models(json.dumps(rows).encode(), AT)
    assert (info.id, info.name, info.window) == ("Acme/Big", "Big", 131_072)


def test_groq_leaves_out_what_is_switched_off() -> None:
    on = {"id": "a", "active": True, "context_window": 131_072, "max_completion_tokens": 65_536}
    off = {"id": "b", "active": False}
    (info,) = read(on, off)
    assert (info.id, info.window, info.max_output) == ("a", 131_072, 65_536)


def test_mistral_tells_capabilities_and_what_to_use_instead() -> None:
    can = {"completion_chat": True, "function_calling": True, "vision": True}
    old = {
        "id": "mistral-old",
        "max_context_length": 32_768,
        "capabilities": can,
        "deprecation": "2026-01-31T12:00:00Z",
        "deprecation_replacement_model": "mistral-new",
    }
    ranks = {"id": "sorter", "capabilities": {"completion_chat": False}}
    (info,) = read(old, ranks)
    assert (info.window, info.vision) == (32_768, True)
    assert info.deprecated
    assert info.successor == "mistral-new"


def test_anthropic_tells_names_limits_and_senses() -> None:
    info = only(
        {
            "type": "model",
            "id": "claude-sonnet-5",
            "display_name": "Claude Sonnet 5",
            "created_at": "2026-06-01T00:00:00Z",
            "max_input_tokens": 1_000_000,
            "max_tokens": 128_000,
            "capabilities": {
                "image_input": {"supported": True},
                "thinking": {"supported": True},
            },
        }
    )
    assert (info.name, info.released) == ("Claude Sonnet 5", "2026-06-01")
    assert (info.window, info.max_output) == (1_000_000, 128_000)
    assert info.vision
    assert info.reasoning


def test_google_names_models_in_full_and_lists_what_cannot_talk() -> None:
    talks = {
        "name": "models/gemini-9-pro",
        "displayName": "Gemini 9 Pro",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": True,
    }
    counts = {"name": "models/aqa", "supportedGenerationMethods": ["generateAnswer"]}
    (info,) = read(talks, counts, key="models")
    assert (info.id, info.name) == ("gemini-9-pro", "Gemini 9 Pro")
    assert (info.window, info.max_output, info.reasoning) == (1_048_576, 65_536, True)


@pytest.mark.parametrize(
    ("row", "window"),
    [
        ({"max_model_len": 40_960, "created": 1_780_000_000}, 40_960),
        ({"meta": {"n_ctx": 8192, "n_ctx_train": 131_072}}, 8192),
        ({"loaded_context_length": 4096, "max_context_length": 131_072, "type": "llm"}, 4096),
        ({"context_length": "many"}, 0),
    ],
)
def test_servers_on_this_machine_tell_their_windows(row: dict[str, Any], window: int) -> None:
    info = only({"id": "m", **row})
    assert (info.window, info.released) == (window, "")


def test_copilot_tells_limits_below_capabilities() -> None:
    can = {
        "type": "chat",
        "limits": {"max_context_window_tokens": 264_000, "max_output_tokens": 64_000},
        "supports": {"vision": True, "tool_calls": True},
    }
    embeds = {"id": "e", "capabilities": {"type": "embeddings"}}
    (info,) = read({"id": "c", "name": "C", "capabilities": can}, embeds)
    assert (info.window, info.max_output, info.vision) == (264_000, 64_000, True)


def test_ids_that_speak_for_themselves_are_left_out() -> None:
    rows = [{"id": name} for name in ("gpt-6", "text-embedding-3", "whisper-1", "gpt-image-2")]
    assert [info.id for info in read(*rows)] == ["gpt-6"]


def test_what_is_known_of_the_endpoint_wins() -> None:
    mine = ModelInfo(provider="host", id="m", window=5, price=Price(input=1.0, output=1.0))
    known = Endpoint(name="host", base_url="http://h/v1", models={"m": mine})
    row = {"id": "m", "context_length": 9, "top_provider": {"max_completion_tokens": 3}}
    (info,) = read_models(json.dumps({"data": [row]}).encode(), known)
    assert (info.window, info.max_output, info.price) == (5, 3, mine.price)


def test_the_weak_fills_only_what_the_strong_leaves_open() -> None:
    strong = ModelInfo(provider="p", id="m", window=5, tool_mode="text")
    weak = ModelInfo(provider="q", id="n", window=9, vision=True, max_output=2)
    both = ModelInfo(provider="p", id="m", window=5, tool_mode="text", vision=True, max_output=2)
    assert layered(strong, weak) == both


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data": {}}', b'"models"'])
def test_anything_else_is_no_list(body: bytes) -> None:
    with pytest.raises(BadRequest, match="host did not answer with a list"):
        read_models(body, AT)


def test_odd_rows_are_passed_over() -> None:
    rows = [3, None, {"id": ""}, {"id": 7}, {"object": "model"}, {"id": "m"}]
    assert [info.id for info in read_models(json.dumps(rows).encode(), AT)] == ["m"]
