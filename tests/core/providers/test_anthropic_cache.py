"""What of a growing conversation stays the same, and where it is marked to be cached."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.ids import CallId
from ion_core.messages import Message, Reasoning, Text, ToolCall, ToolResult, user
from ion_core.providers.anthropic_cache import is_marked
from ion_core.providers.anthropic_quirks import quirks_for
from ion_core.providers.anthropic_wire import messages_body
from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.wire_json import encoded
from tests.fakes.values import messages as any_message

HOME = Endpoint(
    name="anthropic", base_url="https://api.anthropic.com", protocol="anthropic-messages"
)
MODEL = "claude-sonnet-5-5"
TOOLS = tuple(
    ToolSpec(name=name, description=name, schema={"type": "object", "properties": {}})
    for name in ("bash", "read")
)


def body_of(messages: list[Message], *, base_url: str = HOME.base_url, **changes: Any) -> Any:
    endpoint = replace(HOME, base_url=base_url)
    fields = {"model": MODEL, "system": "Be brief.", "tools": TOOLS, **changes}
    request = Request(messages=tuple(messages), **fields)
    return messages_body(request, endpoint, quirks_for(base_url, fields["model"]))


def turns(count: int) -> list[list[Message]]:
    """The conversations that an agent sends: prompts, some of them in the middle of its work, and
    calls with their results."""
    origin, sent = HOME.origin(MODEL), []
    messages: list[Message] = []
    for turn in range(count):
        if turn % 8 == 4:
            end = Message(role="assistant", parts=(Text(text="Done.\n"),), origin=origin)
            messages = [*messages, end]
        if turn % 4 == 0:
            messages = [*messages, user(f"Prompt {turn}.")]
            sent.append(messages)
        calls = [
            ToolCall(id=CallId(f"toolu_{turn}_{n}"), name="read", arguments={"n": n})
            for n in range(1 + turn % 3)
        ]
        thought = Reasoning(text=f"Thought {turn}.", signature=f"sign{turn}")
        parts = (thought, Text(text=f"Step {turn}. "), *calls)
        results = tuple(
            ToolResult(call=call.id, name="read", status="ok", content=f"{turn}") for call in calls
        )
        messages = [
            *messages,
            Message(role="assistant", parts=parts, origin=origin, stop="tool_use"),
            Message(role="tool", parts=results),
        ]
        sent.append(messages)
    return sent


def bare(value: Any) -> Any:
    """Without its marks."""
    match value:
        case dict():
            return {name: bare(v) for name, v in value.items() if name != "cache_control"}
        case list():
            return [bare(each) for each in value]
        case _:
            return value


def places(body: Any) -> list[tuple[str, int, int]]:
    """Where the marks are: field, message and block."""
    found = [
        (field, 0, at)
        for field in ("tools", "system")
        for at, block in enumerate(body.get(field, []))
        if "cache_control" in block
    ]
    for number, message in enumerate(body["messages"]):
        blocks = enumerate(message["content"])
        found += [("messages", number, at) for at, block in blocks if "cache_control" in block]
    return found


def test_each_request_of_thirty_turns_is_a_prefix_of_the_next() -> None:
    bodies = [body_of(m, max_output=9_000 - len(m)) for m in turns(30)]
    assert len(bodies) > 30
    for body, longer in pairwise(bodies):
        # Up to the end of the last block: a person's words may join the newest results.
        stable, end, _ = encoded(bare(body)).rpartition(b']}],"max_tokens":')
        assert end
        assert encoded(bare(longer)).startswith(stable)


def test_there_are_three_marks_and_each_request_finds_where_the_last_one_wrote() -> None:
    written: set[tuple[str, int, int]] = set()
    for messages in turns(30):
        body = body_of(messages)
        marks = places(body)
        assert len(marks) <= 4
        assert marks[0] == ("system", 0, 0)
        users = [n for n, message in enumerate(body["messages"]) if message["role"] == "user"]
        assert [mark[1] for mark in marks[1:]] == users[-2:]
        for _, number, at in marks[1:]:
            blocks = body["messages"][number]["content"]
            assert blocks[at]["type"] in ("text", "tool_result")
            assert at == len(blocks) - 1
        if written:
            # What the last request marked is marked again, but for the oldest of its marks.
            assert len(written & set(marks)) >= len(marks) - 1
        written = set(marks)


def test_a_message_that_joins_the_newest_results_moves_one_mark_only() -> None:
    before = turns(3)[-1]
    marks, more = places(body_of(before)), places(body_of([*before, user("Wait.")]))
    assert [mark[:2] for mark in marks] == [mark[:2] for mark in more]


def test_without_a_system_prompt_the_last_tool_is_marked() -> None:
    marks = places(body_of([user("x")], system=" "))
    assert marks == [("tools", 0, 1), ("messages", 0, 0)]
    assert places(body_of([user("x")], system="", tools=())) == [("messages", 0, 0)]


@pytest.mark.parametrize(
    ("base_url", "takes"),
    [
        ("https://api.anthropic.com", True),
        ("https://us-east5-aiplatform.googleapis.com/v1/p/publishers/anthropic", True),
        ("https://bedrock-runtime.us-east-1.amazonaws.com/anthropic", True),
        ("https://bedrock-mantle.us-east-1.api.aws/anthropic", True),
        ("https://openrouter.ai/api/v1", True),
        ("https://api.z.ai/api/anthropic", False),
        ("https://api.deepseek.com/anthropic", False),
        ("https://api.githubcopilot.com", False),
        ("http://127.0.0.1:8080", False),
        ("https://notanthropic.com", False),
    ],
)
def test_marks_go_only_to_hosts_that_take_them(base_url: str, takes: bool) -> None:
    assert is_marked(body_of(turns(2)[-1], base_url=base_url)) is takes


@settings(max_examples=100, deadline=None)
@given(st.lists(any_message, max_size=8), st.lists(any_message, max_size=3))
def test_the_beginning_of_any_conversation_is_written_the_same_when_it_goes_on(
    said: list[Message], more: list[Message]
) -> None:
    begun = [*said, Message(role="assistant", parts=(Text(text="So."),)), user("And?")]
    short = bare(body_of(begun))["messages"]
    # A person's next words may join the last message; all before it is finished.
    longer = bare(body_of([*begun, *more]))["messages"]
    assert longer[: len(short) - 1] == short[:-1]
    assert longer[len(short) - 1]["content"][: len(short[-1]["content"])] == short[-1]["content"]
