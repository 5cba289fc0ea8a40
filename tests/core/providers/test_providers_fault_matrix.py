"""What a provider does when a server refuses, each refusal made by a real server on loopback."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ion_core.agent.step import StepFailed
from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    ProviderError,
    QuotaExceeded,
    Unauthorised,
)
from ion_core.providers.credential import Granted
from ion_core.providers.endpoint import Endpoint
from tests.fakes.chat_server import Canned, ChatServer, delta, event, refused, said
from tests.fakes.chat_talk import KEY, attempt, failure_of, persisted, talking
from tests.fakes.speakers import openai_chat

SOON = {"retry_after_ms": "1"}


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
        (
            _coded(429, "1308", "Usage limit reached for 5 hour. It will reset at 10:00"),
            QuotaExceeded,
        ),
        (_coded(429, "1113", "Insufficient balance or no resource package."), QuotaExceeded),
        (_coded(400, "Arrearage", "Access denied, account in Arrearage"), QuotaExceeded),
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
