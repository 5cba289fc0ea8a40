from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    StreamBroken,
    Unauthorised,
)
from ion_core.providers.error_body import told
from ion_core.providers.faults import fault, stream_fault
from ion_core.providers.patience import retry_after_s

ERRORS = Path(__file__).parents[4] / "shared" / "fixtures" / "errors"
CASES = sorted(path for path in ERRORS.glob("*.json") if ".expected" not in path.name)
KINDS: dict[str, type[ProviderError]] = {
    "auth": Unauthorised,
    "rate_limit": RateLimited,
    "overloaded": Overloaded,
    "invalid_request": BadRequest,
    "not_found": BadRequest,
    "tool_use_failed": BadRequest,
    "quota": QuotaExceeded,
    "context_overflow": ContextOverflow,
}


def failed(status: int, body: Any, **headers: str) -> ProviderError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return fault(status, {name.replace("_", "-"): text for name, text in headers.items()}, data)


@pytest.mark.skipif(not ERRORS.is_dir(), reason="the shared recordings are absent")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_recorded_error_is_of_its_kind(path: Path) -> None:
    case = json.loads(path.read_text())
    wanted = json.loads(path.with_suffix(".expected.json").read_text())
    body = case["body"]
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    error = fault(case["http_status"], case["headers"], data)
    assert type(error) is KINDS[wanted["kind"]]
    assert error.retryable is wanted["retryable"]
    assert error.retry_after == wanted["retry_after_s"]
    assert "<" not in str(error)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, BadRequest, False),
        (401, Unauthorised, False),
        (402, QuotaExceeded, False),
        (403, Unauthorised, False),
        (404, BadRequest, False),
        (408, Overloaded, True),
        (413, ContextOverflow, False),
        (425, Overloaded, True),
        (429, RateLimited, True),
        (500, Overloaded, True),
        (501, Overloaded, False),
        (503, Overloaded, True),
        (524, Overloaded, True),
        (529, Overloaded, True),
    ],
)
def test_a_status_alone_says_enough(
    status: int, kind: type[ProviderError], retryable: bool
) -> None:
    error = failed(status, {"error": {"message": "sorry"}})
    assert (type(error), error.retryable) == (kind, retryable)
    assert "sorry" in str(error)


def test_an_empty_400_is_a_full_context_but_an_empty_404_is_not() -> None:
    assert type(failed(400, b"")) is ContextOverflow
    assert type(failed(404, b"")) is BadRequest


@pytest.mark.parametrize(
    "message",
    [
        "Rate limit reached: too many tokens per minute. Limit 30000.",
        "Rate limit exceeded: input tokens exceeds the limit of 40000 tokens per minute.",
        "Please reduce the length of the messages or wait.",
    ],
)
def test_a_429_is_never_a_full_context(message: str) -> None:
    assert type(failed(429, {"error": {"message": message}})) is RateLimited


@pytest.mark.parametrize(
    "message",
    ["Image size exceeds the limit of 5 MB", "max_tokens: the limit is 8192", "Too many tools"],
)
def test_other_limits_are_not_a_full_context(message: str) -> None:
    assert type(failed(400, {"error": {"message": message}})) is BadRequest


def test_a_request_larger_than_a_minute_allows_is_not_sent_again() -> None:
    text = "Request too large for gpt-5 on tokens per min (TPM): Limit {}, Requested {}."
    message = {"error": {"message": text.format("30,000", "45,000")}}
    assert failed(429, message).retryable is False
    assert failed(429, {"error": {"message": text.format(30000, 2000)}}).retryable is True


