"""Google's errors, each as what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Unauthorised,
)
from ion_core.providers.faults import fault, stream_fault

GOOGLE = "type.googleapis.com/google.rpc."


def failed(code: int, status: str, message: str = "no", *details: dict[str, Any]) -> ProviderError:
    error = {"code": code, "status": status, "message": message, "details": list(details)}
    return fault(code, {}, json.dumps({"error": error}).encode())


def violated(quota: str) -> dict[str, Any]:
    return {"@type": GOOGLE + "QuotaFailure", "violations": [{"quotaId": quota}]}


def retry_in(delay: str) -> dict[str, Any]:
    return {"@type": GOOGLE + "RetryInfo", "retryDelay": delay}


def because(reason: str) -> dict[str, Any]:
    return {"@type": GOOGLE + "ErrorInfo", "reason": reason, "domain": "googleapis.com"}


@pytest.mark.parametrize(
    "quota", ["GenerateRequestsPerDayPerProjectPerModel-FreeTier", "RequestsDailyPerUser"]
)
def test_a_quota_of_a_day_is_spent_even_when_it_says_when_to_retry(quota: str) -> None:
    error = failed(429, "RESOURCE_EXHAUSTED", "Quota.", violated(quota), retry_in("12s"))
    assert type(error) is QuotaExceeded
    assert (error.retryable, error.retry_after) == (False, None)


def test_a_model_without_a_free_tier_is_a_quota() -> None:
    message = "Quota exceeded for metric: free_tier_requests, limit: 0, model: m. Retry in 9s."
    assert type(failed(429, "RESOURCE_EXHAUSTED", message)) is QuotaExceeded


@pytest.mark.parametrize(
    ("message", "details", "wait_s"),
    [
        ("Slow down.", [retry_in("34.4s")], 34.4),
        ("Quota exceeded, limit: 20. Please retry in 34.074824224s.", [], 34.074824224),
        ("Please retry in 850.5ms.", [], 0.8505),
        ("You have exhausted your capacity. It will reset after 1h2m3s.", [], 3723.0),
        ("Quota.", [violated("GenerateRequestsPerMinutePerProject")], 60.0),
        ("Resource exhausted. Please try again later.", [], None),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(
    message: str, details: list[dict[str, Any]], wait_s: float | None
) -> None:
    error = failed(429, "RESOURCE_EXHAUSTED", message, *details)
    assert type(error) is RateLimited
    assert error.retryable
    assert error.retry_after == pytest.approx(wait_s)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (failed(400, "INVALID_ARGUMENT", "x", because("API_KEY_INVALID")), Unauthorised),
        (failed(400, "INVALID_ARGUMENT", "API key expired. Please renew it."), Unauthorised),
        (failed(401, "UNAUTHENTICATED"), Unauthorised),
        (failed(403, "PERMISSION_DENIED", "API key was reported as leaked."), Unauthorised),
        (failed(403, "PERMISSION_DENIED", "Disabled.", because("BILLING_DISABLED")), QuotaExceeded),
        (failed(400, "FAILED_PRECONDITION", "Please enable billing on x."), QuotaExceeded),
        (failed(400, "FAILED_PRECONDITION", "User location is not supported."), BadRequest),
        (failed(429, "RESOURCE_EXHAUSTED", "Prepayment credits are depleted."), QuotaExceeded),
        (failed(404, "NOT_FOUND"), BadRequest),
        (failed(499, "CANCELLED"), Overloaded),
        (failed(500, "INTERNAL"), Overloaded),
        (failed(503, "UNAVAILABLE"), Overloaded),
        (failed(504, "DEADLINE_EXCEEDED"), Overloaded),
        (failed(500, "INTERNAL", "Your input context is too long."), ContextOverflow),
        (
            failed(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 9 bytes."),
            ContextOverflow,
        ),
        (
            failed(400, "INVALID_ARGUMENT", "the input token count is 12 but m takes up to 10"),
            ContextOverflow,
        ),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, ProviderError) else None,
)
def test_a_status_means_what_google_says(error: ProviderError, kind: type[ProviderError]) -> None:
    assert type(error) is kind
    assert error.retryable == (kind is Overloaded)


def test_an_error_within_an_answer_is_the_same_error() -> None:
    error = stream_fault({"code": 503, "status": "UNAVAILABLE", "message": "Busy."})
    assert type(error) is Overloaded
    assert error.retryable


@pytest.mark.parametrize("key", ["AIza" + "b" * 35, "AQ." + "c" * 40, "ya29." + "d" * 30])
def test_no_kind_of_google_key_is_repeated(key: str) -> None:
    error = failed(400, "INVALID_ARGUMENT", f"the key {key} is not for this")
    assert key not in str(error)
    assert "[key]" in str(error)
