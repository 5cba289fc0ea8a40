"""The chat provider against a real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ion_core.errors import (
    BadRequest,
    ConfigError,
    ConnectionFailed,
    ContextOverflow,
    Overloaded,
    ProviderError,
    RateLimited,
    StreamBroken,
    Unauthorised,
)
from ion_core.messages import Message, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Chunk, Finished, ModelInfo, Provider, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.usage import Usage
from tests.fakes.chat_server import Canned, ChatServer, delta, event, refused, said
from tests.fakes.speakers import openai_chat

TOOL = ToolSpec(name="read", description="Read.", schema={"type": "object", "properties": {}})


def request(**changes: Any) -> Request:
    return Request(model="m", system="Be brief.", messages=(user("hello"),), **changes)


@asynccontextmanager
async def talking(
    *replies: Any, server_models: tuple[str, ...] = ("fake",), **endpoint: Any
) -> AsyncIterator[tuple[ChatServer, Provider]]:
    async with ChatServer(replies, server_models) as server:
        made = Endpoint(name="fake", base_url=server.base_url, **endpoint)
        provider = openai_chat(made)
        try:
            yield server, provider
        finally:
            await provider.aclose()


async def read(provider: Provider, into: list[Chunk], asked: Request | None = None) -> None:
    async with provider.stream(asked or request()) as chunks:
        async for chunk in chunks:
            into.append(chunk)


async def answer_of(provider: Provider, asked: Request | None = None) -> Message:
    chunks: list[Chunk] = []
    await read(provider, chunks, asked)
    assembly = Assembly()
    for chunk in chunks:
        assembly.add(chunk)
    return assembly.message(provider.origin("m"))


async def test_an_answer_arrives_whole_with_its_usage() -> None:
    reply = said("Hello there.", reasoning="hm", calls=[("read", {"path": "a"})])
    async with talking(reply) as (server, provider):
        message = await answer_of(provider, request(tools=(TOOL,)))
    assert message.text == "Hello there."
    assert [(call.name, call.arguments) for call in message.calls] == [("read", {"path": "a"})]
    assert (message.stop, message.usage) == ("tool_use", Usage(input=100, output=10))
    assert server.chats[0]["stream_options"] == {"include_usage": True}
    assert server.chats[0]["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_one_connection_serves_many_requests() -> None:
    async with talking(said("Hi.")) as (server, provider):
        for _ in range(3):
            await answer_of(provider)
        assert server.connections == 1


async def test_key_and_headers_of_the_endpoint_are_sent() -> None:
    headers = {"X-Title": "ion", "User-Agent": "mine"}
    async with talking(said("Hi."), api_key="k-123", headers=headers) as (server, provider):
        await answer_of(provider)
    sent = server.requests[0].headers
    assert (sent["authorization"], sent["x-title"], sent["user-agent"]) == (
        "Bearer k-123",
        "ion",
        "mine",
    )


async def test_extra_body_wins_over_ion_s_own() -> None:
    async with talking(said("Hi."), extra_body={"stream_options": None, "seed": 1}) as (s, p):
        await answer_of(p)
    assert s.chats[0]["stream_options"] is None
    assert s.chats[0]["seed"] == 1


async def test_a_key_that_no_header_can_carry_is_refused_before_sending() -> None:
    async with talking(said("Hi."), api_key="k\u00e9y\n") as (server, provider):
        with pytest.raises(Unauthorised, match="set it again"):
            await answer_of(provider)
    assert server.requests == []


async def test_a_header_that_smuggles_a_second_one_is_not_sent() -> None:
    async with talking(said("Hi."), headers={"x-a": "b\r\nx-evil: c"}) as (server, provider):
        with pytest.raises(BadRequest):
            await answer_of(provider)
    assert server.requests == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refused(401), Unauthorised),
        (refused(404, "no such model"), BadRequest),
        (refused(429, "slow", retry_after="3"), RateLimited),
        (refused(503), Overloaded),
        (refused(400, "prompt is too long: 5 tokens > 4 maximum"), ContextOverflow),
        (Canned(headers={"content-type": "text/html"}, pieces=[b"<html>"]), BadRequest),
        (Canned(status=302, headers={"location": "http://elsewhere/"}), BadRequest),
    ],
)
async def test_an_error_answer_is_raised_on_entry(reply: Canned, kind: type[ProviderError]) -> None:
    async with talking(reply) as (server, provider):
        with pytest.raises(kind) as failure:
            await answer_of(provider)
    assert failure.value.retry_after == (3.0 if kind is RateLimited else None)
    assert len(server.requests) == 1


async def test_nobody_listening_is_a_failed_connection() -> None:
    async with ChatServer() as server:
        url = server.base_url
    provider = openai_chat(Endpoint(name="gone", base_url=url))
    with pytest.raises(ConnectionFailed) as failure:
        await answer_of(provider)
    assert failure.value.retryable
    await provider.aclose()


async def test_a_base_url_that_is_none_is_explained() -> None:
    provider = openai_chat(Endpoint(name="odd", base_url="ftp://host/v1"))
    with pytest.raises((BadRequest, ConfigError), match="odd"):
        await answer_of(provider)
    await provider.aclose()


@pytest.mark.parametrize("kept", range(5))
async def test_a_connection_that_breaks_before_the_end_breaks_the_stream(kept: int) -> None:
    pieces = [b": ping\n\n", delta(content="a"), delta(content="b"), delta(content="c")]
    async with talking(Canned(pieces=pieces[:kept], cut=True)) as (_, provider):
        chunks: list[Chunk] = []
        with pytest.raises(StreamBroken) as failure:
            await read(provider, chunks)
    assert failure.value.retryable
    assert len(chunks) == max(0, kept - 1)


async def test_an_answer_without_any_end_is_broken_too() -> None:
    async with talking(Canned(pieces=[delta(content="half")])) as (_, provider):
        with pytest.raises(StreamBroken, match="before the end"):
            await answer_of(provider)


async def test_what_breaks_after_the_finish_reason_breaks_nothing() -> None:
    end = event(choices=[{"delta": {}, "finish_reason": "stop"}])
    async with talking(Canned(pieces=[delta(content="all"), end], cut=True)) as (_, provider):
        message = await answer_of(provider)
    assert (message.text, message.stop, message.usage) == ("all", "end_turn", None)


async def test_silence_is_noticed_and_comments_are_no_silence() -> None:
    comments = [b": busy\n\n"] * 8
    speaking = Canned(pieces=[*comments, *said("Hi.").pieces], gap_s=0.1)
    silent = Canned(pieces=[delta(content="a"), b"never"], gate=asyncio.Event())
    async with talking(speaking, silent, idle_timeout_s=0.6) as (_, provider):
        assert (await answer_of(provider)).text == "Hi."
        with pytest.raises(StreamBroken, match=r"said nothing for 0\.6 s"):
            await answer_of(provider)


async def test_leaving_the_block_closes_the_socket() -> None:
    never = asyncio.Event()
    async with talking(said("one two three", gate=never)) as (server, provider):
        async with provider.stream(request()) as chunks:
            await anext(aiter(chunks))
        assert server.connections == 1
        async with provider.stream(request()) as chunks:
            await anext(aiter(chunks))
        assert server.connections == 2


async def test_cancelling_a_reader_leaves_the_provider_usable() -> None:
    never, begun = asyncio.Event(), asyncio.Event()

    async def listen(provider: Provider) -> None:
        async with provider.stream(request()) as chunks:
            async for _ in chunks:
                begun.set()

    async with talking(said("one two", gate=never), said("Again.")) as (_, provider):
        task = asyncio.ensure_future(listen(provider))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await answer_of(provider)).text == "Again."


async def test_an_error_within_the_answer_comes_after_what_was_said() -> None:
    error = event(error={"code": 502, "message": "upstream went away"})
    async with talking(Canned(pieces=[delta(content="half"), error])) as (_, provider):
        chunks: list[Chunk] = []
        with pytest.raises(Overloaded, match="upstream went away"):
            await read(provider, chunks)
    assert len(chunks) == 1


@pytest.mark.parametrize(
    ("finish", "kind"),
    [
        ("error", StreamBroken),
        ("insufficient_system_resource", Overloaded),
        ("model_context_window_exceeded", ContextOverflow),
    ],
)
async def test_a_finish_reason_can_be_an_error(finish: str, kind: type[ProviderError]) -> None:
    async with talking(said("", finish=finish)) as (_, provider):
        with pytest.raises(kind):
            await answer_of(provider)


async def test_a_model_that_cannot_stream_calls_is_not_asked_to() -> None:
    call = {"id": "c", "function": {"name": "read", "arguments": '{"path": "a"}'}}
    message = {"content": None, "tool_calls": [call]}
    body = {"model": "m", "choices": [{"message": message, "finish_reason": "tool_calls"}]}
    reply = Canned(
        headers={"content-type": "application/octet-stream"},
        pieces=[b"\n\n", b"\n" + json.dumps(body).encode()],
    )
    models = {"m": ModelInfo(provider="fake", id="m", tool_streaming=False)}
    async with talking(reply, models=models) as (server, provider):
        answer = await answer_of(provider, request(tools=(TOOL,)))
    assert server.chats[0]["stream"] is False
    assert [call.arguments for call in answer.calls] == [{"path": "a"}]
    assert answer.stop == "tool_use"


async def test_an_error_body_with_status_200_is_an_error() -> None:
    body = json.dumps({"error": {"message": "Overloaded", "type": "overloaded_error"}})
    async with talking(Canned(pieces=[body.encode()])) as (_, provider):
        with pytest.raises(Overloaded):
            await answer_of(provider)


@pytest.mark.parametrize("body", [b'{"choices": [', b'{"unheard": "of"}'])
async def test_json_that_is_no_answer_is_broken(body: bytes) -> None:
    async with talking(Canned(pieces=[body])) as (_, provider):
        with pytest.raises(StreamBroken):
            await answer_of(provider)


async def test_an_endless_answer_is_cut_off() -> None:
    flood = Canned(pieces=[b": " + b"x" * (1 << 20) + b"\n"] * 40)
    async with talking(flood) as (_, provider):
        with pytest.raises(StreamBroken, match="larger than") as failure:
            await answer_of(provider)
    assert not failure.value.retryable


async def test_an_error_body_without_end_is_read_for_a_megabyte_at_most() -> None:
    flood = Canned(status=500, pieces=[b"x" * 65_536] * 64)
    async with talking(flood) as (_, provider):
        with pytest.raises(Overloaded) as failure:
            await answer_of(provider)
    assert len(str(failure.value)) < 3000


HEALED: list[tuple[str, dict[str, Any], str, Any]] = [
    (
        "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens'.",
        {"max_output": 50},
        "max_completion_tokens",
        50,
    ),
    ("Unknown field: stream_options", {}, "stream_options", None),
    ("`temperature` is deprecated for this model", {"temperature": 0.5}, "temperature", None),
    (
        "Unrecognized request argument: reasoning_effort",
        {"effort": "high"},
        "reasoning_effort",
        None,
    ),
    ("response_format is not supported", {"schema": {"type": "object"}}, "response_format", None),
]


@pytest.mark.parametrize(("message", "wish", "field", "value"), HEALED)
async def test_a_400_that_names_a_field_heals_once_and_is_remembered(
    message: str, wish: dict[str, Any], field: str, value: Any
) -> None:
    async with talking(refused(400, message), said("Hi.")) as (server, provider):
        for _ in range(2):
            assert (await answer_of(provider, request(**wish))).text == "Hi."
    assert [chat.get(field) for chat in server.chats[1:]] == [value, value]
    assert len(server.chats) == 3


async def test_a_400_that_heals_nothing_is_raised_the_second_time() -> None:
    no = refused(400, "Unknown field: stream_options")
    async with talking(no) as (server, provider):
        with pytest.raises(BadRequest):
            await answer_of(provider)
    assert len(server.chats) == 2


async def test_two_lessons_can_follow_each_other_but_never_go_in_circles() -> None:
    replies = [
        refused(400, "unsupported max_tokens, use max_completion_tokens"),
        refused(400, "unsupported max_completion_tokens, use max_tokens"),
        refused(400, "unsupported max_tokens, use max_completion_tokens"),
    ]
    async with talking(*replies) as (server, provider):
        with pytest.raises(BadRequest):
            await answer_of(provider, request(max_output=9))
    assert len(server.chats) == 3


async def test_models_are_those_the_server_names_with_what_is_known() -> None:
    known = ModelInfo(provider="fake", id="big", window=9000, vision=True)
    async with talking(server_models=("big", "small"), models={"big": known}) as (_, provider):
        models = await provider.models()
    assert models == [known, ModelInfo(provider="fake", id="small")]


async def test_every_answer_ends_with_its_terminal_chunk() -> None:
    async with talking(said("Hi.")) as (_, provider):
        chunks: list[Chunk] = []
        await read(provider, chunks)
    assert [isinstance(chunk, Finished) for chunk in chunks].index(True) == len(chunks) - 1
