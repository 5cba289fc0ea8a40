"""What Gemini is sent, and what its refusals change."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ion_core.ids import CallId
from ion_core.messages import (
    Image,
    Message,
    Origin,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    answered,
    user,
)
from ion_core.providers.base import ModelInfo, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google_messages import ATTACHED, BEGIN, SENTINEL, UNSEEN
from ion_core.providers.google_quirks import google_quirks
from ion_core.providers.google_wire import google_body

STUDIO = "https://generativelanguage.googleapis.com/v1beta"
NEW, OLD = "gemini-9-neon", "gemini-2.5-flash"
ENDPOINT = Endpoint(
    name="google",
    base_url=STUDIO,
    protocol="google-generate",
    models={m: ModelInfo(provider="google", id=m, vision=True) for m in (NEW, OLD)},
)
READ = ToolSpec(
    name="read",
    description="Reads.",
    schema={"$schema": "x", "type": "object", "properties": {"path": {"type": "string"}}},
)
PICTURE = Image(media_type="image/png", sha256="ab")


def body(*messages: Message, model: str = NEW, blobs: Any = None, **more: Any) -> dict[str, Any]:
    request = Request(model=model, system=more.pop("system", ""), messages=messages, **more)
    return google_body(request, ENDPOINT, google_quirks(model), blobs)


def contents(*messages: Message, model: str = NEW, blobs: Any = None) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = body(*messages, model=model, blobs=blobs)["contents"]
    return written


def config(model: str = NEW, **more: Any) -> dict[str, Any]:
    written: dict[str, Any] = body(user("x"), model=model, **more).get("generationConfig", {})
    return written


def call(name: str = "c1", **more: Any) -> ToolCall:
    return ToolCall(id=CallId(name), name="read", arguments={"path": name}, **more)


def said(*parts: Any, origin: Origin | None = None) -> Message:
    return Message(role="assistant", parts=parts, origin=origin)


def result(name: str = "c1", status: Any = "ok", **more: Any) -> ToolResult:
    return ToolResult(call=CallId(name), name="read", status=status, content="text", **more)


def own(model: str = NEW) -> Origin:
    return ENDPOINT.origin(model)


def test_the_body_has_what_the_api_wants_and_the_conversation_last() -> None:
    written = body(user("hi"), system="Be brief.", tools=(READ,), max_output=99)
    assert list(written) == ["systemInstruction", "tools", "generationConfig", "contents"]
    assert written["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    [declared] = written["tools"][0]["functionDeclarations"]
    schema = {"type": "object", "properties": {"path": {"type": "string"}}}
    assert declared == {"name": "read", "description": "Reads.", "parametersJsonSchema": schema}
    assert written["generationConfig"]["maxOutputTokens"] == 99
    assert written["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]


@pytest.mark.parametrize(
    ("model", "effort", "thinking"),
    [
        (NEW, "", {"includeThoughts": True}),
        (NEW, "high", {"includeThoughts": True, "thinkingLevel": "high"}),
        (NEW, "max", {"includeThoughts": True, "thinkingLevel": "high"}),
        (NEW, "minimal", {"includeThoughts": True, "thinkingLevel": "low"}),
        (NEW, "off", {"thinkingLevel": "low"}),
        (NEW, "ultra", {"includeThoughts": True, "thinkingLevel": "ultra"}),
        ("gemini-3-pro-preview", "medium", {"includeThoughts": True, "thinkingLevel": "high"}),
        ("gemini-3-pro-preview", "minimal", {"includeThoughts": True, "thinkingLevel": "low"}),
        ("gemini-3.1-pro-preview", "medium", {"includeThoughts": True, "thinkingLevel": "medium"}),
        ("models/gemini-3.5-flash", "none", {"thinkingLevel": "minimal"}),
        ("gemini-flash-latest", "low", {"includeThoughts": True, "thinkingLevel": "low"}),
        (OLD, "", {"includeThoughts": True}),
        (OLD, "off", {"thinkingBudget": 0}),
        (OLD, "low", {"includeThoughts": True, "thinkingBudget": 2048}),
        (OLD, "xhigh", {"includeThoughts": True, "thinkingBudget": 24576}),
        ("gemini-2.5-pro", "off", {"includeThoughts": False, "thinkingBudget": 128}),
        ("gemini-2.5-pro", "high", {"includeThoughts": True, "thinkingBudget": 32768}),
        ("gemini-2.5-flash-lite", "", None),
        ("gemini-2.5-flash-lite", "off", {"thinkingBudget": 0}),
        ("gemini-2.0-flash", "high", None),
        ("gemini-1.5-pro", "", None),
        ("gemma-3-27b-it", "", None),
    ],
)
def test_thinking_is_asked_for_as_the_model_takes_it(
    model: str, effort: str, thinking: dict[str, Any] | None
) -> None:
    wanted = {k: v for k, v in (thinking or {}).items() if v is not False}
    assert config(model, effort=effort).get("thinkingConfig", {}) == wanted


def test_temperature_is_left_out_where_the_model_wants_its_own() -> None:
    assert "temperature" not in config(NEW, temperature=0.2)
    assert config(OLD, temperature=0.2)["temperature"] == 0.2


def test_a_schema_constrains_the_answer_except_beside_tools_of_older_models() -> None:
    schema = {"$schema": "x", "type": "object", "properties": {"a": {"type": "integer"}}}
    sent = config(NEW, schema=schema, tools=(READ,))
    assert sent["responseMimeType"] == "application/json"
    assert sent["responseJsonSchema"] == {k: schema[k] for k in ("type", "properties")}
    assert "responseJsonSchema" in config(OLD, schema=schema)
    assert "responseMimeType" not in config(OLD, schema=schema, tools=(READ,))


def test_extra_fields_win_and_are_laid_into_the_settings_of_the_generation() -> None:
    extra = {"generationConfig": {"topK": 3}, "safetySettings": [{"category": "X"}]}
    endpoint = Endpoint(name="p", base_url=STUDIO, extra_body=extra)
    request = Request(model=NEW, system="", messages=(user("x"),), max_output=5)
    written = google_body(request, endpoint, google_quirks(NEW))
    assert written["generationConfig"]["topK"] == 3
    assert written["generationConfig"]["maxOutputTokens"] == 5
    assert written["safetySettings"] == [{"category": "X"}]


def test_an_own_answer_goes_back_as_it_came() -> None:
    text = Text(text="One two", opaque={"signed": [[4, 7, "s1"], [7, 7, "s2"]]})
    made = call(opaque={"id": "f1", "thoughtSignature": "s3"})
    written = contents(
        user("go"), said(Reasoning(text="hm"), text, made, origin=own()), answered(result())
    )
    assert written[1] == {
        "role": "model",
        "parts": [
            {"text": "hm", "thought": True},
            {"text": "One "},
            {"text": "two", "thoughtSignature": "s1"},
            {"text": "", "thoughtSignature": "s2"},
            {
                "functionCall": {"name": "read", "args": {"path": "c1"}, "id": "f1"},
                "thoughtSignature": "s3",
            },
        ],
    }
    response = {"name": "read", "response": {"output": "text"}, "id": "f1"}
    assert written[2] == {"role": "user", "parts": [{"functionResponse": response}]}


def test_an_answer_of_another_origin_goes_without_its_thoughts_ids_and_signatures() -> None:
    made = call(opaque={"id": "f1", "thoughtSignature": "s3"})
    text = Text(text="One", opaque={"signed": [[0, 3, "s1"]]})
    other = said(Reasoning(text="hm"), text, made, call("c2"), origin=own(OLD))
    written = contents(user("go"), other, answered(result()), answered(result("c2")))
    first, second = ({"name": "read", "args": {"path": name}} for name in ("c1", "c2"))
    assert written[1]["parts"] == [
        {"text": "One"},
        {"functionCall": first, "thoughtSignature": SENTINEL},
        {"functionCall": second},
    ]
    assert [part["functionResponse"] for part in written[2]["parts"]] == [
        {"name": "read", "response": {"output": "text"}}
    ] * 2


def test_only_newer_models_need_a_stand_in_for_a_signature() -> None:
    history = (user("go"), said(call()), answered(result()))
    assert SENTINEL not in json.dumps(contents(*history, model=OLD))
    assert json.dumps(contents(*history, model=NEW)).count(SENTINEL) == 1


def test_a_call_without_its_answer_is_answered_and_stray_answers_become_words() -> None:
    written = contents(
        user("go"), said(call(), call("c2")), answered(result("c2")), answered(result("c9"))
    )
    assert [len(content["parts"]) for content in written] == [1, 2, 2, 1]
    lost, found = (part["functionResponse"]["response"] for part in written[2]["parts"])
    assert list(lost) == ["error"]
    assert found == {"output": "text"}
    assert written[3] == {"role": "user", "parts": [{"text": "[read] text"}]}


def test_a_failed_call_is_told_as_an_error() -> None:
    written = contents(user("go"), said(call()), answered(result(status="denied")))
    assert written[2]["parts"][0]["functionResponse"]["response"] == {"error": "text"}


def test_users_speak_once_in_a_row_but_results_stand_alone() -> None:
    written = contents(
        user("a"), user("b"), said(call()), answered(result()), user("c"), said(), user("d")
    )
    roles = [(content["role"], len(content["parts"])) for content in written]
    assert roles == [("user", 2), ("model", 1), ("user", 1), ("user", 2)]


def test_a_conversation_begins_with_a_person() -> None:
    assert contents()[0] == {"role": "user", "parts": [{"text": BEGIN}]}
    written = contents(said(Text(text="Hello.")), user("hi"))
    assert [content["role"] for content in written] == ["user", "model", "user"]


def test_pictures_of_prompts_go_as_bytes_and_only_where_they_can_be_seen() -> None:
    prompt = Message(
        role="user", parts=(Text(text="?"), PICTURE, Image(media_type="image/gif", sha256="g"))
    )
    data = base64.b64encode(b"png").decode()
    [content] = contents(prompt, blobs=lambda _: b"png")
    inline = {"inlineData": {"mimeType": "image/png", "data": data}}
    assert content["parts"] == [{"text": "?"}, inline, {"text": UNSEEN}]
    [content] = contents(prompt, model="gemini-nobody", blobs=lambda _: b"png")
    assert content["parts"][1:] == [{"text": UNSEEN}] * 2


def test_pictures_of_results_are_part_of_them_where_the_model_takes_that() -> None:
    history = (user("go"), said(call()), answered(result(images=(PICTURE,))), user("well?"))
    inline = {"inlineData": {"mimeType": "image/png", "data": "cG5n"}}
    written = contents(*history, blobs=lambda _: b"png")
    assert written[2]["parts"][0]["functionResponse"]["parts"] == [inline]
    written = contents(*history, model=OLD, blobs=lambda _: b"png")
    [response] = written[2]["parts"]
    assert response["functionResponse"]["response"] == {"output": f"text\n{ATTACHED}"}
    assert written[3]["parts"] == [inline, {"text": "well?"}]
    written = contents(*history)
    [response] = written[2]["parts"]
    assert response["functionResponse"]["response"] == {"output": f"text\n{UNSEEN}"}


def test_a_name_that_no_function_may_have_is_mended_for_call_and_result() -> None:
    made = ToolCall(id=CallId("c1"), name="9 läufe", arguments={})
    written = contents(user("go"), said(made), answered(result()))
    assert written[1]["parts"][0]["functionCall"]["name"] == "_9_l_ufe"
    assert written[2]["parts"][0]["functionResponse"]["name"] == "_9_l_ufe"


def test_each_request_is_a_byte_prefix_of_the_next() -> None:
    messages: list[Message] = [user("begin")]
    before = b""
    for turn in range(30):
        written = body(*messages, system="S", tools=(READ,), effort="high")
        now = json.dumps(written).encode()
        assert now.startswith(before)
        before = now.removesuffix(b"]}")
        if turn % 3 == 2:
            messages += [said(Text(text=f"done {turn}"), origin=own()), user(f"next {turn}")]
        else:
            name = f"c{turn}"
            origin = own() if turn % 2 else None
            made = call(name, opaque={"thoughtSignature": name})
            messages += [said(made, origin=origin), answered(result(name))]
