"""What holds in every protocol: a body that obeys, whatever was said and whoever said it; a
beginning that stays while the conversation grows; and history that comes home unchanged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.ids import CallId
from ion_core.messages import Image, Message, Origin, Reasoning, Text, ToolCall, ToolResult, user
from ion_core.providers.base import ModelInfo, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import wire
from tests.fakes import values
from tests.fakes.rules import CONVERSATION, assert_obeys, written

PLACES = {
    "anthropic-messages": ("https://api.anthropic.com", "claude-sonnet-5"),
    "google-generate": ("https://generativelanguage.googleapis.com/v1beta", "gemini-4-argon"),
    "openai-chat": ("https://api.moonshot.ai/v1", "kimi-k3"),
    "openai-responses": ("https://api.openai.com/v1", "gpt-5.6"),
}
PROTOCOLS = tuple(PLACES)
SECRET = "a-signature-that-stays-at-home"
TOOLS = tuple(
    ToolSpec(name=name, description=f"{name} it", schema={"type": "object", "properties": {}})
    for name in ("bash", "read", "write")
)

by_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)


def endpoint(protocol: str) -> Endpoint:
    base_url, model = PLACES[protocol]
    info = ModelInfo(provider=protocol, id=model, vision=True, reasoning=True)
    return Endpoint(name=protocol, base_url=base_url, protocol=protocol, models={model: info})


def origin(protocol: str) -> Origin:
    return endpoint(protocol).origin(PLACES[protocol][1])


def body_of(protocol: str, messages: Sequence[Message], tools: Sequence[ToolSpec] = TOOLS) -> Any:
    request = Request(
        model=PLACES[protocol][1],
        system="Be brief.",
        messages=tuple(messages),
        tools=tuple(tools),
        cache_key="s1",
    )
    return written(wire(endpoint(protocol), lambda _: b"png"), request)


ids = st.sampled_from(["c1", "call_abc|fc_1", "toolu_01", "", "ü" * 3, "x" * 90]).map(CallId)
names = st.sampled_from(["bash", "read", "a b", "", "1st"])
said = values.texts | values.reasonings
signed = st.builds(
    Reasoning,
    text=values.words,
    signature=st.none() | st.just(SECRET),
    opaque=st.none() | st.just({"encrypted_content": SECRET, "type": "reasoning"}),
)
asked = st.builds(
    ToolCall,
    id=ids,
    name=names,
    arguments=values.objects,
    malformed=st.none() | values.words,
    opaque=st.none() | st.just({"thoughtSignature": SECRET}),
)
images = st.builds(Image, media_type=st.just("image/png"), sha256=values.words)
answered = st.builds(
    ToolResult,
    call=ids,
    name=names,
    status=st.sampled_from(["ok", "error", "denied", "cancelled"]),
    content=values.words,
    images=st.lists(images, max_size=1).map(tuple),
)


def spoken(*protocols: str) -> st.SearchStrategy[Message]:
    """A message that a person, a tool or a model of one of these protocols might have sent."""
    people = st.builds(
        Message, role=st.just("user"), parts=st.lists(values.texts | images, max_size=3).map(tuple)
    )
    models = st.builds(
        Message,
        role=st.just("assistant"),
        parts=st.lists(said | signed | asked, max_size=4).map(tuple),
        origin=st.sampled_from([None, *map(origin, protocols)]),
        stop=st.sampled_from(["end_turn", "tool_use", "interrupted", "incomplete", "max_tokens"]),
    )
    tools = st.builds(Message, role=st.just("tool"), parts=st.tuples(answered))
    return people | models | tools


@by_protocol
@settings(max_examples=100)
@given(st.lists(spoken(*PROTOCOLS), max_size=8))
def test_any_conversation_of_anybody_becomes_a_body_that_obeys(
    protocol: str, messages: list[Message]
) -> None:
    assert_obeys(protocol, body_of(protocol, messages))


@by_protocol
@settings(max_examples=30)
@given(st.lists(spoken(*PROTOCOLS), max_size=6), st.integers(1, 3))
def test_writing_changes_nothing_and_says_the_same_each_time(
    protocol: str, messages: list[Message], times: int
) -> None:
    before = [str(message) for message in messages]
    first = body_of(protocol, messages)
    assert all(body_of(protocol, messages) == first for _ in range(times))
    assert [str(message) for message in messages] == before


@by_protocol
@settings(max_examples=50)
@given(st.data())
def test_what_a_stranger_signed_is_sent_to_nobody_else(protocol: str, data: st.DataObject) -> None:
    strangers = [each for each in PROTOCOLS if each != protocol]
    messages = data.draw(st.lists(spoken(*strangers), max_size=6))
    assert SECRET not in json.dumps(body_of(protocol, messages))


@by_protocol
@settings(max_examples=50)
@given(st.lists(spoken(*PROTOCOLS), max_size=6))
def test_the_same_provider_with_another_model_is_a_stranger_too(
    protocol: str, messages: list[Message]
) -> None:
    older = replace(origin(protocol), model="the-model-before")
    moved = [replace(m, origin=older) if m.role == "assistant" else m for m in messages]
    assert SECRET not in json.dumps(body_of(protocol, moved))


@settings(max_examples=50)
@given(st.lists(spoken("anthropic-messages", "google-generate", "openai-responses"), max_size=6))
def test_chat_completions_keep_the_ids_of_their_own_and_make_others_legal(
    messages: list[Message],
) -> None:
    """Vendors of chat completions have ids that OpenAI would not take, and want them back."""
    body = body_of("openai-chat", messages)
    calls = [call for each in body["messages"] for call in each.get("tool_calls", ())]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", call["id"]) for call in calls)
    call = ToolCall(id=CallId("functions.bash:0|" + "x" * 80), name="bash", arguments={})
    own = Message(role="assistant", parts=(call,), origin=origin("openai-chat"))
    [replayed] = [m for m in body_of("openai-chat", [own])["messages"] if "tool_calls" in m]
    assert replayed["tool_calls"][0]["id"] == call.id


def turns(protocols: Sequence[str], count: int) -> Iterator[list[Message]]:
    """Turn after turn of a session that changes its provider: thoughts, words, calls, results, and
    an answer."""
    for number in range(count):
        own = origin(protocols[number % len(protocols)])
        calls = [
            ToolCall(id=CallId(f"call_{number}_{at}"), name="bash", arguments={"command": "ls"})
            for at in range(1 + number % 3)
        ]
        thought = Reasoning(
            text=f"Thought {number}.",
            signature=SECRET,
            opaque={"type": "reasoning", "encrypted_content": SECRET},
        )
        words = Text(text=f"Let me look ({number}).")
        yield [
            user(f"Prompt {number}."),
            Message(role="assistant", parts=(thought, words, *calls), origin=own, stop="tool_use"),
            *(
                Message(
                    role="tool",
                    parts=(ToolResult(call=c.id, name="bash", status="ok", content=f"a {c.id}"),),
                )
                for c in calls
            ),
            Message(
                role="assistant",
                parts=(Text(text=f"Answer {number}."),),
                origin=own,
                stop="end_turn",
            ),
        ]


def requests(protocols: Sequence[str], count: int) -> Iterator[list[Message]]:
    """The history of each request of those turns: after the prompt, and after the results."""
    history: list[Message] = []
    for turn in turns(protocols, count):
        yield [*history, turn[0]]
        yield [*history, *turn[:-1]]
        history += turn


def pieces(protocol: str, messages: Sequence[Message]) -> tuple[bytes, list[bytes]]:
    """What stands before the conversation, and each of its messages, as bytes without marks."""
    body = body_of(protocol, messages)
    conversation = body.pop(CONVERSATION[protocol])
    return json.dumps(bare(body)).encode(), [json.dumps(bare(m)).encode() for m in conversation]


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k != "cache_control"}
    return [bare(each) for each in value] if isinstance(value, list) else value


@by_protocol
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "among others"])
def test_over_thirty_turns_each_request_begins_with_the_one_before(
    protocol: str, alone: bool
) -> None:
    speakers = (protocol,) if alone else PROTOCOLS
    before, seen = b"", list[bytes]()
    for messages in requests(speakers, 30):
        assert_obeys(protocol, body_of(protocol, messages))
        head, now = pieces(protocol, messages)
        assert before in (b"", head)
        assert now[: len(seen)] == seen
        assert len(now) > len(seen)
        before, seen = head, now


def test_over_thirty_turns_marks_stay_where_they_were_or_move_to_the_end() -> None:
    """At most four; each new one is on the last message, the others were there before."""
    before: set[int] = set()
    for messages in requests(PROTOCOLS, 30):
        body = body_of("anthropic-messages", messages)
        assert 1 <= json.dumps(body).count('"cache_control"') <= 4
        conversation = body["messages"]
        marked = {at for at, each in enumerate(conversation) if "cache_control" in json.dumps(each)}
        assert marked - before <= {len(conversation) - 1}
        before |= marked


@by_protocol
def test_tools_are_written_in_one_order_and_a_new_one_comes_last(protocol: str) -> None:
    messages = [user("hi")]
    some, more = body_of(protocol, messages), body_of(protocol, messages, (*TOOLS, new_tool()))
    old, new = (tool_names(protocol, body) for body in (some, more))
    assert new == [*old, "zoom"]


def new_tool() -> ToolSpec:
    return ToolSpec(name="zoom", description="zoom", schema={"type": "object", "properties": {}})


def tool_names(protocol: str, body: Any) -> list[str]:
    tools = body["tools"]
    if protocol == "google-generate":
        return [each["name"] for tool in tools for each in tool["functionDeclarations"]]
    return [tool.get("name") or tool["function"]["name"] for tool in tools]
