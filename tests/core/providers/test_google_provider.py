"""Gemini as a provider: its addresses, keys and models, and what its refusals change."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ion_core.errors import BadRequest, QuotaExceeded, Unauthorised
from ion_core.ids import CallId
from ion_core.messages import (
    Image,
    Message,
    ToolCall,
    ToolResult,
    answered,
    user,
)
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import ModelInfo, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google import GoogleWire
from ion_core.providers.google_messages import SENTINEL, UNSEEN
from ion_core.providers.registry import build
from ion_core.providers.vertex import EXPRESS, is_vertex, vertex_host, vertex_url
from tests.fakes.chat_server import Canned
from tests.fakes.google_server import GoogleServer, event
from tests.fakes.speakers import google

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


@pytest.mark.parametrize(
    ("base_url", "model", "path"),
    [
        (STUDIO, NEW, f"v1beta/models/{NEW}"),
        (STUDIO, f"models/{NEW}", f"v1beta/models/{NEW}"),
        (STUDIO, "tunedModels/mine 1", "v1beta/tunedModels/mine%201"),
        ("https://generativelanguage.googleapis.com", NEW, f"v1beta/models/{NEW}"),
        ("http://127.0.0.1:9/gateway/v1beta", NEW, f"gateway/v1beta/models/{NEW}"),
        (EXPRESS, NEW, f"v1/publishers/google/models/{NEW}"),
        ("https://aiplatform.googleapis.com/v1", NEW, f"v1/publishers/google/models/{NEW}"),
        ("https://aiplatform.googleapis.com", NEW, f"v1/publishers/google/models/{NEW}"),
        (
            vertex_url("p-1", "us-central1"),
            NEW,
            f"v1/projects/p-1/locations/us-central1/publishers/google/models/{NEW}",
        ),
    ],
)
async def test_a_request_goes_to_the_models_own_address(
    base_url: str, model: str, path: str
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        done = {"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}]}
        return httpx.Response(200, content=f"data: {json.dumps(done)}\r\n\r\n".encode())

    provider = google(Endpoint(name="p", base_url=base_url), None, httpx.MockTransport(answer))
    assert (await _message(provider, model)).text == "hi"
    url = str(asked[0].url).removeprefix(f"{asked[0].url.scheme}://{asked[0].url.netloc.decode()}/")
    assert url == f"{path}:streamGenerateContent?alt=sse"
    await provider.aclose()


def test_vertex_has_a_host_for_each_kind_of_location() -> None:
    assert vertex_host("global") == vertex_host("") == "aiplatform.googleapis.com"
    assert vertex_host("eu") == "aiplatform.eu.rep.googleapis.com"
    assert vertex_host("europe-west4") == "europe-west4-aiplatform.googleapis.com"
    assert vertex_url("p", "us", "anthropic") == (
        "https://aiplatform.us.rep.googleapis.com/v1/projects/p/locations/us/publishers/anthropic"
    )
    assert all(is_vertex(vertex_url("p", place)) for place in ("", "us", "us-east5"))
    assert is_vertex(EXPRESS)
    assert not is_vertex(STUDIO)


@pytest.mark.parametrize(
    ("base_url", "key", "header"),
    [
        (STUDIO, "AIza1", "x-goog-api-key"),
        (STUDIO, "ya29.token", "authorization"),
        (EXPRESS, "AQ.key", "x-goog-api-key"),
        (vertex_url("p", "us"), "ya29.token", "authorization"),
        (vertex_url("p", "us"), "any-token", "authorization"),
        (vertex_url("p", "us"), "AIza1", "x-goog-api-key"),
    ],
)
def test_a_key_goes_into_its_header(base_url: str, key: str, header: str) -> None:
    wire = GoogleWire(Endpoint(name="p", base_url=base_url))
    value = f"Bearer {key}" if header == "authorization" else key
    assert wire.key_headers(key) == {header: value}
    assert wire.key_headers("") == {}


def test_the_list_of_models_has_those_that_answer_with_text() -> None:
    rows = [
        {
            "name": "models/gemini-x",
            "displayName": "Gemini X",
            "inputTokenLimit": 1048576,
            "outputTokenLimit": 65536,
            "thinking": True,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        },
        {"name": "models/embed-1", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/gemini-y"},
        {"displayName": "nameless"},
        "no row",
    ]
    endpoint = Endpoint(
        name="g",
        base_url=STUDIO,
        models={"gemini-y": ModelInfo(provider="g", id="gemini-y", name="Mine", window=9)},
    )
    wire = GoogleWire(endpoint)
    assert wire.models_path == "models?pageSize=1000"
    first, second = wire.models(json.dumps({"models": rows}).encode())
    assert first == ModelInfo(
        provider="g",
        id="gemini-x",
        name="Gemini X",
        window=1048576,
        max_output=65536,
        reasoning=True,
    )
    assert (second.id, second.name, second.window) == ("gemini-y", "Mine", 9)
    for wrong in (b"<html>", b'{"data": []}', b"[]"):
        with pytest.raises(BadRequest):
            wire.models(wrong)


def test_vertex_lists_no_models() -> None:
    assert GoogleWire(Endpoint(name="v", base_url=vertex_url("p", "us"))).models_path == ""


UNKNOWN = "Invalid JSON payload received. Unknown name \"{}\" at '{}': Cannot find field."
CALL = ToolCall(
    id=CallId("c1"), name="read", arguments={}, opaque={"id": "f1", "thoughtSignature": "old"}
)
RESULT = ToolResult(
    call=CALL.id,
    name="read",
    status="ok",
    content="text",
    images=(Image(media_type="image/png", sha256="ab"),),
)
HISTORY = (
    user("go"),
    Message(role="assistant", parts=(CALL,), origin=ENDPOINT.origin(NEW)),
    answered(RESULT),
)


@pytest.mark.parametrize(
    ("model", "refusal", "more", "gone", "there"),
    [
        (NEW, "Corrupted thought signature.", {}, '"old"', SENTINEL),
        (NEW, "Unable to submit: Thought signature is not valid.", {}, '"old"', SENTINEL),
        (
            NEW,
            UNKNOWN.format("parametersJsonSchema", "tools[0].function_declarations[0]"),
            {"tools": (READ,)},
            "parametersJsonSchema",
            '"parameters"',
        ),
        (
            NEW,
            UNKNOWN.format("responseJsonSchema", "generation_config"),
            {"schema": READ.schema},
            "responseJsonSchema",
            '"responseSchema"',
        ),
        (
            NEW,
            "Function calling with a response mime type: 'application/json' is unsupported",
            {"schema": READ.schema, "tools": (READ,)},
            "responseMimeType",
            "parametersJsonSchema",
        ),
        (
            NEW,
            "Thinking level HIGH is not supported for this model. Please retry with another.",
            {"effort": "high"},
            '"high"',
            '"thinkingLevel": "medium"',
        ),
        (
            NEW,
            "Thinking level is not supported for this model.",
            {"effort": "high"},
            "thinkingLevel",
            '"thinkingBudget": 24576',
        ),
        (
            OLD,
            "The thinking budget 24576 is invalid. Please choose a value between 128 and 8192.",
            {"effort": "high"},
            "24576",
            '"thinkingBudget": 8192',
        ),
        (
            OLD,
            "Budget 0 is invalid. This model only works in thinking mode.",
            {"effort": "off"},
            '"thinkingBudget": 0',
            '"thinkingBudget": 512',
        ),
        (
            OLD,
            "thinking_config.include_thoughts is only enabled when thinking is enabled.",
            {},
            "includeThoughts",
            "contents",
        ),
        (NEW, "Thinking is not enabled for models/x", {}, "thinkingConfig", "contents"),
        (
            NEW,
            "Developer instruction is not enabled for models/x",
            {"system": "Be brief."},
            "systemInstruction",
            "Be brief.",
        ),
        (
            NEW,
            UNKNOWN.format("parts", "contents[2].parts[0].function_response"),
            {},
            '"response": {"output": "text"}, "id": "f1", "parts"',
            "inlineData",
        ),
        (NEW, UNKNOWN.format("id", "contents[1].parts[0].function_call"), {}, '"f1"', '"old"'),
        (NEW, "Image input modality is not enabled for models/x", {}, "inlineData", UNSEEN),
    ],
)
async def test_a_refusal_that_names_what_is_wrong_is_healed_once_and_remembered(
    model: str, refusal: str, more: dict[str, Any], gone: str, there: str
) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.dumps(json.loads(request.content)))
        if gone in asked[-1]:
            error = {"code": 400, "status": "INVALID_ARGUMENT", "message": refusal}
            return httpx.Response(400, json={"error": error})
        done = {"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}]}
        return httpx.Response(200, json=[done])

    transport = httpx.MockTransport(answer)
    provider = google(ENDPOINT, None, transport, blobs=lambda _: b"png")
    for _ in range(2):
        assert (await _message(provider, model, *HISTORY, **more)).text == "hi"
    assert len(asked) == 3
    assert gone in asked[0]
    assert there in asked[1]
    assert asked[1] == asked[2]
    await provider.aclose()


async def test_a_refused_key_teaches_nothing() -> None:
    body = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "API key not valid."}}
    transport = httpx.MockTransport(lambda _: httpx.Response(400, json=body))
    provider = google(ENDPOINT, None, transport)
    with pytest.raises(Unauthorised):
        await _message(provider, NEW)
    await provider.aclose()


async def test_without_streaming_the_other_method_is_asked() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        done = {"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}]}
        return httpx.Response(200, json=done)

    info = ModelInfo(provider="p", id=NEW, tool_streaming=False)
    endpoint = Endpoint(name="p", base_url=STUDIO, models={NEW: info})
    provider = google(endpoint, None, httpx.MockTransport(answer))
    assert (await _message(provider, NEW, tools=(READ,))).text == "hi"
    assert asked == [f"/v1beta/models/{NEW}:generateContent"]
    await provider.aclose()


async def test_a_body_that_lists_its_chunks_is_read_whole() -> None:
    def one(text: str, **more: str) -> dict[str, Any]:
        return {"candidates": [{"content": {"parts": [{"text": text}]}, **more}]}

    listed = [one("Hello "), one("there", finishReason="STOP")]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=listed))
    provider = google(ENDPOINT, None, transport)
    assert (await _message(provider, NEW)).text == "Hello there"
    await provider.aclose()


@pytest.mark.parametrize("form", ["{}", "[{}\n]"])
async def test_an_error_that_breaks_off_a_stream_without_being_an_event_is_known(
    form: str,
) -> None:
    begun = {"candidates": [{"content": {"parts": [{"text": "Hel"}]}}]}
    error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Quota, limit: 0, no more."}
    bare = form.replace("{}", json.dumps({"error": error}, indent=2))
    content = f"data: {json.dumps(begun)}\r\n\r\n{bare}\r\n".encode()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
    provider = google(ENDPOINT, None, transport)
    with pytest.raises(QuotaExceeded):
        await _message(provider, NEW)
    await provider.aclose()


async def _message(provider: Any, model: str, *messages: Message, **more: Any) -> Message:
    request = Request(
        model=model, system=more.pop("system", ""), messages=messages or (user("x"),), **more
    )
    assembly = Assembly()
    async with provider.stream(request) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
    return assembly.message(provider.origin(model))


async def test_a_local_server_gets_back_each_part_as_it_gave_it() -> None:
    parts = [
        {"text": "Let me ", "thought": True},
        {"text": "look. ", "thoughtSignature": "s1"},
        {"functionCall": {"name": "read", "args": {"path": "a"}, "id": "x1"}},
        {"functionCall": {"name": "read", "args": {"path": "b"}, "id": "x2"}},
        {"text": "", "thoughtSignature": "s3"},
    ]
    parts[2]["thoughtSignature"] = "s2"
    said = Canned(pieces=[event(part) for part in parts] + [event(finish="STOP")])
    async with GoogleServer([said]) as server:
        provider = build(Endpoint(name="g", base_url=server.base_url, protocol="google-generate"))
        first = await _message(provider, NEW, tools=(READ,))
        results = [
            answered(ToolResult(call=call.id, name="read", status="ok", content=call.id))
            for call in first.calls
        ]
        await _message(provider, NEW, user("x"), first, *results, tools=(READ,))
        await provider.aclose()
        contents = server.chats[1]["contents"]
    assert contents[1] == {"role": "model", "parts": parts}
    responses = [part["functionResponse"] for part in contents[2]["parts"]]
    assert [(each["id"], each["response"]) for each in responses] == [
        ("x1", {"output": "x1"}),
        ("x2", {"output": "x2"}),
    ]
