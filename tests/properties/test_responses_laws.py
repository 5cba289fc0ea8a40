"""Laws of the Responses protocol that hold for any conversation and any stream of bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.messages import Image, Message, Reasoning, Text, ToolCall, ToolResult
from ion_core.providers.base import Chunk, ModelInfo, PartDone, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_responses import ResponsesWire
from ion_core.providers.openai_responses_answer import ResponsesAnswer
from ion_core.providers.sse import SseEvent, SseParser
from tests.fakes.responses_server import begin, call, end, message, reasoning
from tests.fakes.values import messages, objects, words


def fitting(message: Message) -> Message:
    """The same message with the parts that its role can have."""
    kinds: dict[str, Any] = {
        "user": (Text, Image),
        "assistant": (Text, Reasoning, ToolCall),
        "tool": (ToolResult,),
    }
    parts = tuple(part for part in message.parts if isinstance(part, kinds[message.role]))
    return replace(message, parts=parts)


talks = st.lists(messages.map(fitting), max_size=6)
images = st.builds(Image, media_type=words, sha256=words)
HOSTS = st.sampled_from(
    [
        "https://api.openai.com/v1",
        "https://chatgpt.com/backend-api/codex",
        "https://api.deepseek.com",
        "http://127.0.0.1:1234/v1",
    ]
)


def endpoint(host: str, *, vision: bool = True) -> Endpoint:
    model = ModelInfo(provider="p", id="m", vision=vision)
    return Endpoint(name="p", protocol="openai-responses", base_url=host, models={"m": model})


def written(host: str, conversation: Sequence[Message]) -> list[dict[str, Any]]:
    at = endpoint(host)
    own = [
        Message(role=m.role, parts=m.parts, origin=at.origin("m"), stop=m.stop)
        if m.origin and len(m.origin.model) % 2
        else m
        for m in conversation
    ]
    wire = ResponsesWire(at, blobs=lambda _: b"png")
    request = Request(model="m", system="s", messages=tuple(own))
    items: list[dict[str, Any]] = wire.post(request, wire.quirks("m"), stream=True).body["input"]
    return items


@given(HOSTS, talks)
def test_any_conversation_becomes_items_that_are_legal(
    host: str, conversation: list[Message]
) -> None:
    items = written(host, conversation)
    waiting: list[str] = []
    seen: set[str] = set()
    for before, item in zip([{"type": ""}, *items], items, strict=False):
        match item["type"]:
            case "function_call" | "custom_tool_call":
                assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", item["call_id"])
                assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", item["name"])
                assert item["call_id"] not in seen
                seen.add(item["call_id"])
                waiting.append(item["call_id"])
                json.loads(item.get("arguments", "{}"))
            case "function_call_output" | "custom_tool_call_output":
                assert item["call_id"] == waiting.pop(0)
            case "message":
                assert not waiting or item["role"] == "assistant"
                assert all(part.get("text", "x") for part in item["content"])
                assert item["content"]
            case "reasoning":
                assert ("id" in item) == host.endswith((":1234/v1", "deepseek.com"))
                assert isinstance(item["summary"], list)
        if before["type"] == "reasoning":
            assert item["type"] in ("reasoning", "message", "function_call", "custom_tool_call")
            assert item.get("role", "assistant") == "assistant"
    assert not waiting
    assert not items or items[-1]["type"] != "reasoning"


@given(HOSTS, talks)
def test_a_conversation_that_grows_keeps_its_beginning(
    host: str, conversation: list[Message]
) -> None:
    whole = written(host, conversation)
    for size in range(len(conversation)):
        if any(m.role == "tool" for m in conversation[size:]):
            # A result that comes later changes what was said of its call.
            continue
        part = written(host, conversation[:size])
        assert whole[: len(part)] == part


pieces = st.lists(words, max_size=3)
answers = st.lists(
    st.tuples(st.just("message"), pieces)
    | st.tuples(st.just("reasoning"), pieces)
    | st.tuples(st.just("call"), objects),
    max_size=4,
)


def streamed(answer: list[tuple[str, Any]]) -> bytes:
    events = begin()
    for place, (kind, said) in enumerate(answer):
        if kind == "message":
            events += message(place, *said)
        elif kind == "reasoning":
            events += reasoning(place, *said)
        else:
            text = json.dumps(said)
            events += call(place, f"call_{place}", "read", text[:3], text[3:])
    return b"".join([*events, *end()])


def read(data: Sequence[bytes]) -> tuple[ResponsesAnswer, list[Chunk]]:
    parser, answer = SseParser(), ResponsesAnswer()
    chunks = [c for d in data for one in parser.feed(d) for c in answer.take(one)]
    return answer, [*chunks, *answer.parts()]


@given(answers, st.lists(st.integers(0, 4000), max_size=6))
def test_an_answer_means_the_same_however_it_is_cut(
    answer: list[tuple[str, Any]], places: list[int]
) -> None:
    data = streamed(answer)
    marks = sorted({0, len(data), *(place for place in places if place < len(data))})
    cut = [data[a:b] for a, b in pairwise(marks)]
    (one, chunks), (other, same) = read([data]), read(cut)
    assert [c for c in same if isinstance(c, PartDone)] == [
        c for c in chunks if isinstance(c, PartDone)
    ]
    assert one.finished() == other.finished()
    kept = [kind for kind, said in answer if kind != "message" or any(said)]
    assert len([c for c in chunks if isinstance(c, PartDone)]) == len(kept)


events = st.builds(
    SseEvent,
    data=st.dictionaries(
        st.sampled_from(
            ["type", "item", "delta", "output_index", "response", "error", "arguments"]
        ),
        st.sampled_from(
            [
                "message",
                "error",
                "response.output_item.added",
                "response.output_item.done",
                "response.output_text.delta",
                "response.function_call_arguments.done",
                "response.custom_tool_call_input.delta",
                "response.completed",
                "response.failed",
            ]
        )
        | st.integers(-1, 2)
        | st.none()
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["message", "reasoning", "function_call", "x"])},
            optional={"content": st.just([1, {"text": 3}]), "status": st.just("failed")},
        )
        | objects,
    ).map(json.dumps),
    name=st.sampled_from(["", "error", "response.completed"]),
)


@given(st.lists(events, max_size=8))
def test_no_stream_of_events_breaks_the_reader(noise: list[SseEvent]) -> None:
    answer = ResponsesAnswer()
    chunks = [chunk for event in noise for chunk in answer.take(event)]
    done = list(answer.parts())
    assert len({c.index for c in done}) == len(done)
    assert {c.index for c in chunks} >= {c.index for c in done if _text(c)}
    answer.finished()


def _text(done: Chunk) -> str:
    return getattr(getattr(done, "part", None), "text", "")


@given(st.lists(st.builds(Message, role=st.just("user"), parts=st.tuples(images)), max_size=2))
def test_a_model_that_sees_nothing_is_sent_no_picture(conversation: list[Message]) -> None:
    wire = ResponsesWire(endpoint("http://h/v1", vision=False), blobs=lambda _: b"png")
    request = Request(model="m", system="", messages=tuple(conversation))
    body = wire.post(request, wire.quirks("m"), stream=True).body
    assert "input_image" not in json.dumps(body)
