"""Chat completions of servers that follow the protocol loosely."""

from __future__ import annotations

import json
from typing import Any

from ion_core.providers.endpoint import Endpoint
from ion_core.providers.recorded import Understood, understood
from ion_core.providers.registry import wire

BOM = b"\xef\xbb\xbf"


async def said(body: bytes) -> Understood:
    return await understood(body, wire(Endpoint(name="any", base_url="", protocol="openai-chat")))


def streamed(*chunks: dict[str, Any]) -> bytes:
    return b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks)


def chunk(finish: str | None = None, index: int = 0, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def piece(arguments: str, **call: str) -> dict[str, Any]:
    function = {"arguments": arguments} | ({"name": call.pop("name")} if "name" in call else {})
    return call | {"function": function}


def calls(answer: Understood) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, call.arguments) for call in answer.calls]


async def test_pieces_without_index_and_id_go_to_the_calls_in_their_places() -> None:
    answer = await said(
        streamed(
            chunk(tool_calls=[piece("", id="a", name="read"), piece("", id="b", name="list")]),
            chunk(tool_calls=[piece('{"x": 1}'), piece('{"y": 2}')]),
            chunk("tool_calls"),
        )
    )
    assert calls(answer) == [("read", {"x": 1}), ("list", {"y": 2})]


async def test_a_piece_without_index_and_id_goes_on_with_the_latest_call() -> None:
    answer = await said(
        streamed(
            chunk(tool_calls=[piece('{"x"', id="a", name="read")]),
            chunk(tool_calls=[piece(": 1}")]),
            chunk(tool_calls=[piece('{"y"', id="b", name="list")]),
            chunk(tool_calls=[piece(": 2}")]),
            chunk("tool_calls"),
        )
    )
    assert calls(answer) == [("read", {"x": 1}), ("list", {"y": 2})]


async def test_a_named_piece_without_id_is_another_call() -> None:
    answer = await said(
        streamed(
            chunk(tool_calls=[piece("{}", id="a", name="read")]),
            chunk(tool_calls=[piece("{}", name="list")]),
            chunk("tool_calls"),
        )
    )
    assert calls(answer) == [("read", {}), ("list", {})]


async def test_other_choices_than_the_first_are_left_out() -> None:
    answer = await said(streamed(chunk(content="a"), chunk(index=1, content="b"), chunk("stop")))
    assert (answer.text, answer.stop) == ("a", "end_turn")


async def test_the_word_null_is_no_reason_to_end() -> None:
    answer = await said(streamed(chunk("null", content="a"), chunk("stop", content="b")))
    assert (answer.text, answer.stop) == ("ab", "end_turn")


async def test_a_bare_error_is_an_error() -> None:
    bare = {"object": "error", "message": "No such model", "type": "invalid_model", "code": 1500}
    for body in (streamed(bare), json.dumps(bare).encode()):
        answer = await said(body)
        assert (answer.stop, answer.complete) == ("error", False)
        assert answer.error is not None
        assert "No such model" in str(answer.error)


async def test_a_detail_instead_of_an_answer_is_an_error() -> None:
    answer = await said(b'{"detail": "Not Found"}')
    assert answer.stop == "error"
    assert "Not Found" in str(answer.error)


async def test_a_body_may_begin_with_a_byte_order_mark_and_break_a_character() -> None:
    message = b'{"choices": [{"message": {"content": "a \xff b"}, "finish_reason": "stop"}]}'
    answer = await said(BOM + message)
    assert (answer.text, answer.complete) == ("a \ufffd b", True)


async def test_a_stream_that_ends_with_the_whole_message_says_it_once() -> None:
    message = {"role": "assistant", "content": "Hello"}
    last = {"choices": [{"index": 0, "delta": None, "message": message, "finish_reason": "stop"}]}
    answer = await said(streamed(chunk(content="He"), chunk(content="llo"), last))
    assert (answer.text, answer.stop) == ("Hello", "end_turn")
    assert (await said(streamed(last))).text == "Hello"


async def test_the_calls_in_another_choice_of_a_whole_answer_count() -> None:
    call = piece('{"x": 1}', id="a", name="read")
    words = {"index": 0, "message": {"content": "Look."}, "finish_reason": "tool_calls"}
    calling = {"index": 1, "message": {"tool_calls": [call]}, "finish_reason": "tool_calls"}
    answer = await said(json.dumps({"choices": [words, calling]}).encode())
    assert (answer.text, answer.stop) == ("Look.", "tool_use")
    assert calls(answer) == [("read", {"x": 1})]


async def test_arguments_that_are_told_twice_are_read_once() -> None:
    told = piece('{"x": 1}', id="a", name="read") | {"index": 0}
    again = piece('{"x": 1}') | {"index": 0}
    answer = await said(
        streamed(chunk(tool_calls=[told]), chunk(tool_calls=[again]), chunk("tool_calls"))
    )
    assert calls(answer) == [("read", {"x": 1})]


async def test_a_line_of_its_own_for_an_error_is_an_error() -> None:
    line = b'error: {"code": 500, "message": "boom", "type": "server_error"}\n\n'
    answer = await said(streamed(chunk(content="a")) + line)
    assert (answer.text, answer.stop) == ("a", "error")
    assert answer.error is not None
    assert answer.error.kind == "overloaded"


async def test_bare_line_ends_in_arguments_are_line_ends() -> None:
    told = piece('{"x": "a\nb\tc"}', id="a", name="read")
    answer = await said(streamed(chunk(tool_calls=[told]), chunk("tool_calls")))
    assert calls(answer) == [("read", {"x": "a\nb\tc"})]


async def test_a_function_call_with_nothing_in_it_is_none() -> None:
    empty = {"content": "Hi.", "function_call": {"name": "", "arguments": ""}, "tool_calls": None}
    answer = await said(json.dumps({"choices": [{"message": empty, "finish_reason": ""}]}).encode())
    assert (answer.text, answer.calls, answer.stop) == ("Hi.", (), "end_turn")
    calling = empty | {"tool_calls": [piece('{"x": 1}', id="a", name="read")]}
    answer = await said(json.dumps({"choices": [{"message": calling}]}).encode())
    assert calls(answer) == [("read", {"x": 1})]
