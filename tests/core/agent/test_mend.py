"""Broken JSON of calls: mended where only the form is wrong, never completed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ion_core.agent.mend import is_cut_off, mended

MEANT = {"path": "a.txt", "content": 'it\'s "so"\n{x}'}
PLAIN = json.dumps(MEANT)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=6), values, min_size=1, max_size=3)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"```\n{PLAIN}```",
        json.dumps(PLAIN),
        json.dumps(json.dumps(PLAIN)),
        PLAIN[:-1] + ",}",
        f"{PLAIN}{PLAIN}",
        f"{{}}{PLAIN}",
        f"  {PLAIN}\n",
        "{'path': 'a.txt', 'content': 'it\\'s \"so\"\\n{x}'}",
        '{"path": "a.txt", "content": "it\'s \\"so\\"\n{x}"}',
    ],
)
def test_a_wrong_form_is_mended(text: str) -> None:
    assert mended(text) == MEANT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[1]",
        '"hello"',
        "3",
        '{"path": "a"} and then {"path": "b"}',
        '{"path": "a"}{"path": "b"}',
        '{"path": "a" "content": "b"}',
        "path=a",
        '{"command": "say "hi" now"}',
    ],
)
def test_what_is_not_certain_stays_broken(text: str) -> None:
    assert mended(text) is None


@given(value=objects)
def test_what_was_cut_off_is_never_completed(value: dict[str, Any]) -> None:
    for text in (json.dumps(value), json.dumps(json.dumps(value))):
        for end in range(len(text)):
            assert mended(text[:end]) is None
    assert is_cut_off(json.dumps(value)[:-1])
    assert mended(json.dumps(value)) == value
