"""What a provider does when an answer breaks, each break made by a real server on loopback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ion_core.errors import (
    BadRequest,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    StreamBroken,
    Unauthorised,
)
from ion_core.providers.base import Finished
from ion_core.providers.retry import wait_s
from tests.fakes.chat_server import Canned, delta, event, said
from tests.fakes.chat_talk import ASK, KEY, attempt, failure_of, persisted, talking

END = event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])


@pytest.mark.parametrize("kept", range(1, 4))
async def test_a_connection_cut_within_words_keeps_them_as_part_of_nothing_whole(
    kept: int,
) -> None:
    pieces = [delta(content=f"word{n} ") for n in range(kept)]
    async with talking(Canned(pieces=pieces, cut=True), said("All of it.")) as (_, provider):
        error = await failure_of(provider)
        partial = error.assembly.partial(provider.origin("m"))  # type: ignore[attr-defined]
        again = (await attempt(provider)).message(provider.origin("m"))
    assert isinstance(error, StreamBroken)
    assert wait_s(error, 1, restarts=1) is not None
    assert wait_s(error, 3, restarts=3) is None
    assert (partial.text, partial.stop) == ("".join(f"word{n} " for n in range(kept)), "incomplete")
    assert again.text == "All of it."


HALF_CALLS = [
    [{"index": 0, "id": "c", "function": {"name": "read", "arguments": ""}}],
    [{"index": 0, "id": "c", "function": {"name": "read", "arguments": '{"path": "/et'}}],
    [{"index": 0, "id": "c", "function": {"name": "read", "arguments": "{}"}}],
]


@pytest.mark.parametrize("call", HALF_CALLS)
@pytest.mark.parametrize("cut", [True, False])
async def test_a_call_that_was_cut_off_is_never_made(call: Any, cut: bool) -> None:
    broken = Canned(pieces=[delta(content="I read."), delta(tool_calls=call)], cut=cut)
    async with talking(broken) as (_, provider):
        error = await failure_of(provider)
        partial = error.assembly.partial(provider.origin("m"))  # type: ignore[attr-defined]
    assert error.retryable
    assert error.assembly.finished is None  # type: ignore[attr-defined]
    assert partial.calls == ()


@pytest.mark.parametrize("arguments", ['{"path": "/et', "[1, 2]", "not json", '{"a": 1}}'])
async def test_arguments_that_are_no_object_are_marked_and_not_guessed(arguments: str) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "read", "arguments": arguments}}
    end = event(choices=[{"index": 0, "delta": {}, "finish_reason": "tool_calls"}])
    reply = Canned(pieces=[delta(tool_calls=[call]), end])
    async with talking(reply) as (_, provider):
        [made] = (await attempt(provider)).message(provider.origin("m")).calls
    assert (made.malformed, made.arguments) == (arguments, {})


@pytest.mark.parametrize(
    "odd",
    [
        b"data: {not json\n\n",
        b"data: \n\n",
        b"data: 17\n\n",
        b"event: unheard\ndata: {}\n\n",
        b"nonsense without a colon\n\n",
        b": a comment\n\n",
        b"\xff\xfe\x00\n\n",
        event(object="chat.completion.chunk", choices=[]),
        event(choices=None),
        event(choices=[{"index": 0}]),
        event(unheard={"of": 1}),
    ],
)
async def test_what_means_nothing_in_a_stream_is_passed_over(odd: bytes) -> None:
    pieces = [delta(content="a"), odd, delta(content="b"), odd, END, odd, b"data: [DONE]\n\n"]
    async with talking(Canned(pieces=pieces)) as (_, provider):
        assert (await attempt(provider)).message(provider.origin("m")).text == "ab"


@pytest.mark.parametrize(
    "content_type", ["text/event-stream; charset=utf-8", "text/plain", "application/octet-stream",
                     "application/json"],
)  # fmt: skip
async def test_a_stream_is_known_by_its_bytes_and_not_by_its_type(content_type: str) -> None:
    reply = said("Hi.", headers={"content-type": content_type})
    async with talking(reply) as (_, provider):
        assert (await attempt(provider)).message(provider.origin("m")).text == "Hi."


@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=utf-8"])
async def test_a_web_page_with_status_200_is_no_answer(content_type: str) -> None:
    page = b"<html><head><title>Log in</title></head></html>"
    reply = Canned(headers={"content-type": content_type}, pieces=[page])
    async with talking(reply) as (_, provider):
        error = await failure_of(provider)
    assert type(error) is BadRequest
    assert "base_url" in str(error)


async def test_words_that_are_no_stream_are_shown_without_the_key() -> None:
    words = f"I do not know {KEY}. ".encode() + b"Go away. " * 200
    async with talking(Canned(pieces=[words])) as (_, provider):
        error = await failure_of(provider)
    assert isinstance(error, StreamBroken)
    assert "I do not know [key]" in str(error)
    assert len(str(error)) < 700


async def test_a_web_page_that_lies_about_its_type_is_no_answer_either() -> None:
    page = b"<html><body>" + b"Log in. " * 500 + f"{KEY}</body></html>".encode()
    async with talking(Canned(pieces=[page])) as (_, provider):
        error = await failure_of(provider)
    assert isinstance(error, StreamBroken)
    assert len(str(error)) < 700


@pytest.mark.parametrize(
    ("reasons", "stop"),
    [
        (["stop", "stop"], "end_turn"),
        (["stop", "length"], "max_tokens"),
        (["length", "stop"], "max_tokens"),
        (["content_filter", "stop"], "content_filter"),
    ],
)
async def test_of_two_finishes_the_telling_one_counts(reasons: list[str], stop: str) -> None:
    ends = [event(choices=[{"index": 0, "delta": {}, "finish_reason": each}]) for each in reasons]
    reply = Canned(pieces=[delta(content="a"), *ends])
    async with talking(reply) as (_, provider), provider.stream(ASK) as chunks:
        everything = [chunk async for chunk in chunks]
    assert [chunk.stop for chunk in everything if isinstance(chunk, Finished)] == [stop]


async def test_an_answer_without_a_finish_is_never_whole() -> None:
    async with talking(Canned(pieces=[delta(content="a")])) as (_, provider):
        assert isinstance(await failure_of(provider), StreamBroken)


@pytest.mark.parametrize("ids", [("same", "same"), ("", ""), (None, None), ("a", "")])
async def test_ids_that_are_missing_or_doubled_become_their_own(ids: tuple[Any, Any]) -> None:
    calls = [
        {"index": n, "id": each, "function": {"name": "read", "arguments": "{}"}}
        for n, each in enumerate(ids)
    ]
    end = event(choices=[{"index": 0, "delta": {}, "finish_reason": "tool_calls"}])
    async with talking(Canned(pieces=[delta(tool_calls=calls), end])) as (_, provider):
        made = (await attempt(provider)).message(provider.origin("m")).calls
    assert len({call.id for call in made}) == 2
    assert all(call.id for call in made)


@pytest.mark.parametrize(
    ("error", "kind", "seconds"),
    [
        ({"code": 502, "message": "upstream went away"}, Overloaded, None),
        ({"code": 429, "message": "slow, try again in 7s"}, RateLimited, 7.0),
        ({"code": "insufficient_quota", "message": "pay"}, QuotaExceeded, None),
        ({"code": 401, "message": "no"}, Unauthorised, None),
        ("who knows", StreamBroken, None),
    ],
)
async def test_an_error_after_words_is_an_error(
    error: Any, kind: type[ProviderError], seconds: float | None
) -> None:
    reply = Canned(pieces=[delta(content="half"), event(error=error), END])
    async with talking(reply) as (_, provider):
        failure = await failure_of(provider)
    assert (type(failure), failure.retry_after) == (kind, seconds)
    assert failure.assembly.finished is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1004, Unauthorised), (1008, QuotaExceeded), (1002, RateLimited), (1000, Overloaded),
     (2013, BadRequest), (9999, StreamBroken)],
)  # fmt: skip
async def test_minimax_hides_its_errors_in_answers_and_they_are_found(
    code: int, kind: type[ProviderError]
) -> None:
    body = {"id": "x", "choices": None, "base_resp": {"status_code": code, "status_msg": "no"}}
    for piece in (json.dumps(body).encode(), event(**body)):
        async with talking(Canned(pieces=[piece])) as (_, provider):
            assert type(await failure_of(provider)) is kind


async def test_minimax_says_when_nothing_is_wrong_too() -> None:
    fine = event(choices=[], base_resp={"status_code": 0, "status_msg": ""})
    async with talking(Canned(pieces=[delta(content="a"), fine, END])) as (_, provider):
        assert (await attempt(provider)).message(provider.origin("m")).text == "a"


async def test_an_empty_answer_is_asked_for_once_more_and_then_shown() -> None:
    nothing = said("", usage=(5, 0))
    async with talking(nothing, nothing, said("Late.")) as (server, provider):
        message, told = await persisted(provider)
    assert (message.parts, message.stop) == ((), "end_turn")
    assert len(server.chats) == 2
    assert "empty" in told[0].reason
