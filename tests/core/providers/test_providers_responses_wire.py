"""What is asked of a Responses server, and what of a conversation goes back to it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ion_core.ids import CallId
from ion_core.messages import (
    Image,
    Message,
    Reasoning,
    StopReason,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from ion_core.providers.base import ModelInfo, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_responses import ResponsesWire
from ion_core.providers.openai_responses_quirks import ResponsesQuirks, nearest, responses_quirks

OPENAI, CODEX = "https://api.openai.com/v1", "https://chatgpt.com/backend-api/codex"
AZURE = "https://mine.openai.azure.com/openai/v1"
UNKNOWN = "http://127.0.0.1:1234/v1"
READ = ToolSpec(name="read", description="Reads.", schema={"type": "object", "properties": {}})
SEALED = {"id": "rs_1", "summary": [], "encrypted_content": "c2VhbGVk"}
CALL = ToolCall(id=CallId("call_1"), name="read", arguments={"path": "é"})
PNG = Image(media_type="image/png", sha256="a" * 64)


def endpoint(base_url: str = OPENAI, **more: Any) -> Endpoint:
    models = {"m": ModelInfo(provider="p", id="m", vision=True)}
    known = {"name": "p", "protocol": "openai-responses", "base_url": base_url, "models": models}
    return Endpoint(**{**known, **more})


def body(
    *messages: Message,
    at: Endpoint | None = None,
    quirks: ResponsesQuirks | None = None,
    stream: bool = True,
    **wishes: Any,
) -> dict[str, Any]:
    wire = ResponsesWire(at or endpoint(), blobs=lambda _: b"png")
    asked = {"model": "m", "system": "Be brief.", "messages": messages or (user("x"),), **wishes}
    request = Request(**asked)
    chosen = quirks or wire.quirks(request.model)
    return wire.post(request, chosen, stream=stream).body


def answered(
    *parts: Any, at: Endpoint | None = None, stop: StopReason = "tool_use", model: str = "m"
) -> Message:
    origin = (at or endpoint()).origin(model)
    return Message(role="assistant", parts=parts, origin=origin, stop=stop)


def result(call: ToolCall = CALL, content: str = "done", *images: Image) -> Message:
    made = ToolResult(call=call.id, name=call.name, status="ok", content=content, images=images)
    return Message(role="tool", parts=(made,))


def test_a_request_is_stateless_and_asks_for_sealed_thoughts() -> None:
    sent = body(tools=(READ,), max_output=900, cache_key="s1", temperature=0.5)
    assert sent == {
        "model": "m",
        "instructions": "Be brief.",
        "tools": [
            {
                "type": "function",
                "name": "read",
                "description": "Reads.",
                "parameters": READ.schema,
                "strict": False,
            }
        ],
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "x"}],
            }
        ],
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": 900,
        "prompt_cache_key": "s1",
        "reasoning": {"summary": "auto"},
    }


def test_an_answer_is_never_asked_to_be_shorter_than_servers_allow() -> None:
    assert body(max_output=1)["max_output_tokens"] == 16


def test_an_unknown_server_is_asked_in_the_plainest_way() -> None:
    sent = body(at=endpoint(UNKNOWN), temperature=0.5, cache_key="s1", effort="high")
    assert set(sent) == {
        "model",
        "instructions",
        "input",
        "stream",
        "store",
        "include",
        "temperature",
        "reasoning",
    }
    assert sent["reasoning"] == {"effort": "high"}


@pytest.mark.parametrize(
    "model", ["gpt-4o", "gpt-4.1-mini", "gpt-3.5-turbo", "chatgpt-4o-latest", "gpt-5-chat-latest"]
)
def test_models_that_do_not_reason_are_not_asked_to(model: str) -> None:
    sent = body(model=model, effort="high", temperature=0.5)
    assert "reasoning" not in sent
    assert "include" not in sent
    assert sent["temperature"] == 0.5


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        ("gpt-5", "none", "minimal"),
        ("gpt-5", "minimal", "minimal"),
        ("gpt-5-codex", "minimal", "low"),
        ("gpt-5-pro", "low", "high"),
        ("gpt-5.1", "xhigh", "high"),
        ("gpt-5.1-codex-mini", "low", "medium"),
        ("gpt-5.1-codex-max", "xhigh", "xhigh"),
        ("gpt-5.2", "minimal", "low"),
        ("gpt-5.4-mini", "max", "xhigh"),
        ("openai/gpt-5.1", "xhigh", "high"),
        ("openai.gpt-oss-120b", "none", "low"),
        ("o3", "xhigh", "high"),
        ("gpt-5.9", "max", "max"),
        ("gpt-6", "ultra", "ultra"),
        ("anything", "off", "none"),
    ],
)
def test_an_effort_is_the_nearest_that_a_model_takes(model: str, asked: str, sent: str) -> None:
    written = body(model=model, effort=asked)["reasoning"]
    assert written["effort"] == sent
    assert ("summary" in written) == (sent != "none")


def test_efforts_of_the_catalogue_count_where_the_table_knows_none() -> None:
    known = ModelInfo(provider="p", id="gpt-6", efforts=("low", "high"))
    sent = body(at=endpoint(models={"gpt-6": known}), model="gpt-6", effort="max")
    assert sent["reasoning"]["effort"] == "high"
    assert nearest("max", ("odd",)) == "max"


def test_codex_gets_what_it_requires_and_nothing_that_it_refuses() -> None:
    sent = body(
        at=endpoint(CODEX), system="", max_output=9, temperature=1.0, cache_key="s1", stream=False
    )
    assert (sent["store"], sent["stream"], bool(sent["instructions"])) == (False, True, True)
    assert sent["prompt_cache_key"] == "s1"
    assert not {"max_output_tokens", "temperature", "metadata"} & set(sent)


def test_an_answer_may_be_held_to_a_schema() -> None:
    closed = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert body(schema=closed)["text"] == {
        "format": {"type": "json_schema", "name": "answer", "schema": closed, "strict": True}
    }
    assert body(schema=closed | {"required": []})["text"]["format"]["strict"] is False


def test_what_people_set_wins_and_a_router_is_told_its_choices() -> None:
    at = endpoint(extra_body={"store": True, "service_tier": "flex"}, routing={"sort": "price"})
    sent = body(at=at)
    assert (sent["store"], sent["service_tier"]) == (True, "flex")
    assert sent["provider"] == {"sort": "price"}


def test_an_answer_goes_back_to_its_origin_whole_and_in_order() -> None:
    thought = Reasoning(text="hm", opaque=SEALED)
    words = Text(text="I look.", opaque={"phase": "commentary"})
    sent = body(user("x"), answered(thought, words, thought, CALL), result())["input"]
    assert sent[1:] == [
        {"type": "reasoning", "summary": [], "encrypted_content": "c2VhbGVk"},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
            "phase": "commentary",
        },
        {"type": "reasoning", "summary": [], "encrypted_content": "c2VhbGVk"},
        {
            "type": "function_call",
            "call_id": "call_1",
            "name": "read",
            "arguments": '{"path":"é"}',
        },
        {"type": "function_call_output", "call_id": "call_1", "output": "done"},
    ]


@pytest.mark.parametrize(
    "elsewhere", [{"at": endpoint("https://other.example/v1")}, {"model": "gpt-5"}]
)
def test_thoughts_and_phases_go_nowhere_else(elsewhere: dict[str, Any]) -> None:
    thought = Reasoning(text="hm", opaque=SEALED)
    words = Text(text="I look.", opaque={"phase": "commentary"})
    sent = body(user("x"), answered(thought, words, CALL, **elsewhere), result())["input"]
    assert [item["type"] for item in sent] == [
        "message",
        "message",
        "function_call",
        "function_call_output",
    ]
    assert "phase" not in sent[1]


@pytest.mark.parametrize("stop", ["error", "interrupted", "incomplete"])
def test_the_thoughts_of_a_broken_answer_are_dropped(stop: StopReason) -> None:
    thought = Reasoning(text="hm", opaque=SEALED)
    sent = body(user("x"), answered(thought, Text(text="I"), stop=stop), user("y"))["input"]
    assert [item["type"] for item in sent] == ["message"] * 3


def test_a_thought_that_led_to_nothing_is_dropped() -> None:
    thought = Reasoning(text="hm", opaque=SEALED)
    sent = body(user("x"), answered(Text(text="a"), thought, stop="max_tokens"), user("y"))["input"]
    assert [item["type"] for item in sent] == ["message"] * 3
    assert body(user("x"), answered(thought), user("y"))["input"][1:] == body(user("y"))["input"]


def test_open_thoughts_go_back_where_nothing_is_sealed() -> None:
    at = endpoint("https://api.deepseek.com")
    content = [{"type": "reasoning_text", "text": "hm"}]
    thought = Reasoning(text="hm", opaque={"id": "x", "content": content})
    sent = body(user("x"), answered(thought, CALL, at=at), result(), at=at)["input"]
    assert sent[1] == {"type": "reasoning", "summary": [], "content": content, "id": "x"}
    assert "include" not in body(at=at)
    own = body(user("x"), answered(thought, CALL), result())["input"]
    assert "reasoning" not in [item["type"] for item in own]


def test_calls_come_last_where_they_must() -> None:
    at = endpoint("https://api.deepseek.com")
    second = ToolCall(id=CallId("call_2"), name="read", arguments={})
    made = answered(CALL, Text(text="and"), second, at=at)
    kinds = [
        item["type"] for item in body(user("x"), made, result(), result(second), at=at)["input"]
    ]
    assert kinds[1:] == ["message", *["function_call"] * 2, *["function_call_output"] * 2]


def test_items_are_whole_for_servers_that_check_them() -> None:
    at = endpoint(UNKNOWN)
    nameless = Reasoning(text="hm", opaque={"encrypted_content": "c2VhbGVk"})
    thought = Reasoning(text="hm", opaque=SEALED)
    made = answered(thought, nameless, Text(text="I look."), CALL, at=at)
    sent = body(user("x"), made, result(), at=at)["input"]
    assert [item.get("id") for item in sent[1:5]] == ["rs_1", "rs_ion1", "msg_ion2", None]
    assert [item.get("status") for item in sent[3:5]] == ["completed"] * 2


def test_ids_become_legal_and_stay_apart() -> None:
    odd = ToolCall(id=CallId("ünïque|x"), name="a b", arguments={})
    long = ToolCall(id=CallId("x" * 65), name="read", arguments={})
    sent = body(user("x"), answered(odd, long), result(odd), result(long))["input"]
    calls, outputs = sent[1:3], sent[3:]
    assert [c["call_id"] for c in calls] == [o["call_id"] for o in outputs]
    assert all(len(c["call_id"]) <= 64 and c["call_id"].isascii() for c in calls)
    assert calls[0]["name"] == "a_b"


def test_an_id_that_is_used_again_in_a_later_answer_becomes_another() -> None:
    twice = (answered(CALL), result(CALL, "one"), answered(CALL), result(CALL, "two"))
    sent = body(user("x"), *twice)["input"]
    first, one, second, two = sent[1:]
    assert first["call_id"] == one["call_id"] != second["call_id"] == two["call_id"]
    assert sent[:3] == body(user("x"), *twice[:2])["input"]


def test_a_plain_call_goes_back_as_one_to_its_origin_alone() -> None:
    plain = ToolCall(
        id=CallId("c"),
        name="sql",
        arguments={},
        malformed="SELECT",
        opaque={"type": "custom_tool_call"},
    )
    own = body(user("x"), answered(plain), result(plain, "bad"))["input"][1:]
    assert own == [
        {"type": "custom_tool_call", "call_id": "c", "name": "sql", "input": "SELECT"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": "bad"},
    ]
    other = body(user("x"), answered(plain, model="gpt-5"), result(plain, "bad"))["input"][1:]
    assert [item["type"] for item in other] == ["function_call", "function_call_output"]


def test_images_are_sent_in_prompts_and_in_results() -> None:
    url = "data:image/png;base64," + base64.b64encode(b"png").decode()
    shown = {"type": "input_image", "image_url": url, "detail": "auto"}
    asked = Message(role="user", parts=(Text(text="see"), PNG))
    sent = body(asked, answered(CALL), result(CALL, "here", PNG))["input"]
    assert sent[0]["content"] == [{"type": "input_text", "text": "see"}, shown]
    assert sent[2]["output"] == [{"type": "input_text", "text": "here"}, shown]


def test_images_follow_the_results_where_results_cannot_hold_them() -> None:
    quirks = ResponsesQuirks(result_images=False)
    sent = body(user("x"), answered(CALL), result(CALL, "here", PNG), quirks=quirks)["input"]
    assert sent[2]["output"] == "here\n(see the attached image)"
    assert [part["type"] for part in sent[3]["content"]] == ["input_image"]


def test_a_model_that_sees_nothing_is_told_that_there_was_an_image() -> None:
    asked = Message(role="user", parts=(PNG,))
    sent = body(asked, answered(CALL), result(CALL, "", PNG), model="blind")["input"]
    unseen = "(an image that this model cannot see)"
    assert (sent[0]["content"][0]["text"], sent[2]["output"]) == (unseen, unseen)


def test_an_image_that_is_gone_becomes_words() -> None:
    def gone(_: str) -> bytes:
        raise FileNotFoundError

    wire = ResponsesWire(endpoint(), blobs=gone)
    request = Request(model="m", system="", messages=(Message(role="user", parts=(PNG,)),))
    sent = wire.post(request, wire.quirks("m"), stream=True).body["input"]
    assert sent[0]["content"][0]["type"] == "input_text"


def test_calls_without_results_and_results_without_calls_are_mended() -> None:
    sent = body(user("x"), answered(CALL), user("go on"), result())["input"]
    assert [item["type"] for item in sent] == [
        "message",
        "function_call",
        "function_call_output",
        "message",
        "message",
    ]
    assert "not known" in sent[2]["output"]


def test_empty_parts_and_messages_are_left_out() -> None:
    sent = body(user(""), answered(Text(text="")), user("x"))["input"]
    assert len(sent) == 1


def test_keys_and_tokens_go_where_each_server_looks() -> None:
    assert ResponsesWire(endpoint()).key_headers("k") == {"authorization": "Bearer k"}
    assert ResponsesWire(endpoint()).key_headers("") == {}
    azure = ResponsesWire(endpoint(AZURE))
    assert azure.key_headers("k1") == {"api-key": "k1"}
    assert azure.key_headers("eyJ0.x.y") == {"authorization": "Bearer eyJ0.x.y"}


def _headers(at: Endpoint, *messages: Message, cache_key: str = "s1") -> dict[str, str]:
    wire = ResponsesWire(at)
    request = Request(model="m", system="", messages=messages, cache_key=cache_key)
    return wire.post(request, wire.quirks("m"), stream=True).headers


def test_codex_is_told_the_session() -> None:
    assert _headers(endpoint(CODEX), user("x")) == {
        "openai-beta": "responses=experimental",
        "session_id": "s1",
    }
    assert "session_id" not in _headers(endpoint(CODEX), user("x"), cache_key="")
    assert _headers(endpoint(), user("x")) == {}


@pytest.mark.parametrize(
    "url", ["https://api.githubcopilot.com", "https://copilot-api.example.com"]
)
def test_copilot_is_told_the_truth_about_who_began(url: str) -> None:
    at = endpoint(url)
    assert _headers(at, user("x")) == {
        "x-initiator": "user",
        "openai-intent": "conversation-edits",
    }
    own = (user("x"), answered(CALL, at=at), result(CALL, "", PNG))
    assert _headers(at, *own) == {
        "x-initiator": "agent",
        "openai-intent": "conversation-edits",
        "copilot-vision-request": "true",
    }


def test_codex_lists_its_models_in_its_own_form() -> None:
    wire = ResponsesWire(endpoint(CODEX))
    assert wire.models_path.startswith("models?client_version=")
    shown = {
        "slug": "gpt-5.5",
        "display_name": "GPT-5.5",
        "context_window": 400_000,
        "visibility": "list",
        "input_modalities": ["text", "image"],
        "supported_reasoning_levels": [{"effort": "low"}, {"effort": "high"}, {}],
    }
    rows = [shown, {"slug": "old", "visibility": "hide"}, 3, {"slug": None}]
    listed = wire.models(json.dumps({"models": rows}).encode())
    [model] = listed
    assert (model.id, model.name, model.window) == ("gpt-5.5", "GPT-5.5", 400_000)
    assert (model.efforts, model.reasoning, model.vision) == (("low", "high"), True, True)
    assert ResponsesWire(endpoint()).models_path == "models"


def test_hosts_are_known_by_their_end_and_not_by_their_looks() -> None:
    assert responses_quirks("https://api.openai.com.evil.example/v1", "m") == ResponsesQuirks()
    assert responses_quirks(AZURE, "my-deployment").summary
    assert not responses_quirks("https://api.deepseek.com", "deepseek-v4").sealed


def test_a_gateway_before_a_vendor_is_asked_like_the_vendor() -> None:
    at = endpoint("https://gateway.example/v1", name="openai")
    assert body(at=at, cache_key="s1")["prompt_cache_key"] == "s1"
    codex = endpoint("https://gateway.example/v1", name="chatgpt")
    assert _headers(codex, user("x"))["session_id"] == "s1"
    elsewhere = endpoint("https://api.x.ai/v1", name="openai")
    assert "summary" not in body(at=elsewhere, effort="low")["reasoning"]
