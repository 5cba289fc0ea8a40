from __future__ import annotations

import pytest

from ion_core import errors
from ion_core.ids import entry_id, entry_row, new_session_id
from ion_core.usage import Price, Usage, cost


def test_session_ids_sort_by_time_and_are_version_7() -> None:
    ids = [new_session_id(lambda t=t: 1.7e9 + t) for t in range(5)]
    assert ids == sorted(ids)
    assert all(len(i) == 36 and i[14] == "7" and i[19] in "89ab" for i in ids)


@pytest.mark.parametrize("row", [1, 31, 32, 4711, 2**40])
def test_entry_ids_name_their_row(row: int) -> None:
    assert entry_row(entry_id(row)) == row


@pytest.mark.parametrize("text", ["", "e", "x12", "e!!"])
def test_a_wrong_entry_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an entry id"):
        entry_row(text)  # type: ignore[arg-type]


def test_costs_are_whole_nano_dollars() -> None:
    usage = Usage(input=1_000, output=100, cache_read=10_000, cache_write=10)
    price = Price(input=3.0, output=15.0, cache_read=0.3, cache_write=3.75)
    assert cost(usage, price) == 3_000_000 + 1_500_000 + 3_000_000 + 37_500


def test_an_unknown_price_is_unknown_and_not_free() -> None:
    assert cost(Usage(input=5), None) is None


def test_usage_adds_and_keeps_unknown_reasoning_unknown() -> None:
    assert (Usage(input=1) + Usage(input=2, output=3)).reasoning is None
    assert (Usage(reasoning=1) + Usage()).reasoning == 1


def test_error_kinds_are_snake_case() -> None:
    assert errors.RateLimited("slow down").kind == "rate_limited"
    assert errors.ContextOverflow("too long").kind == "context_overflow"
    assert errors.RateLimited("slow down").retryable
    assert not errors.BadRequest("no").retryable


def test_a_configuration_error_says_where() -> None:
    assert str(errors.ConfigError("unknown key", file="c.toml", line=3)) == "c.toml:3: unknown key"
