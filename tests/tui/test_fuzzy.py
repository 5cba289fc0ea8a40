"""Typed letters and rows: what a list keeps, and what comes first."""

from __future__ import annotations

import pytest

from ion_tui.fuzzy import matching, score
from ion_tui.widgets.listbox import Choice


def found(words: str, *names: str) -> list[str]:
    return [row.name for row in matching([Choice(value=n, name=n) for n in names], words)]


@pytest.mark.parametrize("word", ["cs5", "clsn", "sonnet5", "claudeson"])
def test_scattered_letters_find_a_name(word: str) -> None:
    assert score("claude-sonnet-5", word) is not None


@pytest.mark.parametrize("word", ["5sc", "gpt", "claude-sonnet-55"])
def test_letters_that_are_missing_or_out_of_order_do_not(word: str) -> None:
    assert score("claude-sonnet-5", word) is None


def test_letters_far_apart_in_a_long_title_are_no_find() -> None:
    assert found("oak", "open the session that was running all week") == []


def test_whole_words_come_before_parts_and_parts_before_scattered_letters() -> None:
    assert found("son", "sea-of-nouns", "person", "claude-sonnet") == [
        "claude-sonnet",
        "person",
        "sea-of-nouns",
    ]


def test_of_two_equal_finds_the_shorter_name_is_first() -> None:
    assert found("gpt-5.6", "gpt-5.6-mini", "gpt-5.6") == ["gpt-5.6", "gpt-5.6-mini"]


def test_every_word_must_fit_somewhere() -> None:
    rows = [
        Choice(value=1, lead="openrouter/", name="kimi-k3", detail="thinking"),
        Choice(value=2, lead="moonshot/", name="kimi-k3", detail="vision"),
    ]
    assert [row.value for row in matching(rows, "kimi router")] == [1]
    assert [row.value for row in matching(rows, "k3 vision")] == [2]
    assert matching(rows, "kimi vertex") == []


def test_a_heading_is_never_found_and_nothing_typed_keeps_everything() -> None:
    rows = [Choice(name="Recent"), Choice(value=1, name="recent-model")]
    assert [row.value for row in matching(rows, "recent")] == [1]
    assert matching(rows, " ") == rows
