"""Bytes that no careful server sends, and sentences that people can act on."""

from __future__ import annotations

import socket

import msgspec
import pytest

from ion_core.errors import ConnectionFailed, ProviderError, StreamBroken
from ion_core.messages import user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.faults import fault
from ion_core.providers.fragments import parsed_arguments
from ion_core.providers.wire_json import decoded
from tests.fakes.chat_server import Canned, ChatServer, said
from tests.fakes.speakers import openai_chat

ASK = Request(model="fake", system="", messages=(user("hi"),))


async def answer_of(base_url: str) -> str:
    provider = openai_chat(Endpoint(name="fake", base_url=base_url))
    assembly = Assembly()
    try:
        async with provider.stream(ASK) as chunks:
            async for chunk in chunks:
                assembly.add(chunk)
    finally:
        await provider.aclose()
    return assembly.message(provider.origin("fake")).text


async def error_of(base_url: str) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        await answer_of(base_url)
    return raised.value


async def test_half_an_emoji_costs_no_more_than_itself() -> None:
    half = b'data: {"choices":[{"index":0,"delta":{"content":"a\\ud83d b "}}]}\n\n'
    async with ChatServer([Canned(pieces=[half, *said("end").pieces])]) as server:
        assert await answer_of(server.base_url) == "a? b end"


def test_a_whole_emoji_stays_whole_beside_half_a_one() -> None:
    assert decoded('"\\ud83d\\ude00 \\ud83d"') == "😀 ?"


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 5_000 + "]" * 5_000, '{"a', "nope"])
def test_what_is_no_json_of_ours_is_said_in_one_way(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decoded(text)
    assert parsed_arguments(text) is None


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"<html><body>Sign in</body></html>", "web page"),
        (b"upstream is sick\n", "upstream is"),
        (b'{"hello": "world"}', "hello"),
    ],
)
async def test_a_body_that_is_no_stream_is_shown(body: bytes, named: str) -> None:
    async with ChatServer([Canned(pieces=[body])]) as server:
        error = await error_of(server.base_url)
    assert isinstance(error, StreamBroken)
    assert named in str(error)


async def test_signs_of_life_without_an_answer_are_a_broken_stream() -> None:
    async with ChatServer([Canned(pieces=[b": working\n\n"])]) as server:
        assert "before the end" in str(await error_of(server.base_url))


async def test_a_server_that_does_not_run_is_told_in_words() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await error_of(f"http://127.0.0.1:{port}/v1")
    assert isinstance(error, ConnectionFailed)
    assert str(error) == f"No connection to 127.0.0.1:{port}: Connection refused."


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (401, b"no", "Check the key"),
        (402, b"no", "Add credit"),
        (404, b"no", "Check the model's name"),
        (413, b"", "larger window"),
    ],
)
def test_an_error_says_what_to_do(status: int, body: bytes, advice: str) -> None:
    assert advice in str(fault(status, {}, body))
