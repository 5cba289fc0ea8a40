"""Every recorded Responses stream gives what it should, however its bytes are cut."""

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
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Chunk, PartDelta, PartDone, Provider, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_responses import ResponsesWire
from ion_core.providers.openai_responses_answer import ResponsesAnswer
from ion_core.providers.sse import SseParser
from tests.fakes.speakers import openai_responses

SHARED = Path(__file__).parents[4] / "shared" / "fixtures"
FIXTURES = SHARED / "openai-responses"
ORIGIN = Origin(protocol="openai-responses", provider="p", base_url="http://host/v1", model="m")
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


def read(pieces: list[bytes]) -> tuple[ResponsesAnswer, list[Chunk]]:
    parser, answer = SseParser(), ResponsesAnswer()
    chunks: list[Chunk] = []
    for piece in pieces:
        for event in parser.feed(piece):
            chunks.extend(answer.take(event))
    return answer, [*chunks, *answer.parts()]


def whole(path: Path) -> tuple[ResponsesAnswer, list[Chunk]]:
    answer = ResponsesAnswer()
    return answer, [*answer.whole(json.loads(path.read_bytes())), *answer.parts()]


def is_plain(call: ToolCall) -> bool:
    """Whether a call is one of plain text, which the recordings list apart."""
    return (call.opaque or {}).get("type") == "custom_tool_call"


def told(answer: ResponsesAnswer, chunks: list[Chunk]) -> dict[str, Any]:
    parts = [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]
    return {
        "complete": answer.complete,
        "text": "".join(part.text for part in parts if isinstance(part, Text)),
        "thinking": "".join(part.text for part in parts if isinstance(part, Reasoning)),
        "tool_calls": [
            {"id": part.id, "name": part.name, "arguments": part.arguments}
            for part in parts
            if isinstance(part, ToolCall) and not is_plain(part)
        ],
        "stop_reason": answer.stop,
        "usage": msgspec.to_builtins(answer.usage) if answer.usage else None,
    }


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_means_the_same_under_every_cut(path: Path) -> None:
    wanted = expected(path)
    data = path.read_bytes()
    for seed in range(9):
        answer, chunks = read(cuts(data, seed))
        assert told(answer, chunks) == {key: wanted[key] for key in told(answer, chunks)}, seed
        assert answer.model == (wanted["model"] or "")
        assert answer.response_id == (wanted["response_id"] or "")
        assert (answer.raw_stop or None) == wanted["stop_reason_raw"]
        assert _error(answer.error) == _error(wanted["error"])


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
            case ToolCall(malformed=None):
                assert json.loads(grown or "{}") == done.part.arguments
            case ToolCall(malformed=written):
                assert grown == written


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_a_recorded_body_that_was_not_streamed_means_what_it_says(path: Path) -> None:
    answer, chunks = whole(path)
    wanted = expected(path)
    assert told(answer, chunks) == {key: wanted[key] for key in told(answer, chunks)}


@pytest.mark.parametrize("path", [*STREAMS, *BODIES], ids=lambda path: path.stem)
def test_a_recorded_answer_goes_back_as_the_items_that_it_came_in(path: Path) -> None:
    answer, chunks = whole(path) if path in BODIES else read([path.read_bytes()])
    if not answer.complete or answer.error:
        pytest.skip("it broke off")
    parts = tuple(chunk.part for chunk in chunks if isinstance(chunk, PartDone))
    endpoint = Endpoint(
        name="p",
        protocol="openai-responses",
        base_url="https://api.openai.com/v1" if _sealed(parts) else "http://host/v1",
    )
    message = Message(role="assistant", parts=parts, origin=endpoint.origin("m"), stop=answer.stop)
    request = Request(model="m", system="", messages=(user("x"), message, *_results(message)))
    wire = ResponsesWire(endpoint)
    items = wire.post(request, wire.quirks("m"), stream=True).body["input"][1:]
    kinds = {"thinking": "reasoning", "text": "message", "tool_call": "function_call"}
    blocks = [kinds.get(b["type"], b["type"]) for b in expected(path)["blocks"]]
    sent = [item["type"] for item in items if not item["type"].endswith("_output")]
    own = [kind for kind in blocks if kind != "server_tool"]
    # One recording tells of its thought after the text that it led to.
    assert sorted(sent) == sorted(own)
    assert not any("id" in item for item in items) or not _sealed(parts)