def test_a_server_that_says_never_retry_is_believed() -> None:
    assert failed(503, {}, x_should_retry="false").retryable is False


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "a"}}, "a"),
        ({"error": "b"}, "b"),
        ({"message": "c"}, "c"),
        ({"detail": "d"}, "d"),
        ({"detail": [{"loc": ["body", "x"], "msg": "e"}]}, "body.x: e"),
        ({"detail": [{"msg": "e"}]}, "e"),
        ([{"error": {"message": "f"}}], "f"),
        (b"plain words", "plain words"),
        ({"unheard": "of"}, '{"unheard":"of"}'),
    ],
)
def test_the_message_is_found_wherever_it_is(body: Any, words: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert told(data, 400).message == words


def test_what_the_provider_behind_openrouter_said_is_shown() -> None:
    metadata = {"provider_name": "Google", "raw": "slow down please"}
    error = failed(429, {"error": {"message": "Provider returned error", "metadata": metadata}})
    assert "Google: slow down please" in str(error)


def test_a_web_page_is_not_shown_but_explained() -> None:
    error = failed(502, b"\n<!DOCTYPE html><html><body>Bad gateway</body></html>")
    assert "<" not in str(error)
    assert "base_url" in str(error)


def test_keys_never_appear_in_a_message() -> None:
    body = b'{"error": {"message": "Bearer tok-1234567 or sk-abcdefghijk or my-secret"}}'
    error = fault(401, {}, body, secret="my-secret")
    for leak in ("tok-1234567", "sk-abc", "my-secret"):
        assert leak not in str(error)


def test_moderation_is_a_refusal() -> None:
    error = failed(403, {"error": {"code": 403, "message": "Your input was flagged"}})
    assert type(error) is Refused
    azure = {"error": {"code": "content_filter", "message": "The prompt was filtered"}}
    assert type(failed(400, azure)) is Refused


def test_a_redirect_names_its_target() -> None:
    error = failed(308, b"", location="https://elsewhere/v1")
    assert type(error) is BadRequest
    assert "https://elsewhere/v1" in str(error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 400, "message": "Token limit reached"}, BadRequest),
        ({"code": "tool_use_failed", "type": "invalid_request_error", "message": "m"}, BadRequest),
        ({"code": 502, "message": "upstream"}, Overloaded),
        ({"code": 429, "message": "slow"}, RateLimited),
        ({"type": "server_error", "message": "oops"}, Overloaded),
        ({"type": "overloaded_error", "message": "oops"}, Overloaded),
        ({"code": "insufficient_quota", "message": "pay"}, QuotaExceeded),
        ({"code": "context_length_exceeded", "message": "long"}, ContextOverflow),
        ("something went wrong", StreamBroken),
        ({"message": "who knows"}, StreamBroken),
    ],
)
def test_an_error_within_an_answer_is_of_its_kind(error: Any, kind: type[ProviderError]) -> None:
    assert type(stream_fault(error)) is kind


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, "", 1.5),
        ({"retry-after": "9"}, "try again in 3s", 9.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT"}, "", 30.0),
        ({"retry-after": "nonsense"}, "", None),
        ({}, "Please try again in 1.898s.", 1.898),
        ({}, "Please try again in 550ms.", 0.55),
        ({}, "Please try again in 6m0s.", 360.0),
        ({}, "Please retry after 20 seconds.", 20.0),
        ({}, "Please try again later.", None),
        ({}, "Please try again in 500 milliseconds.", 0.5),
        ({}, "Rate limited; retry after 1 minute and 5 seconds", 65.0),
        ({}, "Your limit resets in 1d2h", 93600.0),
        ({"x-ratelimit-reset-tokens": "6m0s"}, "", 360.0),
        ({"x-ratelimit-reset-tokens": "1.898s"}, "try again in 2s", 2.0),
        ({"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-reset-requests": "20ms"}, "", 0.02),
        (
            {
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-requests": "20ms",
                "x-ratelimit-remaining-requests": "9",
            },
            "",
            360.0,
        ),
        ({"anthropic-ratelimit-input-tokens-reset": "2015-10-21T07:28:12Z"}, "", 12.0),
        ({"anthropic-ratelimit-input-tokens-reset": "2015-10-21T09:28:12+02:00"}, "", 12.0),
        ({"anthropic-ratelimit-requests-reset": "soon"}, "", None),
        ({"x-ratelimit-reset": "1445412487000"}, "", 7.0),
        ({"x-ratelimit-reset": "1445412487"}, "", 7.0),
        ({"ratelimit-reset": "7"}, "", 7.0),
        ({"x-ratelimit-reset": "0"}, "", None),
        ({"x-ratelimit-limit-tokens": "9"}, "", None),
    ],
)
def test_the_wish_to_wait_is_understood(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    words = told({"error": {"message": message}}, 429)
    at = 1445412480.0  # Wed, 21 Oct 2015 07:28:00 GMT
    assert retry_after_s(headers, words, lambda: at) == pytest.approx(seconds)


def test_a_healthy_server_s_limits_are_no_wish_to_wait() -> None:
    assert failed(503, {}, x_ratelimit_reset_tokens="6m0s").retry_after is None
    assert failed(503, {}, retry_after="3").retry_after == 3.0


def test_a_server_that_says_retry_is_believed_where_that_can_help() -> None:
    assert failed(400, {"error": {"message": "odd"}}, x_should_retry="true").retryable is True
    assert failed(401, {"error": {"message": "no"}}, x_should_retry="true").retryable is False
    quota = {"error": {"code": "insufficient_quota", "message": "pay"}}
    assert failed(429, quota, x_should_retry="true").retryable is False


def test_the_limit_of_a_provider_behind_a_router_is_understood() -> None:
    metadata = {"headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "40s"}}
    error = failed(429, {"error": {"message": "slow", "metadata": metadata}})
    assert error.retry_after == 40.0


LEAKS = [
    "Authorization: Bearer abcdefgh12345",
    "authorization: Basic dXNlcjpwYXNz",
    '{"x-api-key": "abcdefgh12345"}',
    "x-goog-api-key=abcdefgh12345",
    "GET /v1/models?key=abcdefgh12345&alt=sse",
    "https://host/v1?access_token=abcdefgh12345",
    "cookie: session=abcdefgh12345; other=zyxwvut98765",
    "set-cookie: __cf_bm=abcdefgh12345; path=/",
    "chatgpt-account-id: 1234abcd-12ab-34cd-56ef-1234567890ab",
    "key sk-ant-api03-abcdefgh12345 is wrong",
    "key sk-proj-abcdefgh12345 is wrong",
    "key gsk_abcdefgh12345 is wrong",
    "key AIzaSyabcdefgh12345 is wrong",
    "token eyJhbGciOi.eyJzdWIiOiIx.abcdefgh12345",
    "in organization org-abcdefgh12345 on tokens per min",
    "credential AKIAABCDEFGH12345678 is wrong",
    "known-secret-of-this-run was refused",
]


@pytest.mark.parametrize("text", LEAKS)
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_nothing_that_lets_somebody_in_is_in_an_error(text: str, status: int) -> None:
    secrets = ("known-secret-of-this-run", "")
    for body in (text.encode(), json.dumps({"error": {"message": text}}).encode()):
        shown = str(fault(status, {}, body, secret=secrets))
        for leak in ("abcdefgh", "zyxwvut", "dXNlcjpwYXNz", "1234abcd", "ABCDEFGH", "known-secret"):
            assert leak not in shown
    shown = str(stream_fault({"message": text}, secret=secrets))
    assert "abcdefgh" not in shown


def test_a_redirect_shows_no_key_either() -> None:
    error = fault(307, {"location": "https://evil/?key=abcdefgh12345"}, b"")
    assert "abcdefgh" not in str(error)


def test_words_that_only_sound_like_secrets_stay() -> None:
    text = "The organization-wide limit of this key is reached; task-force sk-9 said so."
    assert text in str(failed(400, {"error": {"message": text}}))
