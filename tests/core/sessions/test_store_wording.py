"""Titles, previews and the text that is searched."""

from __future__ import annotations

import pytest

from ion_core.entries import ModeChange
from ion_core.messages import user
from ion_core.sessions.wording import preview_of, searchable, title_of
from tests.fakes.sessions import said


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        (" \n \n", ""),
        ("fix the bug", "fix the bug"),
        ("\n\n  two\t words \nmore", "two words"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("word " * 20, "word " * 10 + "word…"),
        (
            "please rename the configuration loader, and all of its callers",
            "please rename the configuration loader, and all of its…",
        ),
    ],
)
def test_a_title_is_the_first_line_cut_at_a_word(text: str, title: str) -> None:
    assert title_of(text) == title
    assert len(title_of(text)) <= 60


def test_a_preview_is_one_line_of_two_hundred_characters() -> None:
    assert preview_of("a\n\n b\tc ") == "a b c"
    assert preview_of("word\n" * 1_000) == ("word " * 40)[:200]


def test_what_is_searched_says_who_spoke() -> None:
    assert searchable(user("hello")) == ("user", "hello")
    assert searchable(said("I will run it.", "c1")) == (
        "assistant",
        "I will run it.\nbash\nrun c1",
    )
    assert searchable(ModeChange(mode="read")) == ("", "")
