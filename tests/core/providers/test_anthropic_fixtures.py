"""Every recorded stream of Anthropic's gives what it should, however its bytes are cut."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from ion_core.errors import ProviderError
from ion_core.messages import Message, Origin, Reasoning, Text, ToolCall, ToolResult, user
from ion_core.providers.anthropic_answer import AnthropicAnswer
from ion_core.providers.anthropic_quirks import quirks_for
from ion_core.providers.anthropic_wire import messages_body
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Chunk, PartDelta, PartDone, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.sse import SseParser
from tests.fakes.speakers import anthropic

SHARED = Path(__file__).parents[4] / "shared" / "fixtures"
FIXTURES = SHARED / "anthropic-messages"
ORIGIN = Origin(protocol="anthropic-messages", provider="p", base_url="http://host", model="m")
STREAMS = sorted(FIXTURES.glob("*.sse"))
BODIES = sorted(path for path in FIXTURES.glob("json-*.json") if ".expected" not in path.name)
REQUESTS = sorted((SHARED / "requests").glob("anthropic-*.json"))
PARTS = {
    "thinking": Reasoning,
    "text": Text,
    "tool_call": ToolCall,
    "server_tool": Reasoning,
    "opaque": Reasoning,
    "compaction": Reasoning,
}

pytestmark = pytest.mark.skipif(not FIXTURES.is_dir(), reason="the shared recordings are absent")


def expected(path: Path) -> dict[str, Any]:
    return json.loads(path.with_suffix(".expected.json").read_text())


def cuts(data: bytes, seed: int) -> list[bytes]:
    """``data`` in random pieces: whole, by single bytes, or anything between."""
    if seed == 0:
        return [data]
    chance, pieces, at = random.Random(seed), [], 0
    most = (1, 3, 40, 2000)[seed % 4]
    while at < len(data):
        size = chance.randint(1, most)
        pieces.append(data[at : at + size])
        at += size
    return pieces


def read(pieces: list[bytes]) -> tuple[AnthropicAnswer, list[Chunk]]:
    parser, answer = SseParser(), AnthropicAnswer()
    chunks: list[Chunk] = []
    for piece in pieces:
        for event in parser.feed(piece):
            chunks.extend(answer.take(event))
    return answer, [*chunks, *answer.parts()]


def parts_of(chunks: list[Chunk]) -> list[Any]:
    return [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]


def told(answer: AnthropicAnswer, chunks: list[Chunk]) -> dict[str, Any]:
    parts = parts_of(chunks)
    return {
        "complete": answer.complete,
        "text": "".join(part.text for part in parts if isinstance(part, Text)),
        "thinking": "".join(part.text for part in parts if isinstance(part, Reasoning)),
        "tool_calls": [
            {"id": part.id, "name": part.name, "arguments": part.arguments}
            for part in parts
            if isinstance(part, ToolCall)
        ],
        "stop_reason": answer.stop,
        "usage": msgspec.to_builtins(answer.usage) if answer.usage else None,
        "model": answer.model,
        "response_id": answer.response_id,
    }


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_means_the_same_under_every_cut(path: Path) -> None:
    wanted, data = expected(path), path.read_bytes()
    for seed in range(5):
        answer, chunks = read(cuts(data, seed))
        assert told(answer, chunks) == {key: wanted[key] for key in told(answer, chunks)}, seed
        assert (answer.error is None) == (wanted["error"] is None)


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_a_recorded_body_that_was_not_streamed_means_what_it_says(path: Path) -> None:
    answer, wanted = AnthropicAnswer(), expected(path)
    chunks = [*answer.whole(json.loads(path.read_bytes())), *answer.parts()]
    assert told(answer, chunks) == {key: wanted[key] for key in told(answer, chunks)}


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_every_recorded_block_becomes_a_part_in_its_order(path: Path) -> None:
    _, chunks = read([path.read_bytes()])
    kinds = [PARTS[block["type"]] for block in expected(path)["blocks"]]
    assert [type(part) for part in parts_of(chunks)] == kinds


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_the_deltas_of_a_recorded_stream_join_to_its_parts(path: Path) -> None:
    _, chunks = read(cuts(path.read_bytes(), 3))
    for done in [chunk for chunk in chunks if isinstance(chunk, PartDone)]:
        grown = "".join(
            c.text for c in chunks if isinstance(c, PartDelta) and c.index == done.index
        )
        match done.part:
            case Text() | Reasoning():
                assert grown == done.part.text
            case ToolCall():
                assert json.loads(grown or "{}") == done.part.arguments


class _Played(httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


@pytest.mark.parametrize("path", [*STREAMS, *BODIES], ids=lambda path: path.stem)
async def test_the_provider_understands_a_recorded_answer_or_raises_its_error(path: Path) -> None:
    wanted = expected(path)
    for seed in range(2):
        pieces = cuts(path.read_bytes(), seed)
        transport = httpx.MockTransport(lambda _, p=pieces: httpx.Response(200, stream=_Played(p)))
        provider = anthropic(Endpoint(name="p", base_url="http://host"), None, transport)
        assembly, failure = Assembly(), None
        try:
            await _fill(assembly, provider)
        except ProviderError as error:
            failure = error
        await provider.aclose()
        assert (failure is not None) == (not wanted["complete"])
        if failure is None:
            message = assembly.message(ORIGIN)
            assert (message.text, message.stop) == (wanted["text"], wanted["stop_reason"])
        else:
            partial = assembly.partial(ORIGIN)
            assert partial is not None
            assert not partial.calls
            assert all(part.signature is None for part in partial.parts if hasattr(part, "opaque"))


async def _fill(assembly: Assembly, provider: Any) -> None:
    async with provider.stream(Request(model="m", system="", messages=(user("x"),))) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_a_recorded_request_is_written_in_the_same_shape(path: Path) -> None:
    body = json.loads(path.read_text())["body"]
    endpoint = Endpoint(
        name="anthropic", base_url="https://api.anthropic.com", protocol="anthropic-messages"
    )
    neutral = _neutral(body, endpoint.origin(body["model"]))
    request = Request(model=body["model"], system="s", messages=tuple(neutral))
    quirks = quirks_for(endpoint.base_url, body["model"])
    assert _plain(messages_body(request, endpoint, quirks)["messages"]) == _plain(body["messages"])


def _neutral(body: dict[str, Any], origin: Origin) -> list[Message]:
    """The conversation that a recorded request carries."""
    names, messages = {}, []
    for message in body["messages"]:
        parts: list[Any] = []
        for block in message["content"]:
            match block["type"]:
                case "text":
                    parts.append(Text(text=block["text"]))
                case "thinking":
                    parts.append(Reasoning(text=block["thinking"], signature=block["signature"]))
                case "tool_use":
                    names[block["id"]] = block["name"]
                    arguments = block["input"]
                    parts.append(ToolCall(id=block["id"], name=block["name"], arguments=arguments))
                case "tool_result":
                    id_, content = block["tool_use_id"], block["content"]
                    result = ToolResult(call=id_, name=names[id_], status="ok", content=content)
                    parts.append(result)
        role = "tool" if isinstance(parts[0], ToolResult) else message["role"]
        own = origin if role == "assistant" else None
        messages.append(Message(role=role, parts=tuple(parts), origin=own))
    return messages


def _plain(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without marks, and without what is the default anyway."""
    left_out = ("cache_control", "is_error")
    return [
        message
        | {
            "content": [
                {name: value for name, value in block.items() if name not in left_out}
                for block in message["content"]
            ]
        }
        for message in messages
    ]
