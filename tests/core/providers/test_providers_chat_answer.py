"""What the recordings do not show: the odd ends of chat answers."""

from __future__ import annotations

from typing import Any

import pytest

from ion_core.messages import Reasoning, Text, ToolCall
from ion_core.providers.base import PartDelta, PartDone
from ion_core.providers.openai_chat_answer import ChatAnswer
from ion_core.providers.openai_chat_usage import read_usage
from ion_core.providers.sse import SseEvent
from ion_core.usage import Usage


def said(*deltas: dict[str, Any], finish: str = "stop", think_tags: bool = False) -> ChatAnswer:
    answer = ChatAnswer(think_tags=think_tags)
    for delta in deltas:
        list(answer.feed({"choices": [{"delta": delta}]}))
    if finish:
        list(answer.feed({"choices": [{"delta": {}, "finish_reason": finish}]}))
    return answer


def parts(answer: ChatAnswer) -> list[object]:
    return [chunk.part for chunk in answer.parts() if isinstance(chunk, PartDone)]


def call(**fields: Any) -> dict[str, Any]:
    function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
    return {"tool_calls": [{**fields, "function": function}]}


def calls(answer: ChatAnswer) -> list[tuple[str, dict[str, Any]]]:
    return [(part.name, part.arguments) for part in parts(answer) if isinstance(part, ToolCall)]


def test_a_new_id_at_the_same_index_is_another_call() -> None:
    answer = said(
        call(index=0, id="a", name="read", arguments='{"path":1}'),
        call(index=0, id="b", name="list", arguments="{}"),
    )
    assert calls(answer) == [("read", {"path": 1}), ("list", {})]
    assert answer.stop == "tool_use"


def test_an_empty_id_and_name_go_on_with_the_call() -> None:
    answer = said(
        call(index=1, id="a", name="read", arguments=""),
        call(index=1, id="", name="", arguments='{"path"'),
        call(index=1, id="a", name="read", arguments=':"x"}'),
    )
    assert calls(answer) == [("read", {"path": "x"})]


def test_calls_without_index_are_told_apart_by_id_and_then_by_name() -> None:
    by_id = said(
        call(id="a", name="read", arguments='{"n":1}'), call(id="b", name="read", arguments="{}")
    )
    assert calls(by_id) == [("read", {"n": 1}), ("read", {})]
    nameless = said(
        call(name="read", arguments='{"n"'), call(arguments=":1}"), call(name="read", arguments="")
    )
    assert calls(nameless) == [("read", {"n": 1}), ("read", {})]


def test_missing_and_repeated_ids_are_replaced() -> None:
    answer = said(
        call(index=0, name="read", arguments="{}"),
        call(index=1, id="a", name="read", arguments="{}"),
        call(index=2, id="a", name="read", arguments="{}"),
    )
    ids = [part.id for part in parts(answer) if isinstance(part, ToolCall)]
    assert len(set(ids)) == 3
    assert all(ids)
    assert "a" in ids


@pytest.mark.parametrize(
    ("written", "arguments", "malformed"),
    [
        ("", {}, None),
        ("null", {}, None),
        ({"path": "x"}, {"path": "x"}, None),
        ('"{\\"path\\": \\"x\\"}"', {"path": "x"}, None),
        ('{"path": "x', {}, '{"path": "x'),
        ("[1]", {}, "[1]"),
    ],
)
def test_arguments_are_read_once_at_the_end(
    written: Any, arguments: dict[str, Any], malformed: str | None
) -> None:
    [made] = parts(said(call(index=0, id="a", name="read", arguments=written)))
    assert isinstance(made, ToolCall)
    assert (made.arguments, made.malformed) == (arguments, malformed)


def test_two_reasoning_fields_with_the_same_words_count_once() -> None:
    answer = said({"reasoning_content": "hm", "reasoning": "hm"}, {"content": "yes"})
    assert parts(answer) == [
        Reasoning(text="hm", opaque={"field": "reasoning_content"}),
        Text(text="yes"),
    ]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_think_tags_at_the_start_are_thoughts(size: int) -> None:
    content = "\n<think>so <b> </thin k>\n</think>\n\nYes, <think> is a tag."
    pieces = [{"content": content[at : at + size]} for at in range(0, len(content), size)]
    assert parts(said(*pieces, think_tags=True)) == [
        Reasoning(text="so <b> </thin k>\n", opaque={"field": "think"}),
        Text(text="Yes, <think> is a tag."),
    ]
    assert parts(said(*pieces)) == [Text(text=content)]


@pytest.mark.parametrize("content", ["<thi", "<thinking>no</thinking>", " plain", "<think"])
def test_what_only_looks_like_a_think_tag_is_text(content: str) -> None:
    pieces = [{"content": char} for char in content]
    assert parts(said(*pieces, think_tags=True)) == [Text(text=content)]


