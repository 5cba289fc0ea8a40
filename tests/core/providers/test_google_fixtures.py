"""Every recorded Gemini stream gives what it should, however its bytes are cut."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    RateLimited,
    StreamBroken,
)
from ion_core.messages import Message, Reasoning, Text, ToolCall, answered, user
from ion_core.messages import ToolResult as Result
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Chunk, PartDelta, PartDone, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.faults import fault
from ion_core.providers.google_answer import GoogleAnswer
from ion_core.providers.google_quirks import google_quirks
from ion_core.providers.google_wire import google_body
from ion_core.providers.sse import SseParser
from tests.fakes.speakers import google

SHARED = Path(__file__).parents[4] / "shared" / "fixtures"
FIXTURES = SHARED / "google-generate"
STREAMS = sorted(FIXTURES.glob("*.sse"))
BODIES = sorted(path for path in FIXTURES.glob("json-*.json") if ".expected" not in path.name)
ERRORS = sorted(
    path
    for path in (SHARED / "errors").glob("*google*.json")
    if path.suffixes == [".json"]  # not the expected outcomes
)
KINDS = {
    "rate_limit": RateLimited,
    "overloaded": Overloaded,
    "not_found": BadRequest,
    "context_overflow": ContextOverflow,
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


def read(pieces: list[bytes]) -> tuple[GoogleAnswer, list[Chunk]]:
    parser, answer = SseParser(), GoogleAnswer()
    chunks: list[Chunk] = []
    for piece in pieces:
        for event in parser.feed(piece):
            chunks.extend(answer.take(event))
    return answer, [*chunks, *answer.parts()]


def told(answer: GoogleAnswer, chunks: list[Chunk], wanted: dict[str, Any]) -> dict[str, Any]:
    """What was understood, in the terms of an expected outcome; minted ids are none."""
    parts = [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]
    usage = answer.finished().usage
    given = [call["id"] for call in wanted["tool_calls"]]
    calls = [part for part in parts if isinstance(part, ToolCall)]
    return {
        "complete": answer.complete,
        "model": answer.model,
        "response_id": answer.response_id,
        "text": "".join(part.text for part in parts if isinstance(part, Text)),
        "thinking": "".join(part.text for part in parts if isinstance(part, Reasoning)),
        "tool_calls": [
            {"id": call.id if own else None, "name": call.name, "arguments": call.arguments}
            for call, own in zip(calls, given, strict=True)
        ],
        "stop_reason": answer.stop,
        "stop_reason_raw": answer.raw_stop,
        "usage": msgspec.to_builtins(usage) if usage else None,
        "error": answer.error,
    }


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_means_the_same_under_every_cut(path: Path) -> None:
    wanted = expected(path)
    data = path.read_bytes()
    for seed in range(9):
        answer, chunks = read(cuts(data, seed))
        understood = told(answer, chunks, wanted)
        assert understood == {key: wanted[key] for key in understood}, seed


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_a_recorded_body_that_was_not_streamed_means_what_it_says(path: Path) -> None:
    answer, wanted = GoogleAnswer(), expected(path)
    chunks = [*answer.whole(json.loads(path.read_bytes())), *answer.parts()]
    understood = told(answer, chunks, wanted)
    assert understood == {key: wanted[key] for key in understood}


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
                assert json.loads(grown) == done.part.arguments


@pytest.mark.parametrize("path", [*STREAMS, *BODIES], ids=lambda path: path.stem)
def test_a_recorded_answer_is_replayed_with_each_signature_on_its_part(path: Path) -> None:
    wanted = expected(path)
    if path.suffix == ".sse":
        answer, chunks = read([path.read_bytes()])
        bodies = [json.loads(line[5:]) for line in path.read_text().splitlines() if line.strip()]
    else:
        answer, bodies = GoogleAnswer(), [json.loads(path.read_bytes())]
        chunks = [*answer.whole(bodies[0]), *answer.parts()]
    endpoint = Endpoint(name="p", base_url="http://host/v1beta", protocol="google-generate")
    message = Message(
        role="assistant",
        parts=tuple(c.part for c in chunks if isinstance(c, PartDone)),
        origin=endpoint.origin("gemini-2.5-flash"),
    )
    request = Request(model="gemini-2.5-flash", system="", messages=(user("x"), message))
    body = google_body(request, endpoint, google_quirks("gemini-2.5-flash"))
    model = [c for c in body["contents"] if c["role"] == "model"]
    signed = [p for c in model for p in c["parts"] if "thoughtSignature" in p]
    came = [
        part
        for each in bodies
        for candidate in each.get("candidates", [])
        for part in candidate["content"].get("parts", [])
        if "thoughtSignature" in part
    ]
    assert [p["thoughtSignature"] for p in signed] == [p["thoughtSignature"] for p in came]
    assert [p.get("text") for p in signed] == [p.get("text") for p in came]
    digests = [b["signature_digest"] for b in wanted["blocks"] if "signature_digest" in b]
    assert [_digest([p["thoughtSignature"]]) for p in signed] == digests


def _digest(signatures: list[str]) -> str:
    return "sha256:" + hashlib.sha256("".join(signatures).encode()).hexdigest()[:16]


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_a_recorded_error_is_the_right_one(path: Path) -> None:
    case, wanted = json.loads(path.read_text()), expected(path)
    body = json.dumps(case["body"]).encode()
    for sent in (body, b"[" + body + b"]"):
        error = fault(case["http_status"], case["headers"], sent)
        assert type(error) is KINDS[wanted["kind"]]
        assert error.retryable == wanted["retryable"]
        assert error.retry_after == wanted["retry_after_s"]


def test_a_recorded_request_has_the_shape_of_ours() -> None:
    recorded = json.loads(
        (SHARED / "requests" / "google-generate--gemini3-signature-replay.json").read_text()
    )["body"]
    endpoint = Endpoint(name="p", base_url="http://host/v1beta", protocol="google-generate")
    model = "gemini-3-pro-preview"
    prompt, turn, result = recorded["contents"]
    [part] = turn["parts"]
    opaque = {"id": part["functionCall"]["id"], "thoughtSignature": part["thoughtSignature"]}
    call = ToolCall(id=opaque["id"], name="get_country", arguments={}, opaque=opaque)
    request = Request(
        model=model,
        system="",
        messages=(
            user(prompt["parts"][0]["text"]),
            Message(role="assistant", parts=(call,), origin=endpoint.origin(model)),
            answered(Result(call=call.id, name=call.name, status="ok", content="Mexico")),
        ),
        tools=(
            ToolSpec(
                name="get_country",
                description="",
                schema={"type": "object", "properties": {}, "additionalProperties": False},
            ),
        ),
    )
    body = google_body(request, endpoint, google_quirks(model))
    assert body["contents"][:2] == [prompt, turn]
    ours, theirs = body["contents"][2], result
    theirs["parts"][0]["functionResponse"]["response"] = {"output": "Mexico"}
    assert ours == theirs
    [declared] = body["tools"][0]["functionDeclarations"]
    [wanted] = recorded["tools"][0]["functionDeclarations"]
    wanted["parametersJsonSchema"] = wanted.pop("parameters_json_schema")
    assert declared == wanted


class _Played(httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


@pytest.mark.parametrize("path", [*STREAMS, *BODIES], ids=lambda path: path.stem)
async def test_the_provider_understands_a_recorded_answer(path: Path) -> None:
    wanted = expected(path)
    for seed in range(4):
        pieces = cuts(path.read_bytes(), seed)
        transport = httpx.MockTransport(lambda _, p=pieces: httpx.Response(200, stream=_Played(p)))
        message = await _asked(transport)
        assert (message.text, message.stop) == (wanted["text"], wanted["stop_reason"])
        assert [c.arguments for c in message.calls] == [
            c["arguments"] for c in wanted["tool_calls"]
        ]


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_a_recorded_stream_that_breaks_anywhere_is_broken(path: Path) -> None:
    data = path.read_bytes()
    for seed in range(4):
        whole = data.rstrip()
        at = random.Random(seed).randint(0, len(whole) - 1)
        transport = httpx.MockTransport(
            lambda _, p=data[:at]: httpx.Response(200, stream=_Played([p]))
        )
        with pytest.raises(StreamBroken):
            await _asked(transport)


async def _asked(transport: httpx.MockTransport) -> Message:
    provider = google(Endpoint(name="p", base_url="http://host/v1beta"), None, transport)
    assembly, request = Assembly(), Request(model="m", system="", messages=(user("x"),))
    async with aclosing(provider), provider.stream(request) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
    return assembly.message(provider.origin("m"))