def test_a_recorded_phase_is_kept() -> None:
    _, chunks = read([(FIXTURES / "phase-commentary-tool.sse").read_bytes()])
    [words] = [c.part for c in chunks if isinstance(c, PartDone) and isinstance(c.part, Text)]
    assert words.opaque == {"phase": "commentary"}


@pytest.mark.skipif(not (SHARED / "requests").is_dir(), reason="the shared requests are absent")
@pytest.mark.parametrize("name", ["phase-tool-replay", "stateless-tool-result"])
def test_a_request_has_the_shape_of_one_that_was_answered(name: str) -> None:
    recorded = json.loads((SHARED / "requests" / f"openai-responses--{name}.json").read_text())
    wanted = recorded["body"]
    endpoint = Endpoint(name="p", protocol="openai-responses", base_url="https://api.openai.com/v1")
    wire = ResponsesWire(endpoint)
    request = _like(wanted, endpoint)
    body = wire.post(request, wire.quirks(request.model), stream=True).body
    for item in wanted["input"]:
        item.pop("id", None)
        item.pop("status", None)
        if isinstance(item.get("content"), str):
            item["type"] = "message"
            item["content"] = [{"type": "input_text", "text": item["content"]}]
    assert body["input"] == wanted["input"]
    assert body.get("instructions", "") == wanted["instructions"]
    assert [{**tool, "strict": False} for tool in wanted["tools"]] == [
        {**tool, "description": tool["description"] or given["description"]}
        for tool, given in zip(body["tools"], wanted["tools"], strict=True)
    ]


def _like(body: dict[str, Any], endpoint: Endpoint) -> Request:
    """The request that a recorded body was."""
    parts: list[Any] = []
    messages: list[Message] = []
    for item in body["input"]:
        match item:
            case {"role": "user"}:
                messages.append(user(item["content"]))
            case {"type": "reasoning"}:
                opaque = {k: v for k, v in item.items() if k != "type"}
                parts.append(Reasoning(text="", opaque=opaque))
            case {"type": "message"}:
                phase = {"phase": item["phase"]}
                parts.append(Text(text=item["content"][0]["text"], opaque=phase))
            case {"type": "function_call"}:
                arguments = json.loads(item["arguments"])
                name = item["call_id"]
                parts.append(ToolCall(id=name, name=item["name"], arguments=arguments))
            case {"type": "function_call_output"}:
                origin = endpoint.origin(body["model"])
                said = Message(role="assistant", parts=tuple(parts), origin=origin, stop="tool_use")
                call = said.calls[0]
                result = ToolResult(
                    call=call.id, name=call.name, status="ok", content=item["output"]
                )
                messages += [said, Message(role="tool", parts=(result,))]
    tools = tuple(
        ToolSpec(name=t["name"], description=t["description"] or "", schema=t["parameters"])
        for t in body["tools"]
    )
    return Request(
        model=body["model"],
        system=body["instructions"],
        messages=tuple(messages),
        tools=tools,
    )


def _results(message: Message) -> list[Message]:
    results = [
        ToolResult(call=call.id, name=call.name, status="ok", content="x") for call in message.calls
    ]
    return [Message(role="tool", parts=tuple(results))] if results else []


def _sealed(parts: tuple[Any, ...]) -> bool:
    thoughts = [part for part in parts if isinstance(part, Reasoning)]
    return any("encrypted_content" in (thought.opaque or {}) for thought in thoughts)


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
        provider = openai_responses(Endpoint(name="p", base_url="http://host/v1"), None, transport)
        assembly, failure = Assembly(), None
        try:
            await _fill(assembly, provider)
        except ProviderError as error:
            failure = error
        await provider.aclose()
        broken = wanted["stop_reason"] in ("error", "incomplete")
        assert (failure is not None) == broken
        told = assembly.partial(ORIGIN) if failure else assembly.message(ORIGIN)
        assert (told.text if told else "") == wanted["text"]
        if failure and wanted["error"]:
            assert wanted["error"]["message"] in str(failure)
        elif told and not failure:
            assert told.stop == wanted["stop_reason"]
            calls = [call for call in told.calls if not is_plain(call)]
            assert [dict(id=c.id, name=c.name, arguments=c.arguments) for c in calls] == (
                wanted["tool_calls"]
            )


async def _fill(assembly: Assembly, provider: Provider) -> None:
    async with provider.stream(Request(model="m", system="", messages=(user("x"),))) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
