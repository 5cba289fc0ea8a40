"""Hand-written streams: each rule of Gemini's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ion_core.errors import StreamBroken
from ion_core.messages import Reasoning, StopReason, Text, ToolCall
from ion_core.providers.base import Chunk, PartDelta, PartDone
from ion_core.providers.google_answer import GoogleAnswer
from ion_core.providers.reading import ended
from ion_core.providers.sse import SseEvent, SseParser
from ion_core.usage import Usage


def chunk(*parts: dict[str, Any], finish: str = "", **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], **more}


def said(*chunks: Any) -> tuple[GoogleAnswer, list[Chunk]]:
    """Read a stream with Google's line ends."""
    parser, answer = SseParser(), GoogleAnswer()
    data = "".join(f"data: {json.dumps(each)}\r\n\r\n" for each in chunks)
    read = [each for event in parser.feed(data.encode()) for each in answer.take(event)]
    return answer, [*read, *answer.parts()]


def parts(chunks: list[Chunk]) -> list[Any]:
    done = [each for each in chunks if isinstance(each, PartDone)]
    return [each.part for each in sorted(done, key=lambda each: each.index)]


def calling(**fields: Any) -> dict[str, Any]:
    return {"functionCall": fields}


def piece(path: str, **value: Any) -> dict[str, Any]:
    more = {"willContinue": True} if value.pop("more", False) else {}
    return {"jsonPath": path, **value, **more}


def test_thoughts_words_and_calls_stay_in_the_order_in_which_they_came() -> None:
    answer, chunks = said(
        chunk({"text": "Hm. ", "thought": True}),
        chunk({"text": "Yes.", "thought": True}),
        chunk({"text": "I will "}),
        chunk({"text": "read."}, calling(name="read", args={"path": "a"}, id="f1")),
        chunk({"text": "And more."}, finish="STOP"),
    )
    thought, first, call, last = parts(chunks)
    assert thought == Reasoning(text="Hm. Yes.")
    assert first == Text(text="I will read.")
    assert (call.id, call.name, call.arguments) == ("f1", "read", {"path": "a"})
    assert last == Text(text="And more.")
    assert answer.stop == "tool_use"


def test_a_call_without_id_gets_one_that_is_not_sent_back() -> None:
    _, chunks = said(chunk(calling(name="a", args={}), calling(name="a"), finish="STOP"))
    first, second = parts(chunks)
    assert first.id != second.id != ""
    assert first.opaque is second.opaque is None
    assert second.arguments == {}


def test_equal_ids_within_an_answer_are_made_unique_and_remembered() -> None:
    _, chunks = said(chunk(calling(name="a", id="x"), calling(name="b", id="x"), finish="STOP"))
    first, second = parts(chunks)
    assert first.id == "x" != second.id
    assert first.opaque == second.opaque == {"id": "x"}


def test_the_signature_of_a_call_is_kept_with_it() -> None:
    signed = {**calling(name="a"), "thoughtSignature": "c2ln"}
    _, chunks = said(chunk(signed, calling(name="b"), finish="STOP"))
    assert [part.opaque for part in parts(chunks)] == [{"thoughtSignature": "c2ln"}, None]


def test_a_signed_stretch_of_a_text_is_remembered_and_so_is_an_empty_one() -> None:
    _, chunks = said(
        chunk({"text": "One "}),
        chunk({"text": "two ", "thoughtSignature": "s1"}),
        chunk({"text": "three"}),
        chunk({"text": "", "thoughtSignature": "s2"}, finish="STOP"),
    )
    [text] = parts(chunks)
    assert text == Text(text="One two three", opaque={"signed": [[4, 8, "s1"], [13, 13, "s2"]]})


def test_an_answer_of_nothing_has_no_parts() -> None:
    for part in ({"text": ""}, {"text": "", "thoughtSignature": "s"}):
        answer, chunks = said(chunk(part, finish="STOP"))
        assert parts(chunks) == []
        assert answer.stop == "end_turn"


def test_a_stream_without_a_finish_reason_is_broken() -> None:
    answer, _ = said(chunk({"text": "I was about to"}), chunk(calling(name="a")))
    assert answer.stop == "incomplete"
    with pytest.raises(StreamBroken):
        ended(answer)


