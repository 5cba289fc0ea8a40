"""A plan that is used up says when it begins anew."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ion_core.errors import QuotaExceeded
from ion_core.providers.error_body import told
from ion_core.providers.faults import stream_fault
from ion_core.providers.plan_limits import plan_advice

NOW = 1_795_000_000.0


def advice(headers: dict[str, str] | None = None, **error: Any) -> str:
    words = told(json.dumps({"error": {"message": "no", **error}}).encode(), 429)
    return plan_advice(words, headers or {}, lambda: NOW)


def resets(at: float) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
    return f"The plan's limit resets at {when}; use another model until then."


@pytest.mark.parametrize(
    ("error", "at"),
    [
        ({"resets_at": 1_795_392_000}, 1_795_392_000),
        ({"resets_in_seconds": 5400}, NOW + 5400),
        ({"resets_at": 1_795_392_000, "resets_in_seconds": 5400}, 1_795_392_000),
    ],
)
def test_the_error_itself_says_when(error: dict[str, int], at: float) -> None:
    assert advice(type="usage_limit_reached", **error) == resets(at)


def test_headers_say_it_for_the_windows_that_are_full() -> None:
    headers = {
        "x-codex-primary-used-percent": "40",
        "x-codex-primary-reset-at": "1795100000",
        "x-codex-secondary-used-percent": "100.0",
        "x-codex-secondary-reset-at": "1795200000",
    }
    assert advice(headers) == resets(1_795_200_000)
    both = headers | {"x-codex-primary-used-percent": "100"}
    assert advice(both) == resets(1_795_200_000)
    after = {
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-reset-after-seconds": "60",
    }
    assert advice(after) == resets(NOW + 60)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-codex-primary-used-percent": "soon"}, {"x-codex-primary-used-percent": "100"}],
)
def test_nothing_is_said_where_nothing_is_known(headers: dict[str, str]) -> None:
    assert advice(headers, code="insufficient_quota") == ""


def test_a_plan_that_does_not_include_it_says_so() -> None:
    assert "API key" in advice(type="usage_not_included")


def test_an_error_within_a_stream_says_it_too() -> None:
    error = {"code": "usage_limit_reached", "message": "Reached.", "resets_at": 1_795_392_000}
    fault = stream_fault(error)
    assert isinstance(fault, QuotaExceeded)
    assert str(fault).endswith(resets(1_795_392_000))
