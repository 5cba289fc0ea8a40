"""What a provider does when a server fails, each failure made by a real server on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ion_core.agent.step import Step, StepFailed
from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    StreamBroken,
    Unauthorised,
)
from ion_core.events import Event, StepRetrying
from ion_core.messages import Message, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Finished, Provider, Request, ToolSpec
from ion_core.providers.credential import Granted
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat import openai_chat
from ion_core.providers.retry import wait_s
from tests.fakes.chat_server import Canned, ChatServer, Reply, delta, event, refused, said

KEY = "sk-live-abcdefgh12345"
TOOL = ToolSpec(name="read", description="Read.", schema={"type": "object", "properties": {}})
ASK = Request(model="m", system="", messages=(user("x"),), tools=(TOOL,))
SOON = {"retry_after_ms": "1"}
END = event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])


@asynccontextmanager
async def talking(*replies: Reply, **endpoint: Any) -> AsyncIterator[tuple[ChatServer, Provider]]:
    async with ChatServer(replies) as server:
        made = Endpoint(name="fake", base_url=server.base_url, api_key=KEY, **endpoint)
        provider = openai_chat(made)
        try:
            yield server, provider
        finally:
            await provider.aclose()


async def attempt(provider: Provider) -> Assembly:
    """One request. What came of it is in ``assembly`` of the error, if it fails."""
    assembly = Assembly()
    try:
        async with provider.stream(ASK) as chunks:
            async for chunk in chunks:
                assembly.add(chunk)
    except ProviderError as error:
        error.assembly = assembly  # type: ignore[attr-defined]  # for the test alone
        raise
    return assembly


async def failure_of(provider: Provider) -> ProviderError:
    with pytest.raises(ProviderError) as failure:
        await attempt(provider)
    return failure.value


async def persisted(provider: Provider, **how: Any) -> tuple[Message, list[StepRetrying]]:
    """The answer of a step, and the attempts that it announced."""
    told: list[StepRetrying] = []

    async def emit(event_: Event) -> None:
        if isinstance(event_, StepRetrying):
            told.append(event_)

    return (await Step(provider, ASK, emit, **how).ask()).message, told


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _google(delay: str) -> Canned:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slow", "details": [info]}
    return Canned(status=429, pieces=[json.dumps({"error": error}).encode()])


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (lambda: refused(429, "slow", retry_after_ms="1500", retry_after="9"), 1.5),
        (lambda: refused(429, "slow", retry_after="9"), 9),
        (lambda: refused(429, "slow", retry_after=format_datetime(_in(20), usegmt=True)), 20),
        (lambda: _google("34.4s"), 34.4),
        (lambda: refused(429, "Please try again in 1.898s."), 1.898),
        (lambda: refused(429, "Please try again in 550ms."), 0.55),
        (lambda: refused(429, "x", x_ratelimit_reset_requests="1.898s"), 1.898),
        (lambda: refused(429, "x", x_ratelimit_reset_tokens="6m0s"), 360),
        (lambda: refused(429, "x", anthropic_ratelimit_tokens_reset=_in(12).isoformat()), 12),
        (lambda: refused(503, "busy", retry_after="3"), 3),
        (lambda: refused(503, "busy"), None),
    ],
)
async def test_the_server_s_own_wish_to_wait_is_known(reply: Any, seconds: float | None) -> None:
    async with talking(reply()) as (_, provider):
        error = await failure_of(provider)
    assert error.retryable
    assert error.retry_after == pytest.approx(seconds, abs=1.5 if (seconds or 0) >= 12 else 1e-6)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 524, 529])
async def test_what_may_pass_is_tried_again_and_people_are_told(status: int) -> None:
    async with talking(refused(status, "busy", **SOON), said("Hi.")) as (server, provider):
        message, told = await persisted(provider)
    assert message.text == "Hi."
    assert {(each.attempt, each.attempts) for each in told} == {(2, 4)}
    assert "busy" in told[0].reason
    assert len(server.chats) == 2


async def test_four_attempts_are_made_and_no_more() -> None:
    async with talking(refused(500, "busy", **SOON)) as (server, provider):
        with pytest.raises(StepFailed, match="tried 4 times"):
            await persisted(provider)
    assert len(server.chats) == 4


async def test_a_wait_of_more_than_a_minute_is_the_person_s_to_decide() -> None:
    async with talking(refused(429, "slow", retry_after="3600")) as (server, provider):
        with pytest.raises(StepFailed, match="asks to wait until"):
            await persisted(provider)
    assert len(server.chats) == 1


def _coded(status: int, code: str, message: str) -> Canned:
    error = {"code": code, "type": code, "message": message}
    return Canned(status=status, headers={"retry-after-ms": "1"},
                  pieces=[json.dumps({"error": error}).encode()])  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (_coded(429, "insufficient_quota", "You exceeded your current quota"), QuotaExceeded),
        (_coded(429, "billing_hard_limit_reached", "Billing hard limit"), QuotaExceeded),
        (_coded(429, "usage_limit_reached", "The usage limit has been reached"), QuotaExceeded),
        (_coded(402, "", "Insufficient credits"), QuotaExceeded),
        (_coded(400, "", "Your credit balance is too low"), QuotaExceeded),
        (_coded(429, "", "Quota exceeded for GenerateRequestsPerDayPerProject"), QuotaExceeded),
        (_coded(401, "invalid_api_key", "Incorrect API key provided"), Unauthorised),
        (_coded(403, "", "forbidden"), Unauthorised),
        (_coded(400, "", "odd request"), BadRequest),
        (_coded(404, "model_not_found", "no such model"), BadRequest),
        (_coded(405, "", "method"), BadRequest),
        (_coded(415, "", "media type"), BadRequest),
        (_coded(422, "", "unprocessable"), BadRequest),
        (_coded(400, "context_length_exceeded", "too long"), ContextOverflow),
        (_coded(413, "", "request entity too large"), ContextOverflow),
    ],
)
async def test_what_cannot_pass_is_tried_once(reply: Canned, kind: type[ProviderError]) -> None:
    async with talking(reply) as (server, provider):
        with pytest.raises(StepFailed) as failure:
            await persisted(provider)
    assert type(failure.value.error) is kind
    assert len(server.chats) == 1


@pytest.mark.parametrize(("said_so", "status", "times"), [("false", 503, 1), ("true", 400, 2)])
async def test_x_should_retry_is_believed_both_ways(said_so: str, status: int, times: int) -> None:
    reply = refused(status, "odd", x_should_retry=said_so, **SOON)
    async with talking(reply, said("Hi.")) as (server, provider):
        if times == 1:
            with pytest.raises(StepFailed):
                await persisted(provider)
        else:
            assert (await persisted(provider))[0].text == "Hi."
    assert len(server.chats) == times


class Renewing:
    """A credential with a key that the server refuses, and one that it takes."""

    def __init__(self) -> None:
        self.renewed = 0

    async def grant(self) -> Granted:
        account = {"chatgpt-account-id": "acc-9876543210"}
        return Granted(key=f"key-number-{self.renewed}", headers=account)

    async def renew(self, refused: Granted) -> bool:
        self.renewed += 1
        return True


@pytest.mark.parametrize(("refusals", "works"), [(1, True), (2, False)])
async def test_a_refused_key_is_renewed_once(refusals: int, works: bool) -> None:
    no = refused(401, "key-number-0 or key-number-1 of acc-9876543210 is no good")
    async with ChatServer([*[no] * refusals, said("Hi.")]) as server:
        credential = Renewing()
        endpoint = Endpoint(name="fake", base_url=server.base_url)
        provider = openai_chat(endpoint, credential)
        if works:
            assert (await attempt(provider)).message(provider.origin("m")).text == "Hi."
        else:
            error = await failure_of(provider)
            assert type(error) is Unauthorised
            assert "number-1" not in str(error)
            assert "9876543210" not in str(error)
        await provider.aclose()
    assert credential.renewed == 1
    sent = [asked.headers["authorization"] for asked in server.requests]
    assert sent == ["Bearer key-number-0", "Bearer key-number-1"]


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
async def test_a_key_that_a_server_repeats_is_not_repeated_by_us(status: int) -> None:
    message = f"Bad key {KEY} (Authorization: Bearer {KEY}, ?key={KEY})"
    reply = refused(status, message) if status != 200 else Canned(
        pieces=[delta(content="a"), event(error={"message": message})])  # fmt: skip
    async with talking(reply) as (_, provider):
        assert "abcdefgh" not in str(await failure_of(provider))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["", "/v1/elsewhere"])
async def test_a_redirect_is_refused_and_the_key_goes_nowhere(status: int, path: str) -> None:
    async with ChatServer([said("I am a thief.")]) as thief:
        target = path or thief.base_url
        moved = Canned(status=status, headers={"location": target})
        async with talking(moved) as (server, provider):
            error = await failure_of(provider)
        assert type(error) is BadRequest
        assert not error.retryable
        assert len(server.requests) == 1
        assert thief.connections == 0


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


async def test_an_empty_answer_is_asked_for_once_more_and_then_shown() -> None:
    nothing = said("", usage=(5, 0))
    async with talking(nothing, nothing, said("Late.")) as (server, provider):
        message, told = await persisted(provider)
    assert (message.parts, message.stop) == ((), "end_turn")
    assert len(server.chats) == 2
    assert "empty" in told[0].reason
