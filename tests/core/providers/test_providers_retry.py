from __future__ import annotations

import pytest

from ion_core.errors import BadRequest, ConfigError, ConnectionFailed, Overloaded, RateLimited
from ion_core.providers.retry import PATIENCE_S, chance, given_up, wait_s


def test_the_wait_doubles_up_to_thirty_seconds() -> None:
    waits = [wait_s(Overloaded("x"), n, attempts=9, random=lambda: 0.5) for n in range(1, 8)]
    assert waits == [2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize(("random", "seconds"), [(0.0, 1.5), (1.0, 2.5)])
def test_the_wait_varies_by_a_quarter(random: float, seconds: float) -> None:
    assert wait_s(ConnectionFailed("x"), 1, random=lambda: random) == seconds


def test_chance_is_between_zero_and_one() -> None:
    assert all(0 <= chance() <= 1 for _ in range(100))


def test_four_requests_are_made_before_any_content() -> None:
    assert [wait_s(Overloaded("x"), n) is None for n in (1, 2, 3, 4)] == [False, False, False, True]


def test_after_content_the_request_is_begun_anew_twice() -> None:
    assert wait_s(Overloaded("x"), 2, restarts=2) is not None
    assert wait_s(Overloaded("x"), 3, restarts=3) is None


def test_the_server_s_wish_is_obeyed_exactly_and_up_to_a_minute() -> None:
    assert wait_s(RateLimited("x", retry_after=17.5), 3) == 17.5
    assert wait_s(RateLimited("x", retry_after=PATIENCE_S), 1) == PATIENCE_S
    assert wait_s(RateLimited("x", retry_after=PATIENCE_S + 1), 1) is None


def test_what_is_not_retryable_is_never_sent_again() -> None:
    assert wait_s(BadRequest("x"), 1) is None
    assert wait_s(Overloaded("x", retryable=False), 1) is None
    assert wait_s(ConfigError("x"), 1) is None


def test_giving_up_says_when_to_come_back() -> None:
    sentence = given_up(RateLimited("Slow down.", retry_after=7200), 1, now=1_800_000_000)
    assert sentence.startswith("Slow down. The provider asks to wait until 2027-01-")
    assert given_up(Overloaded("Busy."), 4, now=0.0) == "Busy. (tried 4 times)"
