"""Models that cannot stream when they are offered tools, against a server that fails as they do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ion_core.errors import BadRequest, ProviderError, StreamBroken
from ion_core.messages import Message, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import ModelInfo, Provider, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from tests.fakes.chat_server import Canned, ChatServer, Reply, delta, event, refused, said
from tests.fakes.speakers import openai_chat

TOOL = ToolSpec(name="read", description="Read.", schema={"type": "object", "properties": {}})
CALL = {"index": 0, "id": "c1", "function": {"name": "read", "arguments": '{"path": "a"}'}}
HALF = {"index": 0, "id": "c1", "function": {"name": "read", "arguments": '{"pa'}}


def in_one_piece() -> Canned:
    message = {"content": None, "tool_calls": [CALL]}
    body = {"model": "m", "choices": [{"message": message, "finish_reason": "tool_calls"}]}
    return Canned(headers={"content-type": "application/json"}, pieces=[json.dumps(body).encode()])


def failing(failure: Canned) -> Reply:
    """A server whose streams with tools fail, and nothing else."""

    def reply(body: Any) -> Canned:
        if not body["stream"]:
            return in_one_piece()
        return failure if body.get("tools") else said("Hello.")

    return reply


@asynccontextmanager
async def talking(*replies: Reply, **endpoint: Any) -> AsyncIterator[tuple[ChatServer, Provider]]:
    async with ChatServer(replies) as server:
        provider = openai_chat(Endpoint(name="fake", base_url=server.base_url, **endpoint))
        try:
            yield server, provider
        finally:
            await provider.aclose()


async def ask(provider: Provider, tools: Sequence[ToolSpec] = (TOOL,)) -> Message:
    request = Request(model="m", system="", messages=(user("x"),), tools=tuple(tools))
    assembly = Assembly()
    async with provider.stream(request) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
    return assembly.message(provider.origin("m"))


def streamed(server: ChatServer) -> list[bool]:
    return [body["stream"] for body in server.chats]


REFUSALS = [
    (500, "Cannot use tools with stream"),
    (400, "Tool calls does not support stream"),
    (400, "Tool calls only support streaming when using VLLM"),
    (400, "Automatic streaming tool choice is not supported"),
    (400, "Ollama does not support tools and streaming at the same time. Please choose one."),
    (400, "This model doesn't support tool use in streaming mode."),
    (400, "Streaming is not supported when tools are used."),
    (500, "error parsing tool call: raw='{\"pa', err=unexpected end of JSON input"),
    (400, "Failed to parse fc related info to json format!"),
]


@pytest.mark.parametrize(("status", "words"), REFUSALS)
async def test_a_server_that_refuses_to_stream_tools_is_asked_without_and_remembered(
    status: int, words: str
) -> None:
    async with talking(failing(refused(status, words))) as (server, provider):
        for _ in range(2):
            assert [call.name for call in (await ask(provider)).calls] == ["read"]
    assert streamed(server) == [True, False, False]


async def test_a_model_that_cannot_stream_tools_still_streams_words() -> None:
    no = refused(500, "Cannot use tools with stream")
    async with talking(failing(no)) as (server, provider):
        await ask(provider)
        assert (await ask(provider, tools=())).text == "Hello."
    assert streamed(server) == [True, False, True]


@pytest.mark.parametrize(
    "words",
    [
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        "Unsupported parameter: 'stream_options' with these tools",
        "Invalid schema for function 'read'",
        "Model not found",
    ],
)
async def test_other_refusals_are_shown_and_teach_nothing_of_streaming(words: str) -> None:
    async with talking(failing(refused(400, words))) as (server, provider):
        with pytest.raises(BadRequest) as failure:
            await ask(provider)
    assert words in str(failure.value)
    assert all(streamed(server))


BREAKS = {
    "llama.cpp": [delta(content="I look."), event(error={
        "code": 500, "message": "Failed to parse input at pos 12: <tool_call>",
        "type": "server_error"})],
    "LM Studio": [delta(content="I look."),
                  b'event: error\ndata: {"error": "Failed to parse tool call: no end"}\n\n'],
    "vLLM": [delta(tool_calls=[HALF]), event(error={
        "message": "Error trying to handle streaming tool call.", "code": 500})],
    "a body that ends within a call": [delta(tool_calls=[HALF])],
    "a call that is announced and not made": [
        delta(content="I will read it."),
        event(choices=[{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]),
        b"data: [DONE]\n\n"],
}  # fmt: skip


@pytest.mark.parametrize("server_name", BREAKS)
async def test_a_stream_that_breaks_over_a_call_is_made_again_in_one_piece(
    server_name: str,
) -> None:
    broken = Canned(pieces=BREAKS[server_name])
    async with talking(failing(broken)) as (server, provider):
        with pytest.raises(StreamBroken, match="again without streaming") as failure:
            await ask(provider)
        assert (failure.value.retryable, failure.value.retry_after) == (True, 0.0)
        assert [call.arguments for call in (await ask(provider)).calls] == [{"path": "a"}]
    assert streamed(server) == [True, False]


async def test_a_connection_cut_within_a_call_is_the_networks_fault_once_but_not_twice() -> None:
    cut = Canned(pieces=[delta(tool_calls=[HALF])], cut=True)
    async with talking(failing(cut)) as (server, provider):
        for _ in range(2):
            with pytest.raises(StreamBroken):
                await ask(provider)
        assert (await ask(provider)).calls
    assert streamed(server) == [True, True, False]


async def test_a_connection_cut_within_words_says_nothing_of_tools() -> None:
    cut = Canned(pieces=[delta(content="I lo")], cut=True)
    async with talking(failing(cut)) as (server, provider):
        for _ in range(3):
            with pytest.raises(StreamBroken):
                await ask(provider)
    assert all(streamed(server))


async def test_a_call_that_is_written_in_words_is_no_lost_call() -> None:
    text = '<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>'
    async with talking(said(text, finish="tool_calls")) as (server, provider):
        assert (await ask(provider)).text == text
    assert streamed(server) == [True]


async def test_a_server_that_fails_without_streaming_too_is_not_asked_for_ever() -> None:
    no = refused(500, "Cannot use tools with stream")
    async with talking(no) as (server, provider):
        with pytest.raises(ProviderError):
            await ask(provider)
    assert streamed(server) == [True, False]


async def test_a_setting_spares_the_attempt() -> None:
    models = {"m": ModelInfo(provider="fake", id="m", tool_streaming=False)}
    no = refused(500, "Cannot use tools with stream")
    async with talking(failing(no), models=models) as (server, provider):
        assert (await ask(provider)).calls
        assert (await ask(provider, tools=())).text == "Hello."
    assert streamed(server) == [False, True]


async def test_what_a_person_sets_for_a_model_is_sent() -> None:
    quirks = {"max_tokens": "max_completion_tokens", "fields": {"seed": 7}}
    models = {"m": ModelInfo(provider="fake", id="m", quirks=quirks)}
    async with talking(said("Hi."), models=models) as (server, provider):
        request = Request(model="m", system="", messages=(user("x"),), max_output=5)
        async with provider.stream(request) as chunks:
            assert [chunk async for chunk in chunks]
    assert (server.chats[0]["max_completion_tokens"], server.chats[0]["seed"]) == (5, 7)
