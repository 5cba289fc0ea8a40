"""What is sent: the JSON of requests, for each kind of vendor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ion_core.ids import CallId
from ion_core.messages import (
    Image,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    answered,
    user,
)
from ion_core.providers.base import ModelInfo, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat_wire import chat_body, is_strict
from ion_core.providers.repair import LOST, repaired
from ion_core.providers.vendors import quirks_for
from ion_core.providers.wire_json import encoded

REQUESTS = Path(__file__).parents[4] / "shared" / "fixtures" / "requests"
PICTURE = Image(media_type="image/png", sha256="abc")

HOSTS = {
    "openai": "https://api.openai.com/v1",
    "deepseek": "https://api.deepseek.com",
    "kimi": "https://api.moonshot.ai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "groq": "https://api.groq.com/openai/v1",
    "zai": "https://api.z.ai/api/paas/v4",
    "local": "http://127.0.0.1:8080/v1",
}


def at(host: str, model: str = "m", **known: Any) -> Endpoint:
    info = ModelInfo(provider=host, id=model, **known)
    return Endpoint(name=host, base_url=HOSTS[host], models={model: info})


def body_of(
    endpoint: Endpoint, *messages: Message, model: str = "m", system: str = "", **wishes: Any
) -> dict[str, Any]:
    request = Request(model=model, system=system, messages=messages, **wishes)
    quirks = quirks_for(endpoint.base_url, model)
    return chat_body(request, endpoint, quirks, blobs=lambda _: b"\x89PNG")


def call(id: str = "call_1", **arguments: Any) -> ToolCall:
    return ToolCall(id=CallId(id), name="read", arguments=arguments)


def result(id: str = "call_1", content: str = "ok", **more: Any) -> ToolResult:
    return ToolResult(call=CallId(id), name="read", status="ok", content=content, **more)


def replied(endpoint: Endpoint, *parts: Part, model: str = "m") -> Message:
    return Message(role="assistant", parts=parts, origin=endpoint.origin(model))


def test_a_plain_request_says_only_what_it_must() -> None:
    assert body_of(at("local"), user("hello"), system="Be brief.") == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_tools_and_limits_are_written_as_openai_wants_them() -> None:
    schema = {"type": "object", "properties": {"path": {"type": "string"}}}
    tool = ToolSpec(name="read", description="Read a file.", schema=schema)
    body = body_of(
        at("openai", "gpt-5.6"),
        user("x"),
        model="gpt-5.6",
        system="s",
        tools=(tool,),
        max_output=99,
        temperature=0.5,
        effort="high",
        cache_key="session",
    )
    function = {"name": "read", "description": "Read a file.", "parameters": schema}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["messages"][0]["role"] == "developer"
    wanted = ("max_completion_tokens", "temperature", "reasoning_effort", "prompt_cache_key")
    assert [body[name] for name in wanted] == [99, 0.5, "high", "session"]
    assert "max_tokens" not in body


@pytest.mark.parametrize(
    ("model", "role"), [("gpt-4o", "system"), ("o1-mini", "user"), ("gpt-9-unheard", "developer")]
)
def test_only_old_models_of_openai_need_the_old_roles(model: str, role: str) -> None:
    body = body_of(at("openai", model), user("x"), model=model, system="s")
    assert body["messages"][0]["role"] == role


def test_calls_and_results_follow_each_other() -> None:
    endpoint = at("local")
    turn = replied(endpoint, Text(text="Looking."), call("c1", path="a"), call("c2"))
    body = body_of(endpoint, user("x"), turn, answered(result("c2", "two")), answered(result("c1")))
    _, assistant, first, second = body["messages"]
    assert assistant["content"] == "Looking."
    assert [c["function"]["arguments"] for c in assistant["tool_calls"]] == ['{"path":"a"}', "{}"]
    assert (first["tool_call_id"], second["tool_call_id"]) == ("c1", "c2")
    assert second["content"] == "two"


def test_a_call_without_a_result_gets_one_that_says_so() -> None:
    turn = Message(role="assistant", parts=(call("c1"), call("c2")))
    fixed = repaired([user("x"), turn, answered(result("c2")), user("go on")])
    assert [m.role for m in fixed] == ["user", "assistant", "tool", "user"]
    assert [r.content for r in fixed[2].results] == [LOST, "ok"]


def test_a_result_without_its_call_becomes_words() -> None:
    turn = Message(role="assistant", parts=(call("c1"),))
    stray = [answered(result("zz", "stray")), turn, answered(result("c1")), answered(result("c1"))]
    fixed = repaired(stray)
    assert [m.role for m in fixed] == ["user", "assistant", "tool", "user"]
    assert fixed[0].text == "[read] stray"


def test_a_malformed_call_is_replayed_without_arguments() -> None:
    broken = ToolCall(id=CallId("c"), name="read", arguments={}, malformed='{"pa')
    [assistant, _] = body_of(at("local"), Message(role="assistant", parts=(broken,)))["messages"]
    assert assistant["tool_calls"][0]["function"]["arguments"] == "{}"


def test_nothing_empty_is_sent() -> None:
    endpoint = at("local")
    silent = replied(endpoint, Reasoning(text="hm", opaque={"field": "reasoning"}))
    body = body_of(endpoint, user(""), silent, user("x"))
    assert body["messages"] == [{"role": "user", "content": "x"}]


def test_a_person_who_speaks_twice_is_heard_once() -> None:
    body = body_of(at("local"), user("one"), user("two"))
    assert body["messages"] == [{"role": "user", "content": "one\n\ntwo"}]


@pytest.mark.parametrize(
    ("host", "content"), [("local", None), ("openai", None), ("kimi", "absent")]
)
def test_calls_without_words_have_the_content_that_the_vendor_takes(
    host: str, content: str | None
) -> None:
    body = body_of(at(host), Message(role="assistant", parts=(call(),)))
    assert body["messages"][0].get("content", "absent") == content


def test_thoughts_go_back_to_their_origin_in_their_field_and_nowhere_else() -> None:
    here, there = at("deepseek"), at("local")
    thought = Reasoning(text="hm", opaque={"field": "reasoning_content"})
    own = body_of(here, user("x"), replied(here, thought, Text(text="yes")))
    assert own["messages"][1] == {
        "role": "assistant",
        "content": "yes",
        "reasoning_content": "hm",
    }
    foreign = body_of(here, user("x"), replied(there, thought, Text(text="yes")))
    assert foreign["messages"][1] == {"role": "assistant", "content": "yes"}
    other_model = body_of(here, user("x"), replied(here, thought, Text(text="y"), model="older"))
    assert "reasoning_content" not in other_model["messages"][1]


def test_sealed_details_go_back_verbatim() -> None:
    endpoint = at("openrouter")
    details = [{"type": "reasoning.text", "text": "hm", "signature": "s", "index": 0}]
    thought = Reasoning(text="hm", opaque={"field": "reasoning", "reasoning_details": details})
    body = body_of(endpoint, user("x"), replied(endpoint, thought, Text(text="yes")))
    assert body["messages"][1]["reasoning_details"] == details
    assert "reasoning" not in body["messages"][1]


def test_thoughts_in_typed_content_go_back_so() -> None:
    endpoint = at("mistral")
    thought = Reasoning(text="hm", opaque={"field": "content"})
    body = body_of(endpoint, user("x"), replied(endpoint, thought, Text(text="yes")))
    assert body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "yes"},
    ]


@pytest.mark.parametrize(("model", "back"), [("openai/gpt-oss-120b", True), ("qwen/qwen3", False)])
def test_groq_takes_thoughts_back_for_one_family_only(model: str, back: bool) -> None:
    endpoint = at("groq", model)
    thought = Reasoning(text="hm", opaque={"field": "reasoning"})
    turn = replied(endpoint, thought, Text(text="yes"), model=model)
    body = body_of(endpoint, user("x"), turn, model=model)
    assert ("reasoning" in body["messages"][1]) is back


def test_mistral_gets_ids_of_nine_and_no_user_right_after_a_tool() -> None:
    endpoint = at("mistral")
    turn = Message(role="assistant", parts=(call("call_long_id"), call("abcDEF123")))
    results = [answered(result("call_long_id")), answered(result("abcDEF123"))]
    messages = body_of(endpoint, user("x"), turn, *results, user("more"))["messages"]
    sent = [c["id"] for c in messages[1]["tool_calls"]]
    assert [m.get("tool_call_id") for m in messages[2:4]] == sent
    assert sent[1] == "abcDEF123"
    assert len(sent[0]) == 9
    assert sent[0].isalnum()
    assert [m["role"] for m in messages[4:]] == ["assistant", "user"]


def test_an_id_too_long_for_openai_is_shortened_the_same_way_twice() -> None:
    turn = Message(role="assistant", parts=(call("x" * 60),))
    messages = body_of(at("openai"), turn, answered(result("x" * 60)))["messages"]
    assert messages[0]["tool_calls"][0]["id"] == messages[1]["tool_call_id"]
    assert len(messages[1]["tool_call_id"]) <= 40


def test_pictures_are_data_for_models_that_see() -> None:
    shown = Message(role="user", parts=(Text(text="what?"), PICTURE))
    [message] = body_of(at("local", vision=True), shown)["messages"]
    assert message["content"] == [
        {"type": "text", "text": "what?"},
        {
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64,iVBORw==", "detail": "auto"},
        },
    ]
    [blind] = body_of(at("local"), shown)["messages"]
    assert blind["content"] == "what?\n\n(an image that this model cannot see)"


def test_pictures_of_results_follow_the_last_result() -> None:
    turn = Message(role="assistant", parts=(call("c1"), call("c2")))
    results = [answered(result("c1", "shot", images=(PICTURE,))), answered(result("c2"))]
    messages = body_of(at("local", vision=True), turn, *results)["messages"]
    assert [m["role"] for m in messages] == ["assistant", "tool", "tool", "user"]
    assert messages[1]["content"] == "shot\n(see the attached image)"
    assert messages[3]["content"][0]["type"] == "image_url"


def test_a_schema_constrains_the_whole_answer() -> None:
    loose = {"type": "object", "properties": {"a": {"type": "string"}}}
    strict = {**loose, "required": ["a"], "additionalProperties": False}
    for schema, extra in ((loose, {}), (strict, {"strict": True})):
        body = body_of(at("local"), user("x"), schema=schema)
        wanted = {"name": "answer", "schema": schema} | extra
        assert body["response_format"] == {"type": "json_schema", "json_schema": wanted}


def test_strict_means_strict_all_the_way_down() -> None:
    inner = {"type": "object", "properties": {"a": {}}, "required": []}
    outer = {
        "type": "object",
        "properties": {"list": {"type": "array", "items": inner}},
        "required": ["list"],
        "additionalProperties": False,
    }
    assert not is_strict(outer)
    inner |= {"required": ["a"], "additionalProperties": False}
    assert is_strict(outer)


def test_lone_surrogates_never_leave() -> None:
    sent = encoded({"a": "x\ud800y", "b": ["\udfff"]})
    assert json.loads(sent) == {"a": "x?y", "b": ["?"]}
    turn = Message(role="assistant", parts=(call("c", path="\ud800"),))
    assert b"\\ud800" not in encoded(body_of(at("local"), user("\ud800"), turn))


@pytest.mark.skipif(not REQUESTS.is_dir(), reason="the shared recordings are absent")
def test_parallel_results_look_like_a_request_that_openai_took() -> None:
    taken = json.loads((REQUESTS / "openai-chat--parallel-tool-results.json").read_text())["body"]
    calls = [
        ToolCall(id=CallId(c["id"]), name=c["function"]["name"], arguments={})
        for c in taken["messages"][1]["tool_calls"]
    ]
    results = [
        answered(ToolResult(call=m["tool_call_id"], name="any", status="ok", content=m["content"]))
        for m in taken["messages"][2:]
    ]
    messages = [user(taken["messages"][0]["content"]), Message(role="assistant", parts=(*calls,))]
    body = body_of(at("openai", "gpt-4o"), *messages, *results, model="gpt-4o")
    assert _without_nulls(body["messages"]) == taken["messages"]
    assert body["stream_options"] == taken["stream_options"]


@pytest.mark.skipif(not REQUESTS.is_dir(), reason="the shared recordings are absent")
def test_replayed_thoughts_look_like_a_request_that_deepseek_took() -> None:
    name = "openai-chat--deepseek-reasoning-content-replay.json"
    taken = json.loads((REQUESTS / name).read_text())["body"]["messages"]
    endpoint = at("deepseek")
    told = [_neutral(message, endpoint) for message in taken if message["role"] != "system"]
    sent = body_of(endpoint, *told)["messages"]
    assert [_loose(m) for m in sent] == [_loose(m) for m in taken if m["role"] != "system"]


@pytest.mark.skipif(not REQUESTS.is_dir(), reason="the shared recordings are absent")
def test_thoughts_in_tags_look_like_a_request_that_cerebras_took() -> None:
    name = "openai-chat--cerebras-think-tags-replay.json"
    taken = json.loads((REQUESTS / name).read_text())["body"]["messages"]
    thought, _, words = taken[1]["content"].removeprefix("<think>").partition("</think>\n\n")
    endpoint = at("cerebras")
    reasoning = Reasoning(text=thought, opaque={"field": "reasoning"})
    turn = replied(endpoint, reasoning, Text(text=words))
    sent = body_of(endpoint, user(taken[0]["content"]), turn, user(taken[2]["content"]))
    assert sent["messages"] == taken


def _neutral(message: dict[str, Any], endpoint: Endpoint) -> Message:
    if message["role"] == "user":
        return user(message["content"])
    if message["role"] == "tool":
        return answered(result(message["tool_call_id"], message["content"]))
    parts: list[Part] = []
    if thought := message.get("reasoning_content"):
        parts.append(Reasoning(text=thought, opaque={"field": "reasoning_content"}))
    if message["content"]:
        parts.append(Text(text=message["content"]))
    for each in message.get("tool_calls", ()):
        function = each["function"]
        arguments = json.loads(function["arguments"])
        parts.append(ToolCall(id=each["id"], name=function["name"], arguments=arguments))
    return replied(endpoint, *parts)


def _loose(message: dict[str, Any]) -> dict[str, Any]:
    """A message with its arguments parsed: white space in JSON is nobody's business."""
    copy = json.loads(json.dumps(message))
    for each in copy.get("tool_calls", ()):
        each["function"]["arguments"] = json.loads(each["function"]["arguments"])
    return copy


def _without_nulls(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in m.items() if value is not None} for m in messages]
