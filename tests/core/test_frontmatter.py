"""The head of a Markdown file, as people write it."""

from __future__ import annotations

import pytest

from ion_core.frontmatter import parsed, words


def test_a_head_is_told_apart_from_the_body() -> None:
    found = parsed("---\nname: x\ntools: [a, b]\n---\n# Body\n---\nmore\n")
    assert found.meta == {"name": "x", "tools": ["a", "b"]}
    assert found.body == "# Body\n---\nmore\n"
    assert not found.problem


def test_a_file_without_a_head_is_all_body() -> None:
    assert parsed("# Title\n\n---\nnot: a head\n---\n").meta == {}


def test_windows_lines_and_a_byte_order_mark_are_read() -> None:
    found = parsed("\ufeff---\r\nname: x\r\n---\r\nbody\r\n")
    assert (found.meta, found.body) == ({"name": "x"}, "body\r\n")


def test_a_description_with_a_colon_is_read_line_by_line() -> None:
    found = parsed("---\nname: x\ndescription: Use when: always\n  and more\n---\nb")
    assert found.meta == {"name": "x", "description": "Use when: always and more"}
    assert not found.problem


@pytest.mark.parametrize("head", ["{", "- a\n- b", "name: [a"])
def test_a_head_that_means_nothing_is_told(head: str) -> None:
    found = parsed(f"---\n{head}\n---\nbody")
    assert found.problem or found.meta == {"name": "[a"}
    assert found.body == "body"


def test_an_empty_head_is_no_problem() -> None:
    assert parsed("---\n---\nbody") == ({}, "body", "")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a b", ("a", "b")),
        ("a, b", ("a", "b")),
        (["a", " b "], ("a", "b")),
        ("Bash(git add:*), Read", ("Bash(git add:*)", "Read")),
        ("Bash(git add:*) Read", ("Bash(git add:*)", "Read")),
        (None, ()),
        ("", ()),
    ],
)
def test_lists_of_names_are_read_as_people_write_them(
    written: object, meant: tuple[str, ...]
) -> None:
    assert words(written) == meant
