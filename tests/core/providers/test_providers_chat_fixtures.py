"""Every recorded chat stream gives what it should, however its bytes are cut."""

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
from ion_core.messages import Origin, Reasoning, Text, ToolCall, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Chunk, PartDelta, PartDone, Provider, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat_answer import ChatAnswer
from ion_core.providers.sse import SseParser
from tests.fakes.speakers import openai_chat

FIXTURES = Path(__file__).parents[4] / "shared" / "fixtures" / "openai-chat"
ORIGIN = Origin(protocol="openai-chat", provider="p", base_url="http://host/v1", model="m")
STREAMS = sorted(FIXTURES.glob("*.sse"))
BODIES = sorted(path for path in FIXTURES.glob("json-*.json") if ".expected" not in path.name)

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


def read(pieces: list[bytes], *, think_tags: bool = False) -> tuple[ChatAnswer, list[Chunk]]:
    parser, answer = SseParser(), ChatAnswer(think_tags=think_tags)
    chunks: list[Chunk] = []
    for piece in pieces:
        for event in parser.feed(piece):
            chunks.extend(answer.take(event))
    return answer, [*chunks, *answer.parts()]


def told(answer: ChatAnswer, chunks: list[Chunk]) -> dict[str, Any]:
    parts = [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]
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
    }


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
@pytest.mark.parametrize("think_tags", [False, True])
def test_a_recorded_stream_means_the_same_under_every_cut(path: Path, think_tags: bool) -> None:
    wanted = expected(path)
    data = path.read_bytes()
    for seed in range(9):
        answer, chunks = read(cuts(data, seed), think_tags=think_tags)
        assert told(answer, chunks) == {key: wanted[key] for key in told(answer, chunks)}, seed
        assert answer.model == (wanted["model"] or "")
        assert answer.response_id == (wanted["response_id"] or "")
        assert _error(answer.error) == _error(wanted["error"])


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_the_deltas_of_a_recorded_stream_join_to_its_parts(path: Path) -> None:
    _, chunks = read(cuts(path.read_bytes(), 3), think_tags=True)
    for done in [chunk for chunk in chunks if isinstance(chunk, PartDone)]:
        grown = "".join(
            c.text for c in chunks if isinstance(c, PartDelta) and c.index == done.index
        )
        match done.part:
            case Text() | Reasoning():
                assert grown == done.part.text
            case ToolCall():
                assert json.loads(grown or "{}") == done.part.arguments


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_a_recorded_body_that_was_not_streamed_means_what_it_says(path: Path) -> None:
    answer = ChatAnswer()
    chunks = [*answer.feed(json.loads(path.read_bytes())), *answer.parts()]
    wanted = expected(path)
    assert told(answer, chunks) == {key: wanted[key] for key in told(answer, chunks)}


def test_thoughts_remember_the_field_they_came_in() -> None:
    for path in STREAMS:
        _, chunks = read([path.read_bytes()])
        thoughts = [b for b in expected(path)["blocks"] if b["type"] == "thinking"]
        for wanted in thoughts:
            [part] = [
                c.part for c in chunks if isinstance(c, PartDone) and isinstance(c.part, Reasoning)
            ]
            assert part.opaque is not None
            assert part.opaque["field"] == wanted.get("field", "content"), path.name


def test_a_sealed_thought_is_kept_for_replay() -> None:
    _, chunks = read([(FIXTURES / "openrouter-claude-reasoning-signature.sse").read_bytes()])
    [thought] = [
        c.part for c in chunks if isinstance(c, PartDone) and isinstance(c.part, Reasoning)
    ]
    assert thought.opaque is not None
    [detail] = thought.opaque["reasoning_details"]
    assert detail["text"] == thought.text
    assert detail["signature"].startswith("Et0BCkgIChACGAIqQA2s7h7tA7IG35fb")


def _error(error: Any) -> Any:
    return error["message"] if error else None


class _Played(httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


@pytest.mark.parametrize("path", [*STREAMS, *BODIES], ids=lambda path: path.stem)
async def test_the_provider_understands_a_recorded_answer_or_raises_its_error(path: Path) -> None:
    wanted = expected(path)
    for seed in range(4):
        pieces = cuts(path.read_bytes(), seed)
        transport = httpx.MockTransport(lambda _, p=pieces: httpx.Response(200, stream=_Played(p)))
        provider = openai_chat(Endpoint(name="p", base_url="http://host/v1"), None, transport)
        assembly, failure = Assembly(), None
        try:
            await _fill(assembly, provider)
        except ProviderError as error:
            failure = error
        await provider.aclose()
        assert (failure is not None) == (wanted["stop_reason"] == "error")
        told = assembly.partial(ORIGIN) if failure else assembly.message(ORIGIN)
        assert told is not None
        assert told.text == wanted["text"]
        assert [dict(id=c.id, name=c.name, arguments=c.arguments) for c in told.calls] == (
            wanted["tool_calls"]
        )
        if failure:
            assert wanted["error"]["message"] in str(failure)
        else:
            assert told.stop == wanted["stop_reason"]


async def _fill(assembly: Assembly, provider: Provider) -> None:
    async with provider.stream(Request(model="m", system="", messages=(user("x"),))) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