def test_a_thought_that_never_ends_stays_a_thought() -> None:
    [part] = parts(said({"content": "<think>for ever </"}, finish="length", think_tags=True))
    assert part == Reasoning(text="for ever </", opaque={"field": "think"})


def test_a_refusal_is_said_and_told() -> None:
    answer = said({"refusal": "I will not."})
    assert answer.stop == "refusal"
    assert parts(answer) == [Text(text="I will not.")]


@pytest.mark.parametrize(
    ("finish", "stop"),
    [
        ("stop", "end_turn"),
        ("eos", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "content_filter"),
        ("model_context_window_exceeded", "context_overflow"),
        ("insufficient_system_resource", "error"),
        ("MALFORMED_FUNCTION_CALL", "malformed_tool_call"),
        ("something_new", "other"),
        ("", "incomplete"),
    ],
)
def test_finish_reasons_become_stop_reasons(finish: str, stop: str) -> None:
    assert said({"content": "x"}, finish=finish).stop == stop


def test_a_legacy_function_call_is_a_call() -> None:
    answer = said(
        {"function_call": {"name": "read", "arguments": '{"a"'}},
        {"function_call": {"arguments": ":1}"}},
        finish="function_call",
    )
    assert calls(answer) == [("read", {"a": 1})]


def test_an_event_that_is_not_json_is_left_out() -> None:
    answer = ChatAnswer()
    chunks = [
        *answer.take(SseEvent('{"choices":[{"delta":{"content":"a"}}]}')),
        *answer.take(SseEvent("{broken")),
        *answer.take(SseEvent("[1, 2]")),
        *answer.take(SseEvent('{"choices":[{"delta":{"content":"b"}}]}')),
        *answer.take(SseEvent("[DONE]")),
    ]
    assert [c.text for c in chunks if isinstance(c, PartDelta)] == ["a", "b"]
    assert answer.stop == "end_turn"


def test_an_error_event_without_an_error_field_is_an_error() -> None:
    answer = ChatAnswer()
    list(answer.take(SseEvent('{"message": "went wrong"}', "error")))
    assert answer.error == {"message": "went wrong"}
    assert answer.stop == "error"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_cache_hit_tokens": 4,
                "prompt_cache_miss_tokens": 6,
            },
            Usage(input=6, output=5, cache_read=4),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "cached_tokens": 8},
            Usage(input=2, output=5, cache_read=8),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "num_cached_tokens": 3},
            Usage(input=7, output=5, cache_read=3),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_token_details": {"cached_tokens": 3},
            },
            Usage(input=7, output=5, cache_read=3),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 20},
            },
            Usage(input=10, output=5, cache_read=20),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cache_creation_input_tokens": 7},
            },
            Usage(input=3, output=5, cache_write=7),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 15,
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            Usage(input=10, output=5, reasoning=3),
        ),
    ],
)
def test_each_vendor_counts_the_same_in_the_end(usage: dict[str, Any], expected: Usage) -> None:
    assert read_usage({"usage": usage}) == expected
    assert read_usage({"choices": [{"usage": usage}]}) == expected
    assert read_usage({"x_groq": {"usage": usage}}) == expected


def test_no_usage_is_unknown_and_not_zero() -> None:
    assert read_usage({"usage": None}) is None
    assert read_usage({"choices": []}) is None


@pytest.mark.parametrize("tag", ["think", "reasoning", "thought"])
def test_each_known_tag_holds_thoughts(tag: str) -> None:
    pieces = [{"content": piece} for piece in ("<", tag, ">hm</", tag, ">yes")]
    assert [type(part) for part in parts(said(*pieces, think_tags=True))] == [Reasoning, Text]


@pytest.mark.parametrize(
    ("usage", "nano"),
    [
        ({"cost": 0.00085}, 850_000),
        ({"cost": 0}, 0),
        ({"cost": None}, None),
        ({"cost_in_usd_ticks": 1_330_500}, 133_050),
        ({"cost": {"total": 1}}, None),
        ({"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.02}},
         21_000_000),
        ({}, None),
    ],
)  # fmt: skip
def test_what_a_router_charges_is_counted_in_billionths(
    usage: dict[str, Any], nano: int | None
) -> None:
    answer = said({"content": "x"})
    list(answer.feed({"usage": {"prompt_tokens": 5, "completion_tokens": 1, **usage}}))
    assert answer.finished().cost_nano == nano


def test_the_seal_of_a_call_is_kept() -> None:
    seal = {"google": {"thought_signature": "s"}}
    call = {"index": 0, "id": "c", "extra_content": seal, "function": {"name": "read"}}
    [made] = parts(said({"tool_calls": [call]}))
    assert isinstance(made, ToolCall)
    assert made.opaque == {"extra_content": seal}
