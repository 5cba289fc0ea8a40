"""What a Responses stream means, rule by rule, from streams made for the purpose."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ion_core.messages import Reasoning, Text, ToolCall
from ion_core.providers.base import Chunk, PartDelta, PartDone
from ion_core.providers.openai_responses_answer import ResponsesAnswer
from ion_core.providers.sse import SseParser
from ion_core.usage import Usage
from tests.fakes.responses_server import begin, call, end, event, message, reasoning


def read(*events: bytes, **sole: str) -> tuple[ResponsesAnswer, list[Chunk]]:
    parser, answer = SseParser(), ResponsesAnswer(sole)
    chunks = [c for one in parser.feed(b"".join(events)) for c in answer.take(one)]
    return answer, [*chunks, *answer.parts()]


def parts(chunks: list[Chunk]) -> list[Any]:
    return [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]


def shown(chunks: list[Chunk], index: int = 0) -> str:
    return "".join(c.text for c in chunks if isinstance(c, PartDelta) and c.index == index)


def test_thoughts_words_and_calls_come_in_their_order() -> None:
    answer, chunks = read(
        *begin(),
        *reasoning(0, "hm"),
        *message(1, "I ", "look."),
        *call(2, "call_a", "read", '{"path"', ': "a"}'),
        *end(),
    )
    thought, words, made = parts(chunks)
    assert (thought.text, words) == ("hm", Text(text="I look."))
    assert made == ToolCall(id="call_a", name="read", arguments={"path": "a"})
    assert (answer.stop, answer.raw_stop, answer.complete) == ("tool_use", "completed", True)
    assert answer.finished().usage == Usage(input=100, output=10)
    assert (answer.model, answer.response_id) == ("fake", "resp_1")


def test_a_thought_is_kept_whole_without_what_only_its_server_needs() -> None:
    _, chunks = read(*reasoning(0, "hm", status="completed", content=[], format="v1"), *end())
    [thought] = parts(chunks)
    assert thought.opaque == {
        "id": "rs_0",
        "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": "c2VhbGVk",
        "format": "v1",
    }


def test_the_parts_of_a_summary_are_joined_by_blank_lines_as_they_are_shown() -> None:
    _, chunks = read(*reasoning(0, "one", "two", "three"), *end())
    assert shown(chunks) == parts(chunks)[0].text == "one\n\ntwo\n\nthree"


def test_a_sealed_thought_without_words_is_kept_for_its_replay() -> None:
    _, chunks = read(*reasoning(0), *message(1, "x"), *end())
    assert [type(part) for part in parts(chunks)] == [Reasoning, Text]
    assert parts(chunks)[0].text == ""


def test_raw_thoughts_are_read_and_never_added_to_their_summary() -> None:
    item = {"type": "reasoning", "id": "rs_0", "summary": []}
    done = item | {
        "summary": [{"type": "summary_text", "text": "short"}],
        "content": [{"type": "reasoning_text", "text": "long and raw"}],
    }
    _, chunks = read(
        event("response.output_item.added", output_index=0, item=item),
        event("response.reasoning_text.delta", output_index=0, content_index=0, delta="long "),
        event("response.reasoning_text.delta", output_index=0, content_index=0, delta="and raw"),
        event("response.reasoning_summary_text.delta", output_index=0, delta="short"),
        event("response.output_item.done", output_index=0, item=done),
        *end(),
    )
    assert shown(chunks) == parts(chunks)[0].text == "long and raw"


def test_the_phase_of_a_message_is_kept() -> None:
    _, chunks = read(*message(0, "First I look.", phase="commentary"), *end())
    assert parts(chunks) == [Text(text="First I look.", opaque={"phase": "commentary"})]


def test_two_messages_stay_two() -> None:
    _, chunks = read(*message(0, "one"), *message(1, "two", phase="final_answer"), *end())
    assert [part.text for part in parts(chunks)] == ["one", "two"]


def test_ids_that_change_between_events_do_not_matter() -> None:
    place = {"output_index": 0}
    added = {"type": "message", "id": "x1", "role": "assistant", "content": []}
    done = added | {"id": "x9", "content": [{"type": "output_text", "text": "Hello"}]}
    _, chunks = read(
        event("response.output_item.added", item=added, **place),
        event("response.output_text.delta", item_id="x2", delta="Hel", **place),
        event("response.output_text.delta", item_id="x3", delta="lo", **place),
        event("response.output_item.done", item=done, **place),
        *end(),
    )
    assert parts(chunks) == [Text(text="Hello")]


def test_events_of_two_items_may_alternate() -> None:
    first, second = call(0, "a", "read", '{"n":', "1}"), call(1, "b", "read", '{"n":', "2}")
    mixed = [each for pair in zip(first, second, strict=True) for each in pair]
    _, chunks = read(*mixed, *end())
    assert [(c.id, c.arguments) for c in parts(chunks)] == [("a", {"n": 1}), ("b", {"n": 2})]


def test_an_item_that_is_done_has_the_last_word() -> None:
    begun, _, done = message(0, "Helo")
    done = done.replace(b"Helo", b"Hello")
    _, chunks = read(begun, done, *end())
    assert shown(chunks) == "Hello"
    assert parts(chunks) == [Text(text="Hello")]


def test_an_item_that_is_said_to_be_done_twice_is_one() -> None:
    _, _, done = message(0, "Hello")
    _, chunks = read(*message(0, "Hello"), done, *call(1, "a", "read"), call(1, "a", "read")[-1])
    assert [type(part) for part in parts(chunks)] == [Text, ToolCall]


def test_what_was_streamed_counts_where_the_item_never_ends() -> None:
    answer, chunks = read(*message(0, "Hel", "lo")[:-1], *call(1, "a", "read", '{"n":1}')[:-1])
    assert answer.stop == "incomplete"
    answer, chunks = read(
        *message(0, "Hel", "lo")[:-1], *call(1, "a", "read", '{"n":1}')[:-1], *end()
    )
    words, made = parts(chunks)
    assert (words.text, made.arguments) == ("Hello", {"n": 1})


def test_the_terminal_event_tells_the_rest_of_a_thought() -> None:
    item = {"type": "reasoning", "summary": [], "encrypted_content": "whole"}
    _, chunks = read(*reasoning(0, "hm")[:-1], *end(output=[item]))
    assert parts(chunks)[0].opaque == {"encrypted_content": "whole"}


def test_an_answer_may_come_in_the_terminal_event_alone() -> None:
    output = [json.loads(item.split(b"data: ")[1])["item"] for item in _last_of_each()]
    answer, chunks = read(*begin(), *end(output=output))
    thought, words, made = parts(chunks)
    assert (thought.text, words.text, made.arguments) == ("hm", "Hello", {"n": 1})
    assert shown(chunks, 1) == "Hello"
    assert answer.stop == "tool_use"


def _last_of_each() -> list[bytes]:
    items = (reasoning(0, "hm"), message(1, "Hello"), call(2, "a", "read", '{"n":1}'))
    return [item[-1] for item in items]


def test_deltas_without_an_announced_item_or_a_place_are_read() -> None:
    _, chunks = read(
        event("response.output_text.delta", delta="Hel"),
        event("response.output_text.delta", delta="lo"),
        event("response.function_call_arguments.delta", delta='{"n":1}'),
        event(
            "response.output_item.done",
            item={"type": "function_call", "call_id": "a", "name": "read", "arguments": '{"n":1}'},
        ),
        *end(),
    )
    words, made = parts(chunks)
    assert (words.text, made) == ("Hello", ToolCall(id="a", name="read", arguments={"n": 1}))


def test_a_server_that_gives_every_item_the_same_place_is_understood() -> None:
    events = [*message(0, "Hello"), *call(0, "a", "read", "{}"), *call(0, "b", "read", "{}")]
    _, chunks = read(*events, *end())
    assert [getattr(part, "id", "") for part in parts(chunks)] == ["", "a", "b"]


@pytest.mark.parametrize("written", ["", "{}", " ", "null"])
def test_empty_arguments_are_none(written: str) -> None:
    _, chunks = read(*call(0, "a", "read", written), *end())
    assert (parts(chunks)[0].arguments, parts(chunks)[0].malformed) == ({}, None)


def test_arguments_that_are_no_object_make_a_malformed_call() -> None:
    _, chunks = read(*call(0, "a", "read", '{"path": '), *end())
    assert parts(chunks)[0].malformed == '{"path": '


def test_arguments_may_come_as_an_object_and_only_at_the_end() -> None:
    item = {"type": "function_call", "call_id": "a", "name": "read", "arguments": {"n": 1}}
    _, chunks = read(event("response.output_item.done", output_index=0, item=item), *end())
    assert parts(chunks)[0].arguments == json.loads(shown(chunks)) == {"n": 1}


def test_ids_that_are_missing_or_double_are_made_unique() -> None:
    _, chunks = read(*call(0, "a", "x"), *call(1, "a", "y"), *call(2, "", "z"), *end())
    ids = [part.id for part in parts(chunks)]
    assert ids[0] == "a"
    assert len(set(ids)) == 3
    assert all(ids)


def _custom(written: str) -> list[bytes]:
    item = {"type": "custom_tool_call", "call_id": "a", "name": "apply_patch", "input": ""}
    return [
        event("response.output_item.added", output_index=0, item=item),
        event("response.custom_tool_call_input.delta", output_index=0, delta=written),
        event("response.custom_tool_call_input.done", output_index=0, input=written),
        event("response.output_item.done", output_index=0, item=item | {"input": written}),
    ]


def test_a_plain_call_of_a_tool_that_takes_one_text_is_understood() -> None:
    answer, chunks = read(*_custom("*** Begin"), *end(), apply_patch="patch")
    assert parts(chunks) == [ToolCall(id="a", name="apply_patch", arguments={"patch": "*** Begin"})]
    assert answer.stop == "tool_use"


def test_a_plain_call_of_any_other_tool_is_malformed() -> None:
    _, chunks = read(*_custom("*** Begin"), *end())
    [made] = parts(chunks)
    assert (made.malformed, made.opaque) == ("*** Begin", {"type": "custom_tool_call"})


def test_what_the_server_runs_itself_adds_nothing() -> None:
    item = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    answer, chunks = read(
        *begin(),
        event("response.output_item.added", output_index=0, item=item),
        event("response.web_search_call.searching", output_index=0),
        event("response.mcp_call_arguments.delta", output_index=0, delta="{"),
        event("response.output_item.done", output_index=0, item=item),
        *message(1, "Found."),
        *end(),
    )
    assert parts(chunks) == [Text(text="Found.")]
    assert answer.stop == "end_turn"


def test_events_that_nobody_knows_add_nothing() -> None:
    noise = [
        event("keepalive"),
        event("codex.rate_limits", rate_limits={"primary": {"used_percent": 3}}),
        event("response.mcp_call.failed", error={"message": "not ours"}),
        b"data: not json\n\n",
        b"data: []\n\n",
    ]
    answer, chunks = read(*begin(), *noise, *message(0, "x"), *noise, *end(), b"data: [DONE]\n\n")
    assert parts(chunks) == [Text(text="x")]
    assert (answer.error, answer.stop) == (None, "end_turn")


@pytest.mark.parametrize(
    ("reason", "stop"),
    [("max_output_tokens", "max_tokens"), ("content_filter", "content_filter"), ("x", "other")],
)
def test_an_incomplete_response_says_why(reason: str, stop: str) -> None:
    details = {"reason": reason}
    answer, _ = read(*message(0, "x"), *end("incomplete", incomplete_details=details))
    assert (answer.stop, answer.raw_stop, answer.complete) == (stop, reason, True)


def test_a_refusal_is_one_and_its_words_are_shown() -> None:
    item = {"type": "message", "role": "assistant", "content": []}
    done = item | {"content": [{"type": "refusal", "refusal": "I will not."}]}
    answer, chunks = read(
        event("response.output_item.added", output_index=0, item=item),
        event("response.refusal.delta", output_index=0, delta="I will "),
        event("response.refusal.delta", output_index=0, delta="not."),
        event("response.output_item.done", output_index=0, item=done),
        *end(),
    )
    assert (answer.stop, parts(chunks)) == ("refusal", [Text(text="I will not.")])


@pytest.mark.parametrize(
    "last",
    [
        event("error", code="server_error", message="down", param=None),
        event("error", error={"code": "server_error", "message": "down"}),
        b'event: error\ndata: {"code": "server_error", "message": "down"}\n\n',
        b'data: {"error": {"code": "server_error", "message": "down"}}\n\n',
        *end("failed", error={"code": "server_error", "message": "down"}),
    ],
)
def test_an_error_in_any_form_ends_the_answer(last: bytes) -> None:
    answer, _ = read(*begin(), *message(0, "x"), last)
    assert answer.stop == "error"
    assert (answer.error["code"], answer.error["message"]) == ("server_error", "down")


def test_a_failure_without_a_reason_is_one() -> None:
    answer, _ = read(*end("failed", error=None))
    assert answer.stop == "error"
    assert "failed" in answer.error["message"]


def test_the_end_of_a_websocket_is_the_end() -> None:
    done = event("response.done", response={"status": "incomplete", "usage": None})
    answer, _ = read(*message(0, "x"), done)
    assert (answer.complete, answer.stop) == (True, "other")


def test_done_alone_is_no_end() -> None:
    answer, _ = read(*begin(), *message(0, "x"), b"data: [DONE]\n\n")
    assert (answer.complete, answer.stop) == (False, "incomplete")


def test_a_whole_body_is_an_answer() -> None:
    output = [json.loads(item.split(b"data: ")[1])["item"] for item in _last_of_each()]
    answer = ResponsesAnswer()
    usage = {"input_tokens": 9, "output_tokens": 3, "cost": 0.0001}
    body = {"id": "r", "model": "m", "status": "completed", "output": output, "usage": usage}
    chunks = [*answer.whole(body), *answer.parts()]
    assert [type(part) for part in parts(chunks)] == [Reasoning, Text, ToolCall]
    finished = answer.finished()
    assert (finished.stop, finished.cost_nano) == ("tool_use", 100_000)
    assert finished.usage == Usage(input=9, output=3)


def test_a_cost_in_ticks_is_a_cost() -> None:
    usage = {"input_tokens": 9, "output_tokens": 3, "cost_in_usd_ticks": 5_421_500}
    answer = ResponsesAnswer()
    list(answer.whole({"status": "completed", "output": [], "usage": usage}))
    assert answer.finished().cost_nano == 542_150


def test_a_whole_body_may_be_an_error() -> None:
    answer = ResponsesAnswer()
    assert not list(answer.whole({"error": {"message": "no"}}))
    assert (answer.error, answer.complete) == ({"message": "no"}, False)


def _counted(**usage: Any) -> Usage | None:
    answer, _ = read(*end(usage=usage))
    return answer.usage


def test_cached_and_written_tokens_are_taken_out_of_the_input() -> None:
    details = {"cached_tokens": 70, "cache_write_tokens": 20}
    reasoned = {"reasoning_tokens": 4}
    counted = _counted(
        input_tokens=100,
        input_tokens_details=details,
        output_tokens=9,
        output_tokens_details=reasoned,
        total_tokens=109,
    )
    assert counted == Usage(input=10, output=9, cache_read=70, cache_write=20, reasoning=4)


def test_more_cached_than_prompted_was_counted_apart() -> None:
    counted = _counted(input_tokens=10, input_tokens_details={"cached_tokens": 50})
    assert counted == Usage(input=10, cache_read=50)


def test_reasoning_beside_the_output_is_added_to_it() -> None:
    reasoned = {"reasoning_tokens": 5}
    counted = _counted(
        input_tokens=10, output_tokens=2, output_tokens_details=reasoned, total_tokens=17
    )
    assert counted == Usage(input=10, output=7, reasoning=5)


@pytest.mark.parametrize("odd", [None, "x", [], {"input_tokens": None}, {"output_tokens": True}])
def test_odd_usage_is_none_or_nothing(odd: Any) -> None:
    answer, _ = read(*end(usage=odd))
    assert answer.usage in (None, Usage())


@pytest.mark.parametrize(
    "odd",
    [
        {"output_index": "x", "item": None},
        {"output_index": None, "item": []},
        {"item": {"type": "message", "content": "words"}},
        {"item": {"type": "message", "content": [None, 3, {"type": "output_text"}]}},
        {"item": {"type": "reasoning", "summary": "x", "content": 3}},
        {"item": {"type": "function_call", "name": None, "arguments": 3}},
        {"delta": {"text": "x"}, "output_index": 4},
        {"response": "x"},
        {"response": {"usage": 3, "output": 3, "incomplete_details": 3, "status": []}},
    ],
)
def test_odd_events_break_nothing(odd: dict[str, Any]) -> None:
    kinds = ("output_item.added", "output_item.done", "output_text.delta", "in_progress")
    for kind in kinds:
        answer, chunks = read(event(f"response.{kind}", **odd), *message(7, "fine"), *end())
        assert Text(text="fine") in parts(chunks)
        assert answer.complete
    answer, _ = read(event("response.completed", **odd))
    assert answer.complete
