"""The provider for Anthropic's protocol: addresses, keys, refusals and what they teach."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    StreamBroken,
    Unauthorised,
)
from ion_core.ids import CallId
from ion_core.messages import Image, Message, Reasoning, Text, ToolCall, ToolResult, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import ModelInfo, Provider, Request, ToolSpec
from ion_core.providers.credential import FixedKey
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import build
from tests.fakes.anthropic_server import begin, end, event, refused, said, text
from tests.fakes.chat_server import Canned, ChatServer
from tests.fakes.speakers import anthropic

MODEL = "claude-opus-5-5"
TOOL = ToolSpec(name="read", description="Read.", schema={"type": "object", "properties": {}})


def request(**changes: Any) -> Request:
    fields = {"model": MODEL, "system": "Be brief.", "messages": (user("hello"),), **changes}
    return Request(**fields)


async def answer_of(provider: Provider, asked: Request | None = None) -> Message:
    assembly, asked = Assembly(), asked or request()
    async with provider.stream(asked) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
    return assembly.message(provider.origin(asked.model))


@asynccontextmanager
async def talking(*replies: Any, **endpoint: Any) -> AsyncIterator[tuple[ChatServer, Provider]]:
    async with ChatServer(replies) as server:
        base_url = server.base_url.removesuffix("/v1")
        provider = anthropic(Endpoint(name="fake", base_url=base_url, **endpoint))
        try:
            yield server, provider
        finally:
            await provider.aclose()


async def sent(
    base_url: str, asked: Request | None = None, key: str = "k-1", **endpoint: Any
) -> httpx.Request:
    """The request that goes to a host, answered by nobody real."""
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"".join(said("Hello.").pieces))

    made = Endpoint(name="p", base_url=base_url, **endpoint)
    provider = anthropic(made, FixedKey(key), httpx.MockTransport(reply))
    assert (await answer_of(provider, asked)).text == "Hello."
    await provider.aclose()
    [only] = seen
    return only


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/messages"),
        ("https://api.z.ai/api/anthropic", "https://api.z.ai/api/anthropic/v1/messages"),
        (
            "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages",
            "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages",
        ),
    ],
)
async def test_every_form_of_a_base_url_leads_to_the_messages(base_url: str, url: str) -> None:
    assert str((await sent(base_url)).url) == url


@pytest.mark.parametrize(
    ("base_url", "header", "value"),
    [
        ("https://api.anthropic.com", "x-api-key", "k-1"),
        ("https://api.deepseek.com/anthropic", "x-api-key", "k-1"),
        ("http://gateway.example", "x-api-key", "k-1"),
        ("https://openrouter.ai/api/v1", "authorization", "Bearer k-1"),
        ("https://api.githubcopilot.com", "authorization", "Bearer k-1"),
        ("https://copilot-api.example.com", "authorization", "Bearer k-1"),
        (
            "https://bedrock-runtime.eu-west-1.amazonaws.com/anthropic",
            "authorization",
            "Bearer k-1",
        ),
    ],
)
async def test_a_key_goes_into_the_header_that_its_host_reads(
    base_url: str, header: str, value: str
) -> None:
    headers = (await sent(base_url)).headers
    assert headers[header] == value
    assert ("x-api-key" in headers) != ("authorization" in headers)
    assert headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in headers


async def test_no_key_is_no_header() -> None:
    headers = (await sent("http://gateway.example", key="")).headers
    assert not {"x-api-key", "authorization"} & set(headers)


async def test_on_vertex_the_model_is_in_the_path_and_the_version_in_the_body() -> None:
    base = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
    asked = await sent(f"{base}/publishers/anthropic", request(model="claude-opus-4-6@20260205"))
    path = "/publishers/anthropic/models/claude-opus-4-6@20260205:streamRawPredict"
    assert str(asked.url) == base + path
    body = json.loads(asked.content)
    assert body["anthropic_version"] == "vertex-2023-10-16"
    assert "model" not in body
    assert asked.headers["authorization"] == "Bearer k-1"
    provider = anthropic(Endpoint(name="p", base_url=f"{base}/publishers/anthropic"))
    assert await provider.models() == ()


async def test_thinking_between_calls_is_a_beta_for_models_with_a_budget_alone() -> None:
    home = "https://api.anthropic.com"
    old = await sent(home, request(model="claude-sonnet-4-5", effort="low"))
    assert old.headers["anthropic-beta"] == "interleaved-thinking-2025-05-14"
    for asked in (request(model="claude-sonnet-4-5"), request(effort="low")):
        assert "anthropic-beta" not in (await sent(home, asked)).headers
    bedrock = "https://bedrock-mantle.us-east-1.api.aws/anthropic"
    asked = request(model="anthropic.claude-sonnet-4-5", effort="low")
    assert "anthropic-beta" not in (await sent(bedrock, asked)).headers


async def test_copilot_is_told_who_began() -> None:
    headers = (await sent("https://api.githubcopilot.com")).headers
    assert headers["x-initiator"] == "user"


async def test_the_login_of_a_subscription_is_sent_nowhere() -> None:
    async with talking(said("no"), api_key="sk-ant-oat01-secret") as (server, provider):
        with pytest.raises(Unauthorised, match="API key") as failure:
            await answer_of(provider)
        assert "secret" not in str(failure.value)
        assert server.requests == []


async def test_models_are_listed_with_what_the_server_says_of_them() -> None:
    async with talking(said("x")) as (server, provider):
        assert [model.id for model in await provider.models()] == ["fake"]
        assert server.requests[0].path == "/v1/models?limit=1000"


async def test_a_model_that_cannot_stream_its_calls_answers_whole() -> None:
    call = {"type": "tool_use", "id": "t", "name": "read", "input": {"path": "a"}}
    whole = {"id": "m", "type": "message", "content": [call], "stop_reason": "tool_use"}
    info = ModelInfo(provider="fake", id=MODEL, tool_streaming=False)
    reply = Canned(pieces=[json.dumps(whole).encode()])
    async with talking(reply, models={MODEL: info}) as (server, provider):
        message = await answer_of(provider, request(tools=(TOOL,)))
        assert [made.arguments for made in message.calls] == [{"path": "a"}]
        assert [body["stream"] for body in server.chats] == [False]


def history() -> tuple[Message, ...]:
    """A conversation with everything in it that a server could refuse."""
    provider = anthropic(Endpoint(name="fake", base_url="http://x"))
    call = ToolCall(id=CallId("t"), name="read", arguments={})
    shown = Image(media_type="image/png", sha256="a")
    result = ToolResult(call=call.id, name="read", status="ok", content="x", images=(shown,))
    origin = provider.origin(MODEL)
    thought = Reasoning(text="hm", signature="s")
    answer = Message(role="assistant", parts=(thought, Text(text="ok"), call), origin=origin)
    return (user("x"), answer, Message(role="tool", parts=(result,)))


@pytest.mark.parametrize(
    ("message", "asked", "lost"),
    [
        ("This model does not support the effort parameter.", {"effort": "high"}, "effort"),
        ("adaptive thinking is not supported on this model", {}, "adaptive"),
        ("thinking: Extra inputs are not permitted", {}, "thinking"),
        ("thinking.adaptive.display: Extra inputs are not permitted", {}, "display"),
        ("output_config: Extra inputs are not permitted", {"effort": "low"}, "output_config"),
        (
            "`temperature` is deprecated for this model.",
            {"model": "claude-opus-4-5", "temperature": 0.5},
            "temperature",
        ),
        (
            '"thinking.type.disabled" is not supported for this model. Use "thinking.type.'
            'adaptive" and "output_config.effort" to control thinking behavior.',
            {"model": "claude-opus-5", "effort": "off"},
            "disabled",
        ),
        (
            '"thinking.type.enabled" is not supported for this model. Use '
            '"thinking.type.adaptive" and "output_config.effort".',
            {"model": "claude-sonnet-4-5", "effort": "high"},
            "budget_tokens",
        ),
        (
            "output_config.format.schema: too complex",
            {"schema": {"type": "object", "properties": {}}},
            "json_schema",
        ),
    ],
)
async def test_a_refused_field_is_left_out_and_not_tried_again(
    message: str, asked: dict[str, Any], lost: str
) -> None:
    no = refused(400, "invalid_request_error", message)
    async with talking(no, said("Hello.")) as (server, provider):
        assert (await answer_of(provider, request(**asked))).text == "Hello."
        assert (await answer_of(provider, request(**asked))).text == "Hello."
        first, *later = [json.dumps(body) for body in server.chats]
        assert lost in first
        assert len(later) == 2
        assert not any(lost in body for body in later)


@pytest.mark.parametrize(
    "message",
    [
        "messages.1.content.0: Invalid `signature` in `thinking` block",
        "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant "
        "message cannot be modified.",
        "messages.1.content.0: Input tag 'thinking' found using 'type' does not match any of the "
        "expected tags: 'text', 'image', 'tool_use', 'tool_result'",
    ],
)
async def test_thoughts_that_are_refused_are_stripped_once(message: str) -> None:
    no = refused(400, "invalid_request_error", message)
    async with ChatServer([no, said("Hello.")]) as server:
        base_url = server.base_url.removesuffix("/v1")
        endpoint = Endpoint(name="fake", base_url=base_url)
        provider = anthropic(endpoint)
        own = [
            Message(role=m.role, parts=m.parts, origin=endpoint.origin(MODEL)) for m in history()
        ]
        await answer_of(provider, request(messages=tuple(own)))
        await provider.aclose()
        first, second = server.chats
        kinds = [[b["type"] for b in body["messages"][1]["content"]] for body in (first, second)]
        assert kinds == [["thinking", "text", "tool_use"], ["text", "tool_use"]]


async def test_thoughts_that_belong_elsewhere_are_dropped_by_the_server_or_else_by_us() -> None:
    words = (
        "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a "
        "different conversation. Remove the block, or set "
        '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
    )
    no = refused(400, "invalid_request_error", words)
    async with talking(no, no, said("Hello.")) as (server, provider):
        origin = provider.origin(MODEL)
        own = tuple(Message(role=m.role, parts=m.parts, origin=origin) for m in history())
        await answer_of(provider, request(messages=own))
        betas = [asked.headers.get("anthropic-beta") for asked in server.requests]
        assert betas == [None, *["thinking-binding-controls-2026-08-01"] * 2]
        told = [body["thinking"].get("block_binding") for body in server.chats]
        assert told == [None, *[{"prefix_mismatch_behavior": "drop_block"}] * 2]
        firsts = [body["messages"][1]["content"][0]["type"] for body in server.chats]
        assert firsts == ["thinking", "thinking", "text"]


async def test_images_that_are_refused_become_words() -> None:
    no = refused(400, "invalid_request_error", "This model does not support image input.")
    async with ChatServer([no, said("Hello.")]) as server:
        endpoint = Endpoint(name="fake", base_url=server.base_url)
        provider = anthropic(endpoint, blobs=lambda _: b"picture")
        await answer_of(provider, request(messages=history()))
        await provider.aclose()
        shown = ['"image"' in json.dumps(body["messages"]) for body in server.chats]
        assert shown == [True, False]


@pytest.mark.parametrize(
    "words",
    [
        "This model does not support effort level 'xhigh'. Supported levels: high, low, medium.",
        "output_config.effort: Input should be 'low', 'medium' or 'high'",
    ],
)
async def test_the_levels_that_a_refusal_names_are_remembered(words: str) -> None:
    async with talking(refused(400, "invalid_request_error", words), said("ok")) as (server, it):
        for effort in ("xhigh", "max"):
            await answer_of(it, request(effort=effort))
        levels = [body["output_config"]["effort"] for body in server.chats]
        assert levels == ["xhigh", "high", "high"]


async def test_the_nearest_effort_is_taken_from_what_the_refusal_names() -> None:
    words = (
        "This model does not support effort level 'xhigh'. "
        "Supported levels: high, low, max, medium."
    )
    async with talking(refused(400, "invalid_request_error", words), said("ok")) as (server, it):
        await answer_of(it, request(effort="xhigh"))
        assert [body["output_config"]["effort"] for body in server.chats] == ["xhigh", "max"]


async def test_the_largest_answer_is_taken_from_what_the_refusal_names() -> None:
    words = "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens"
    async with talking(refused(400, "invalid_request_error", words), said("ok")) as (server, it):
        await answer_of(it)
        assert [body["max_tokens"] for body in server.chats] == [128_000, 64_000]


async def test_marks_and_betas_that_are_refused_are_left_out() -> None:
    replies: list[Any] = []
    seen: list[httpx.Request] = []

    def reply(asked: httpx.Request) -> httpx.Response:
        seen.append(asked)
        words = replies.pop(0)
        if not words:
            return httpx.Response(200, content=b"".join(said("ok").pieces))
        return httpx.Response(400, json={"type": "error", "error": {"message": words}})

    replies += ["system.0.cache_control: Extra inputs", "Unexpected value for anthropic-beta", ""]
    home = Endpoint(name="p", base_url="https://api.anthropic.com")
    provider = anthropic(home, None, httpx.MockTransport(reply))
    await answer_of(provider, request(model="claude-sonnet-4-5", effort="low"))
    assert ["cache_control" in each.content.decode() for each in seen] == [True, False, False]
    assert ["anthropic-beta" in each.headers for each in seen] == [True, True, False]


async def test_a_refusal_that_teaches_nothing_is_raised_after_one_request() -> None:
    async with talking(refused(400, "invalid_request_error", "messages: bad")) as (server, it):
        with pytest.raises(BadRequest):
            await answer_of(it)
        assert len(server.chats) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "retryable"),
    [
        (refused(401, "authentication_error", "invalid x-api-key"), Unauthorised, False),
        (refused(403, "permission_error", "no"), Unauthorised, False),
        (
            refused(
                400,
                "invalid_request_error",
                "This credential is only authorized for use with Claude Code and cannot be used "
                "for other API requests.",
            ),
            Unauthorised,
            False,
        ),
        (
            refused(400, "invalid_request_error", "Your credit balance is too low to access"),
            QuotaExceeded,
            False,
        ),
        (refused(402, "billing_error", "pay"), QuotaExceeded, False),
        (refused(404, "not_found_error", "model: x"), BadRequest, False),
        (refused(413, "request_too_large", "Request exceeds"), ContextOverflow, False),
        (
            refused(400, "invalid_request_error", "prompt is too long: 213462 tokens > 200000"),
            ContextOverflow,
            False,
        ),
        (
            refused(
                400,
                "invalid_request_error",
                "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
            ),
            ContextOverflow,
            False,
        ),
        (refused(429, "rate_limit_error", "slow down"), RateLimited, True),
        (refused(500, "api_error", "oops"), Overloaded, True),
        (refused(504, "timeout_error", "late"), Overloaded, True),
        (refused(529, "overloaded_error", "Overloaded"), Overloaded, True),
    ],
)
async def test_every_error_has_its_kind(
    reply: Canned, kind: type[ProviderError], retryable: bool
) -> None:
    async with talking(reply) as (_, provider):
        with pytest.raises(kind) as failure:
            await answer_of(provider)
        assert type(failure.value) is kind
        assert failure.value.retryable is retryable


async def test_a_login_that_is_no_key_says_what_works() -> None:
    words = "This credential is only authorized for use with Claude Code and cannot be used."
    async with talking(refused(400, "invalid_request_error", words)) as (_, provider):
        with pytest.raises(Unauthorised, match=r"What works: an API key from https://console"):
            await answer_of(provider)


async def test_a_rate_limit_says_how_long_to_wait() -> None:
    async with talking(refused(429, "rate_limit_error", "slow", retry_after="17")) as (_, it):
        with pytest.raises(RateLimited) as failure:
            await answer_of(it)
        assert failure.value.retry_after == 17


async def test_a_limit_that_is_used_up_is_waited_for_until_its_reset() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=40)
    headers = {
        "anthropic_ratelimit_tokens_remaining": "0",
        "anthropic_ratelimit_tokens_reset": soon.isoformat(),
    }
    async with talking(refused(429, "rate_limit_error", "slow", **headers)) as (_, it):
        with pytest.raises(RateLimited) as failure:
            await answer_of(it)
        assert failure.value.retry_after == pytest.approx(40, abs=15)


def stream(*pieces: bytes | Sequence[bytes], **canned: Any) -> Canned:
    flat = [each for piece in pieces for each in ([piece] if isinstance(piece, bytes) else piece)]
    return Canned(pieces=flat, **canned)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (stream(begin(), text(0, "one"), cut=True), StreamBroken),
        (stream(begin(), text(0, "one"), end()[:1]), StreamBroken),
        (
            stream(
                begin(),
                text(0, "one"),
                event("error", error={"type": "overloaded_error", "message": "Overloaded"}),
            ),
            Overloaded,
        ),
        (
            stream(
                begin(),
                event("error", error={"type": "invalid_request_error", "message": "bad"}),
            ),
            BadRequest,
        ),
        (stream(begin(), end("model_context_window_exceeded")), ContextOverflow),
    ],
)
async def test_an_answer_that_fails_on_the_way_is_an_error(
    reply: Canned, kind: type[ProviderError]
) -> None:
    async with talking(reply) as (_, provider):
        with pytest.raises(kind):
            await answer_of(provider)


async def test_the_registry_knows_the_protocol() -> None:
    async with ChatServer([said("Hello.")]) as server:
        base_url = server.base_url.removesuffix("/v1")
        endpoint = Endpoint(name="fake", base_url=base_url, protocol="anthropic-messages")
        provider = build(endpoint)
        assert (await answer_of(provider)).text == "Hello."
        assert provider.origin(MODEL).protocol == "anthropic-messages"
        await provider.aclose()


async def test_a_schema_and_tools_go_out_together() -> None:
    schema = {"type": "object", "properties": {}}
    asked = await sent("https://api.anthropic.com", request(tools=(TOOL,), schema=schema))
    body = json.loads(asked.content)
    assert body["tools"] == [{"name": "read", "description": "Read.", "input_schema": TOOL.schema}]
    assert body["output_config"]["format"]["type"] == "json_schema"
