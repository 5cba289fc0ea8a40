"""What answers of the Messages API mean, by streams made up for each rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ion_core.messages import Reasoning, Text, ToolCall
from ion_core.providers.anthropic_answer import AnthropicAnswer
from ion_core.providers.base import Chunk, PartDelta, PartDone
from ion_core.providers.sse import SseParser
from ion_core.usage import Usage
from tests.fakes.anthropic_server import begin, block, call, end, event, text, thought

Pieces = bytes | list[bytes]


def heard(*pieces: Pieces) -> tuple[AnthropicAnswer, list[Chunk]]:
    answer, parser = AnthropicAnswer(), SseParser()
    data = b"".join(piece if isinstance(piece, bytes) else b"".join(piece) for piece in pieces)
    chunks = [chunk for each in parser.feed(data) for chunk in answer.take(each)]
    return answer, [*chunks, *answer.parts()]


def parts_of(chunks: list[Chunk]) -> list[Any]:
    return [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]


def test_thoughts_words_and_calls_are_parts_in_their_order() -> None:
    answer, chunks = heard(
        begin(),
        thought(0, "hm", "sig"),
        text(1, "Hello", " there"),
        call(2, "toolu_a", "read", '{"path":', ' "a.py"}'),
        end("tool_use"),
    )
    assert parts_of(chunks) == [
        Reasoning(text="hm", signature="sig"),
        Text(text="Hello there"),
        ToolCall(id="toolu_a", name="read", arguments={"path": "a.py"}),
    ]
    assert (answer.stop, answer.complete, answer.done) == ("tool_use", True, True)
    grown = [c for c in chunks if isinstance(c, PartDelta)]
    assert [c.channel for c in grown] == ["reasoning", "text", "text", *["arguments"] * 3]
    assert {c.tool for c in grown if c.channel == "arguments"} == {"read"}


def test_the_signature_of_a_thought_may_come_in_pieces_and_its_text_not_at_all() -> None:
    signs = [{"type": "signature_delta", "signature": half} for half in ("ab", "cd")]
    begun = {"type": "thinking", "thinking": "", "signature": ""}
    _, chunks = heard(begin(), block(0, begun, *signs), text(1, "ok"), end())
    assert parts_of(chunks)[0] == Reasoning(text="", signature="abcd")


def test_a_sealed_thought_is_kept_as_it_came() -> None:
    sealed = {"type": "redacted_thinking", "data": "xyz"}
    _, chunks = heard(begin(), block(0, sealed), text(1, "ok"), end())
    assert parts_of(chunks)[0] == Reasoning(text="", opaque={"block": sealed})


def test_what_the_servers_own_tools_do_is_kept_and_never_called() -> None:
    begun = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{"a": 1}]}
    delta = {"type": "input_json_delta", "partial_json": '{"query": "x"}'}
    cited = {"type": "citations_delta", "citation": {"url": "http://x"}}
    answer, chunks = heard(
        begin(),
        block(0, begun, delta),
        block(1, found),
        block(2, {"type": "text", "text": ""}, {"type": "text_delta", "text": "It is."}, cited),
        end(),
    )
    used, result, words = parts_of(chunks)
    assert used.opaque == {"block": begun | {"input": {"query": "x"}}}
    assert result.opaque == {"block": found}
    assert words == Text(text="It is.")
    assert answer.stop == "end_turn"


def test_a_summary_of_the_servers_is_kept_whole() -> None:
    deltas = [{"type": "compaction_delta", "content": half} for half in ("so ", "far")]
    _, chunks = heard(begin(), block(0, {"type": "compaction", "content": None}, *deltas), end())
    assert parts_of(chunks)[0].opaque == {"block": {"type": "compaction", "content": "so far"}}


@pytest.mark.parametrize("index", [0, None, "x", [1], -3])
def test_blocks_go_by_whatever_index_the_server_gives_them(index: Any) -> None:
    _, chunks = heard(begin(), text(index, "one"), call(index, "t", "read"), end())
    assert parts_of(chunks) == [Text(text="one"), ToolCall(id="t", name="read", arguments={})]


def test_blocks_may_be_written_by_turns() -> None:
    both = [event("content_block_start", index=i, content_block={"type": "text", "text": ""})
            for i in (0, 1)]  # fmt: skip
    turns = [event("content_block_delta", index=i, delta={"type": "text_delta", "text": word})
             for i, word in ((1, "c"), (0, "a"), (1, "d"), (0, "b"))]  # fmt: skip
    _, chunks = heard(begin(), both, turns, end())
    assert [part.text for part in parts_of(chunks)] == ["ab", "cd"]


def test_words_without_the_beginning_of_their_block_are_words() -> None:
    delta = {"type": "text_delta", "text": "hello"}
    lost = {"type": "input_json_delta", "partial_json": "{}"}
    _, chunks = heard(
        begin(),
        event("content_block_delta", index=0, delta=delta),
        event("content_block_delta", index=4, delta=lost),
        end(),
    )
    assert parts_of(chunks) == [Text(text="hello")]


def test_arguments_that_a_call_begins_with_count_when_none_follow() -> None:
    given = {"type": "tool_use", "id": "t", "name": "read", "input": {"path": "a"}}
    _, chunks = heard(begin(), block(0, given), end("tool_use"))
    assert parts_of(chunks)[0].arguments == {"path": "a"}
    grown = "".join(c.text for c in chunks if isinstance(c, PartDelta))
    assert json.loads(grown) == {"path": "a"}


def test_a_beginning_that_is_said_twice_is_one_block() -> None:
    begun = {"type": "tool_use", "id": "t", "name": "read", "input": {}}
    again = event("content_block_start", index=0, content_block=begun)
    _, chunks = heard(begin(), again, call(0, "t", "read", '{"a": 1}'), end("tool_use"))
    assert [part.arguments for part in parts_of(chunks)] == [{"a": 1}]


def test_arguments_that_break_off_make_a_malformed_call() -> None:
    answer, chunks = heard(begin(), call(0, "t", "write", '{"path": "a'), end("max_tokens"))
    assert parts_of(chunks)[0].malformed == '{"path": "a'
    assert answer.stop == "max_tokens"


@pytest.mark.parametrize("id_", ["same", ""])
def test_ids_are_unique_within_an_answer(id_: str) -> None:
    _, chunks = heard(begin(), call(0, id_, "a"), call(1, id_, "b"), end("tool_use"))
    ids = {part.id for part in parts_of(chunks)}
    assert len(ids) == 2
    assert "" not in ids


def test_a_second_beginning_under_the_same_id_says_nothing_new() -> None:
    answer, chunks = heard(begin("m"), text(0, "one"), begin("m"), text(1, " two"), end())
    assert [part.text for part in parts_of(chunks)] == ["one", " two"]
    assert answer.usage == Usage(input=100, output=10)


def test_a_second_beginning_under_another_id_takes_back_what_was_said() -> None:
    answer, chunks = heard(
        begin("first"),
        text(0, "lost"),
        call(1, "t", "rm", "{}"),
        begin("second", input_tokens=7),
        text(0, "kept"),
        end(),
    )
    assert parts_of(chunks) == [Text(text="kept")]
    [done] = [chunk for chunk in chunks if isinstance(chunk, PartDone)]
    assert done.index == 2
    assert (answer.response_id, answer.stop) == ("second", "end_turn")
    assert answer.usage == Usage(input=7, output=10)


def test_later_counts_are_totals_and_what_they_leave_out_stays() -> None:
    answer, _ = heard(
        begin(input_tokens=43, cache_read_input_tokens=5, cache_creation_input_tokens=2),
        text(0, "x"),
        end(
            input_tokens=61,
            output_tokens=20,
            cache_read_input_tokens=None,
            output_tokens_details={"thinking_tokens": 9},
        ),
    )
    assert answer.usage == Usage(input=61, output=20, cache_read=5, cache_write=2, reasoning=9)


def test_cache_writes_are_summed_where_only_their_kinds_are_told() -> None:
    written = {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}
    answer, _ = heard(begin(), end(cache_creation=written))
    assert answer.usage is not None
    assert answer.usage.cache_write == 7


def test_passes_of_a_servers_compaction_do_not_count_into_the_window() -> None:
    passes = [{"type": "compaction", "input_tokens": 60_000, "output_tokens": 500}]
    answer, _ = heard(begin(), end(input_tokens=600, iterations=passes))
    assert answer.usage == Usage(input=600, output=10)


def test_a_router_says_what_it_charges() -> None:
    answer, _ = heard(begin(), text(0, "x"), end(cost=0.0125))
    assert answer.finished().cost_nano == 12_500_000


@pytest.mark.parametrize("usage", [None, {}, "x", {"input_tokens": None}, {"input_tokens": True}])
def test_no_usage_is_none(usage: Any) -> None:
    started = event("message_start", message={"id": "m", "usage": usage})
    stopped = event("message_delta", delta={"stop_reason": "end_turn"}, usage=None)
    answer, _ = heard(started, text(0, "x"), stopped, event("message_stop"))
    assert answer.usage is None


@pytest.mark.parametrize(
    ("raw", "stop"),
    [
        ("end_turn", "end_turn"),
        ("stop_sequence", "end_turn"),
        ("max_tokens", "max_tokens"),
        ("model_context_window_exceeded", "context_overflow"),
        ("pause_turn", "pause"),
        ("compaction", "other"),
        ("refusal", "refusal"),
        ("sensitive", "content_filter"),
        ("what_is_this", "other"),
        ("", "end_turn"),
    ],
)
def test_every_reason_to_stop_is_understood(raw: str, stop: str) -> None:
    answer, _ = heard(begin(), text(0, "x"), end(raw))
    assert answer.stop == stop
    assert answer.finished().raw == raw


def test_calls_are_to_be_run_whatever_a_sloppy_server_says() -> None:
    answer, _ = heard(begin(), call(0, "t", "read"), end("end_turn"))
    assert answer.stop == "tool_use"


def test_a_server_that_waits_for_a_tool_of_its_own_pauses() -> None:
    begun = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    answer, _ = heard(begin(), block(0, begun), end("tool_use"))
    assert answer.stop == "pause"


def test_a_refusal_without_a_word_has_no_parts() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "No."}
    answer, chunks = heard(begin(), end("refusal", details))
    assert parts_of(chunks) == []
    assert (answer.stop, answer.complete) == ("refusal", True)
    assert answer.finished().explanation == "No."


def test_an_error_within_the_stream_is_one() -> None:
    error = {"type": "overloaded_error", "message": "Overloaded"}
    answer, _ = heard(begin(), text(0, "one"), event("error", error=error))
    assert answer.error == error
    assert (answer.stop, answer.complete) == ("error", False)


def test_an_error_may_come_without_a_type() -> None:
    answer, _ = heard(begin(), b'data: {"error": {"message": "no"}}\n\n')
    assert answer.error == {"message": "no"}


def test_an_answer_without_its_end_is_incomplete() -> None:
    answer, _ = heard(begin(), text(0, "one"), end()[:1])
    assert (answer.stop, answer.complete) == ("incomplete", False)


def test_a_gateway_may_end_with_done_and_nothing_after_the_end_counts() -> None:
    answer, chunks = heard(begin(), text(0, "x"), end()[:1], b"data: [DONE]\n\n")
    assert (answer.stop, answer.complete) == ("end_turn", True)
    answer, chunks = heard(
        begin(), text(0, "x"), end(), begin("m2"), event("error", error={"a": 1})
    )
    assert parts_of(chunks) == [Text(text="x")]
    assert answer.error is None


def test_what_nobody_knows_is_passed_over() -> None:
    odd: list[bytes] = [
        event("ping"),
        event("brand_new", thing=1),
        b"data: not json\n\n",
        b"data: [1, 2]\n\n",
        event("content_block_start", index=9, content_block="text"),
        event("content_block_delta", index=0, delta={"type": "new_delta", "text": "?"}),
        event("content_block_stop", index=77),
        event("message_delta", delta=None, usage=[]),
    ]
    begun = event("content_block_start", index=0, content_block={"type": "text", "text": "a"})
    answer, chunks = heard(begin(), begun, *odd, end())
    assert parts_of(chunks) == [Text(text="a")]
    assert answer.complete


def test_an_event_may_name_its_type_in_its_own_line_alone() -> None:
    answer, _ = heard(begin(), b'event: message_stop\ndata: {"x": 1}\n\n')
    assert answer.complete


def test_a_whole_body_is_an_answer() -> None:
    body = {
        "id": "m",
        "type": "message",
        "model": "fake",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "text", "text": "Hello."},
            {"type": "tool_use", "id": "t", "name": "read", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }
    answer = AnthropicAnswer()
    chunks = [*answer.whole(body), *answer.parts()]
    assert parts_of(chunks) == [
        Reasoning(text="hm", signature="s"),
        Text(text="Hello."),
        ToolCall(id="t", name="read", arguments={"a": 1}),
    ]
    assert (answer.stop, answer.usage) == ("tool_use", Usage(input=3, output=4))


def test_a_body_that_is_no_answer_is_not_complete() -> None:
    answer = AnthropicAnswer()
    assert list(answer.whole({"id": "m"})) == []
    assert not answer.complete
    answer = AnthropicAnswer()
    assert list(answer.whole({"type": "error", "error": {"message": "no"}})) == []
    assert answer.error == {"message": "no"}