@pytest.mark.parametrize(
    ("finish", "stop"),
    [
        ("STOP", "end_turn"),
        ("MAX_TOKENS", "max_tokens"),
        ("CONTINUATION", "max_tokens"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("LANGUAGE", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("MODEL_ARMOR", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("IMAGE_RECITATION", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "malformed_tool_call"),
        ("UNEXPECTED_TOOL_CALL", "malformed_tool_call"),
        ("TOO_MANY_TOOL_CALLS", "malformed_tool_call"),
        ("MISSING_THOUGHT_SIGNATURE", "error"),
        ("OTHER", "other"),
        ("A_REASON_OF_2031", "other"),
    ],
)
def test_a_finish_reason_is_a_stop_reason(finish: str, stop: StopReason) -> None:
    answer, _ = said(chunk({"text": "x"}, finish=finish))
    assert (answer.stop, answer.raw_stop) == (stop, finish)
    assert answer.complete


def test_the_last_finish_reason_counts_and_an_unspecified_one_never() -> None:
    # Gemini 1.5 said STOP with every chunk.
    answer, _ = said(
        chunk({"text": "a"}, finish="FINISH_REASON_UNSPECIFIED"),
        chunk({"text": "b"}, finish="STOP"),
        chunk({"text": "c"}, finish="MAX_TOKENS"),
    )
    assert answer.stop == "max_tokens"


def test_a_blocked_prompt_is_a_safety_stop() -> None:
    answer, chunks = said(
        {"promptFeedback": {"blockReason": "OTHER"}, "usageMetadata": {"promptTokenCount": 7}}
    )
    assert (answer.stop, answer.complete, parts(chunks)) == ("content_filter", True, [])
    assert answer.finished().usage == Usage(input=7)


def test_chunks_without_candidates_add_what_they_have() -> None:
    answer, chunks = said(
        {"usageMetadata": {"promptTokenCount": 5}, "modelVersion": "m-1", "responseId": "r"},
        {"promptFeedback": {"safetyRatings": []}},
        {"candidates": []},
        {"candidates": [{"index": 0}]},
        {"candidates": [{"content": {}, "index": 0}]},
        {"candidates": [{"content": {"parts": None}, "index": 0}]},
        chunk({"text": "hi"}, finish="STOP"),
    )
    assert parts(chunks) == [Text(text="hi")]
    finished = answer.finished()
    assert (finished.model, finished.response_id, finished.raw) == ("m-1", "r", "STOP")


def test_usage_is_cumulative_and_merged_field_by_field() -> None:
    first = {"promptTokenCount": 100, "cachedContentTokenCount": 40, "thoughtsTokenCount": 3}
    answer, _ = said(
        chunk({"text": "a"}, usageMetadata=first),
        chunk({"text": "b"}, usageMetadata={"candidatesTokenCount": 2, "trafficType": "X"}),
        chunk(
            {"text": "c"},
            finish="STOP",
            usageMetadata={
                "candidatesTokenCount": 5,
                "thoughtsTokenCount": 9,
                "toolUsePromptTokenCount": 11,
                "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 40}],
            },
        ),
    )
    assert answer.finished().usage == Usage(input=71, output=14, cache_read=40, reasoning=9)


def test_thoughts_that_the_candidates_include_are_not_counted_twice() -> None:
    counts = {"promptTokenCount": 10, "candidatesTokenCount": 30, "thoughtsTokenCount": 20}
    for total, output in ((40, 30), (60, 50)):
        usage = {**counts, "totalTokenCount": total}
        answer, _ = said(chunk({"text": "x"}, finish="STOP", usageMetadata=usage))
        assert answer.finished().usage == Usage(input=10, output=output, reasoning=20)


def test_what_a_server_ran_itself_and_what_nobody_knows_is_left_out() -> None:
    _, chunks = said(
        chunk({"executableCode": {"language": "PYTHON", "code": "1"}}),
        chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}),
        chunk({"inlineData": {"mimeType": "image/png", "data": "AA=="}}),
        chunk({"toolCall": {"toolType": "GOOGLE_SEARCH"}}, {"toolResponse": {}}),
        chunk({"hologram": {"of": "2031"}}, {"text": 7}, "no part", {"functionCall": "no"}),  # type: ignore[arg-type]
        chunk({"text": "Done."}, finish="STOP"),
    )
    assert parts(chunks) == [Text(text="Done.")]


def test_an_event_that_is_no_json_is_left_out() -> None:
    answer = GoogleAnswer()
    for data in ("{broken", "[1, 2", "null", '"text"', "[DONE]"):
        assert list(answer.take(SseEvent(data))) == []
    assert not answer.complete
    list(answer.take(SseEvent(json.dumps([chunk({"text": "x"}), chunk(finish="STOP")]))))
    assert parts(list(answer.parts())) == [Text(text="x")]


def test_an_error_within_a_stream_ends_it() -> None:
    answer, _ = said(chunk({"text": "I"}), {"error": {"code": 503, "message": "overloaded"}})
    assert answer.stop == "error"
    assert answer.error == {"code": 503, "message": "overloaded"}


def test_a_body_may_be_wrapped_as_some_gateways_do() -> None:
    answer, chunks = said({"response": chunk({"text": "hi"}, finish="STOP"), "traceId": "t"})
    assert (parts(chunks), answer.stop) == ([Text(text="hi")], "end_turn")


def test_arguments_may_come_in_pieces_with_paths() -> None:
    answer, chunks = said(
        chunk({**calling(name="write", willContinue=True), "thoughtSignature": "s"}),
        chunk(
            calling(partialArgs=[piece("$.path", stringValue="a.", more=True)], willContinue=True)
        ),
        chunk(calling(partialArgs=[piece("$.path", stringValue="py")], willContinue=True)),
        chunk(calling(willContinue=True)),
        chunk(
            calling(
                partialArgs=[
                    piece("$.edits[0].line", numberValue=3),
                    piece("$.edits[1]['new text']", stringValue="x"),
                    piece('$.edits[1]["is.last"]', boolValue=True),
                    piece("$.none", nullValue=None),
                ],
                willContinue=True,
            )
        ),
        chunk(calling()),
        chunk(calling(name="read", args={"path": "b"}), finish="STOP"),
    )
    write, read = parts(chunks)
    assert write == ToolCall(
        id=write.id,
        name="write",
        arguments={
            "path": "a.py",
            "edits": [{"line": 3}, {"new text": "x", "is.last": True}],
            "none": None,
        },
        opaque={"thoughtSignature": "s"},
    )
    assert read.arguments == {"path": "b"}
    assert answer.stop == "tool_use"
    grown = [c.text for c in chunks if isinstance(c, PartDelta) and c.index == 0]
    assert json.loads("".join(grown)) == write.arguments


def test_a_call_whose_pieces_just_end_is_whole_unless_the_answer_was_cut_off() -> None:
    stream = chunk(
        calling(name="a", partialArgs=[piece("$.x", stringValue="y")], willContinue=True)
    )
    _, chunks = said(stream, chunk(finish="STOP"))
    [call] = parts(chunks)
    assert (call.arguments, call.malformed) == ({"x": "y"}, None)
    _, chunks = said(stream, chunk(finish="MAX_TOKENS"))
    [call] = parts(chunks)
    assert (call.arguments, call.malformed) == ({}, '{"x":"y"}')


@pytest.mark.parametrize(
    "path", ["$.a[", "$.a[99999999]", "$..", "$[0]", "$.b.c", "$.b[0]", 7, None]
)
def test_a_piece_without_a_place_spoils_its_call(path: Any) -> None:
    pieces = [piece("$.b", stringValue="text"), {"jsonPath": path, "stringValue": "x"}]
    _, chunks = said(chunk(calling(name="a", partialArgs=pieces), finish="STOP"))
    [call] = parts(chunks)
    assert call.malformed is not None
    assert call.arguments == {}


def test_arguments_that_are_no_object_make_a_malformed_call() -> None:
    _, chunks = said(
        chunk(
            calling(name="a", args='{"x": 1}'),
            calling(name="b", args="{x"),
            calling(name="c", args=[1]),
            calling(name="d", args=None),
            finish="STOP",
        )
    )
    told = [(call.arguments, call.malformed) for call in parts(chunks)]
    assert told == [({"x": 1}, None), ({}, "{x"), ({}, "[1]"), ({}, None)]
