"""Error bodies of many vendors, each by its own words, and the kind that each of them is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    Unauthorised,
)
from ion_core.providers.faults import fault, stream_fault

LIMIT = "Limit 6000, Requested 8000, please reduce your message size and try again."

FULL: list[tuple[int, Any]] = [
    (400, {"error": {"code": "1261", "message": "Prompt exceeds max length"}}),
    (400, {"error": {"message": "Range of input length should be [1, 129024]"}}),
    (400, {"error": {"message": "Input tokens exceed the configured limit of 272000 tokens."}}),
    (422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5010"}),
    (422, {"error": "`inputs` must have less than 4095 tokens. Given: 5000"}),
    (400, {"error": {"message": "The prompt (length 9) is longer than the maximum model length"}}),
    (400, {"message": "The input (9 tokens) is longer than the model's context length (8 tokens)"}),
    (400, {"message": "Requested token count exceeds the model's maximum context length of 8"}),
    (400, {"message": "Input length 9 exceeds the maximum allowed input length of 8 tokens."}),
    (400, {"message": "Input length (9) exceeds model's maximum context length (8)."}),
    (400, {"error": "prompt too long; exceeded max context length by 5 tokens"}),
    (400, {"error": "The model is loaded with context length of only 4096 tokens."}),
    (400, {"error": {"message": "litellm.ContextWindowExceededError: no room"}}),
    (400, {"error": {"message": "The request size exceeds the model's context window"}}),
    (400, {"error": {"message": "Context overflow: prompt too large for the model"}}),
]

OUT_OF_CREDIT: list[tuple[int, Any]] = [
    (400, {"error": {"message": "You have reached your specified API usage limits."}}),
    (403, {"code": "no permission", "error": "Your team doesn't have any credits or licenses yet"}),
    (429, {"code": "exhausted", "error": "Your team has used all available credits"}),
    (403, {"error": {"message": "Key limit exceeded (total limit).", "code": 403}}),
    (412, {"error": {"message": "Account x is suspended, possibly at its spending limit"}}),
    (403, {"error": {"message": "No free tier.", "code": "AllocationQuota.FreeTierOnly"}}),
    (429, {"error": {"message": "Your month is used up", "code": "quota_exceeded"}}),
    (400, {"error": {"message": "User over budget", "type": "budget_exceeded", "code": "400"}}),
]

DECLINED: list[tuple[int, Any]] = [
    (400, {"error": {"message": "Output blocked by content filtering policy"}}),
    (400, {"error": {"message": "It was flagged as potentially violating our usage policy."}}),
    (400, {"error": {"code": "1301", "message": "potentially unsafe or sensitive content"}}),
    (400, {"error": {"code": "data_inspection_failed", "message": "Input data may be wrong."}}),
]


ZAI = [
    ("1113", QuotaExceeded),
    ("1310", QuotaExceeded),
    ("1112", Unauthorised),
    ("1261", ContextOverflow),
    ("1301", Refused),
    ("1302", RateLimited),
]


def raised(status: int, body: Any) -> ProviderError:
    return fault(status, {}, msgspec.json.encode(body))


@pytest.mark.parametrize(("status", "body"), FULL)
def test_a_prompt_without_room_is_a_full_context(status: int, body: Any) -> None:
    assert type(raised(status, body)) is ContextOverflow


@pytest.mark.parametrize(("status", "body"), OUT_OF_CREDIT)
def test_an_account_without_credit_is_not_asked_again(status: int, body: Any) -> None:
    error = raised(status, body)
    assert (type(error), error.retryable) == (QuotaExceeded, False)


@pytest.mark.parametrize(("status", "body"), DECLINED)
def test_what_a_safety_system_declines_is_a_refusal(status: int, body: Any) -> None:
    error = raised(status, body)
    assert (type(error), error.retryable) == (Refused, False)


def test_a_message_larger_than_a_minute_allows_is_no_full_context() -> None:
    words = f"Request too large for model `x` on tokens per minute (TPM): {LIMIT}"
    error = raised(413, {"error": {"message": words, "code": "rate_limit_exceeded"}})
    assert (type(error), error.retryable) == (RateLimited, False)


def test_no_room_for_a_flexible_request_passes() -> None:
    error = raised(498, {"error": {"message": "Flex capacity exceeded"}})
    assert (type(error), error.retryable) == (Overloaded, True)


def test_a_closed_account_needs_another_key() -> None:
    error = raised(400, {"error": {"message": "This organization has been disabled."}})
    assert type(error) is Unauthorised


def test_the_status_in_the_body_counts_where_the_answer_claims_success() -> None:
    assert type(raised(200, {"error": {"message": "Slower, please", "code": 429}})) is RateLimited


def test_an_unknown_model_within_an_answer_is_not_asked_for_again() -> None:
    error = stream_fault({"object": "error", "message": "Invalid model", "type": "invalid_model"})
    assert type(error) is BadRequest


def test_a_body_that_is_no_utf8_still_says_what_is_wrong() -> None:
    error = fault(401, {}, b'{"error": {"message": "bad \xff key"}}')
    assert type(error) is Unauthorised
    assert "bad \ufffd key" in str(error)


def test_a_body_that_is_nested_too_deeply_is_only_text() -> None:
    assert type(fault(400, {}, b"[" * 100_000)) is BadRequest


def test_details_of_any_form_are_read_over() -> None:
    for details in (7, "why", {"reason": "WHY"}, [None, {"reason": ["WHY"]}]):
        body = {"error": {"message": "No.", "code": 429, "details": details}}
        assert type(raised(429, body)) is RateLimited


@pytest.mark.parametrize(("code", "kind"), ZAI)
def test_a_number_says_enough_where_the_words_are_chinese(
    code: str, kind: type[ProviderError]
) -> None:
    status = 400 if code in ("1261", "1301") else 429
    body = {"error": {"code": code, "message": "\u8bf7\u7a0d\u540e"}}
    assert type(raised(status, body)) is kind
