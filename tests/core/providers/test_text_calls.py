"""Calls that were written as text are found; everything else stays text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ion_core.providers.base import ToolSpec
from ion_core.providers.loose_json import decode
from ion_core.providers.text_calls import Sieve, Written, pieces


def _tool(name: str, *required: str) -> ToolSpec:
    properties = {field: {"type": "string"} for field in required}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return ToolSpec(name=name, description="", schema=schema)


TOOLS = (_tool("read", "path"), _tool("write", "path", "content"), _tool("list"))
READ = Written(name="read", arguments={"path": "a.py"})


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"name": "read", "arguments": {"path": "a.py"}}\n```',
        '```\n{"tool": "read", "parameters": {"path": "a.py"}}\n```',
        '<tool_call>{"name": "read", "arguments": {"path": "a.py"}}</tool_call>',
        '<tool_call>\n{"function": "read", "args": {"path": "a.py"}}\n',
        '<function_call>{"name": "read", "input": {"path": "a.py"}}</function_call>',
        '{"name": "read", "arguments": {"path": "a.py"}}',
        '  [{"name": "read", "arguments": {"path": "a.py"}}]\n',
        '{"type": "function", "function": {"name": "read", "arguments": {"path": "a.py"}}}',
        '{"name": "read", "arguments": "{\\"path\\": \\"a.py\\"}"}',
        "{'name': 'read', 'arguments': {'path': 'a.py',},}",
    ],
)
def test_each_known_form_is_one_call(text: str) -> None:
    assert pieces(text, TOOLS) == [READ]


def test_text_before_and_after_a_call_stays() -> None:
    text = 'I look.\n<tool_call>{"name": "list", "arguments": {}}</tool_call>\nThen more.'

    before, call, after = pieces(text, TOOLS)

    assert (before, after) == ("I look.\n", "\nThen more.")
    assert call == Written(name="list", arguments={})


def test_several_calls_in_a_row_are_all_found() -> None:
    one = '{"name": "read", "arguments": {"path": "a.py"}}'
    other = '{"name": "list", "arguments": {}}'

    for text in (
        f"{one}\n{other}",
        f"[{one}, {other}]",
        f"```json\n{one}\n{other}\n```",
        f"<tool_call>{one}</tool_call>\n<tool_call>{other}</tool_call>",
    ):
        assert pieces(text, TOOLS) == [READ, Written(name="list", arguments={})]


def test_a_line_end_inside_a_string_is_mended() -> None:
    text = '```json\n{"name": "write", "arguments": {"path": "a", "content": "x\ny\t"}}\n```'

    assert pieces(text, TOOLS) == [
        Written(name="write", arguments={"path": "a", "content": "x\ny\t"})
    ]


def test_a_fence_inside_the_content_of_a_call_does_not_end_it() -> None:
    content = "# Title\n```python\nprint(1)\n```\n"
    call = {"name": "write", "arguments": {"path": "a.md", "content": content}}

    assert pieces(f"```json\n{json.dumps(call)}\n```", TOOLS) == [
        Written(name="write", arguments={"path": "a.md", "content": content})
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "delete_everything", "arguments": {}}',
        '```json\n{"name": "read"}\n```',
        '```json\n{"name": "read", "arguments": {"file": "a.py"}}\n```',
        '```json\n{"port": 8080}\n```',
        "```python\nread('a.py')\n```",
        'A call looks like {"name": "read", "arguments": {"path": "a.py"}} in text.',
        '<tool_call>{"name": "read", "arguments": {"path": "a.p',
        "It said ```json and nothing else.",
        "",
    ],
)
def test_everything_else_stays_text(text: str) -> None:
    assert pieces(text, TOOLS) == [text]


@given(st.text(alphabet=st.sampled_from("ab {}[]\"',:\n`<>\\/tool_calljson")))
def test_text_is_never_lost_or_invented(text: str) -> None:
    found = pieces(text, TOOLS)

    if all(isinstance(piece, str) for piece in found):
        assert "".join(str(piece) for piece in found) == text


@given(
    st.text(max_size=30).filter(lambda text: "`" not in text and "<" not in text),
    st.dictionaries(st.sampled_from(["path", "content"]), st.text(), min_size=2),
    st.sampled_from(["```json\n{}\n```", "<tool_call>{}</tool_call>"]),
)
def test_a_call_is_found_after_any_text(before: str, fields: dict[str, str], form: str) -> None:
    call = json.dumps({"name": "write", "arguments": fields})

    found = pieces("x" + before + form.replace("{}", call), TOOLS)

    assert found == ["x" + before, Written(name="write", arguments=fields)]


def _shown(parts: Sequence[str]) -> str:
    sieve = Sieve(TOOLS)
    return "".join(sieve.feed(part) for part in parts)


MORSELS = st.sampled_from(
    ["a ", "`", "```", "json", "\n", "{", "}", "<tool", "_call>", "1", '"', "\\", "[", ", ", "'"]
)
CALL_TEXT = '<tool_call>{"name": "read", "arguments": {"path": "a.py"}}</tool_call>'


@given(st.lists(MORSELS, max_size=40))
def test_what_is_shown_of_a_growing_text_is_its_beginning(parts: list[str]) -> None:
    whole = "".join(parts)
    first = pieces(whole, TOOLS)[0]

    assert whole.startswith(_shown(parts))
    assert not isinstance(first, str) or first.startswith(_shown(parts))


@example(["```", "["], ["}"])
@given(st.lists(MORSELS, max_size=40), st.lists(MORSELS, max_size=40))
def test_a_call_is_never_shown_however_the_text_is_cut(before: list[str], after: list[str]) -> None:
    parts = [*before, *CALL_TEXT, *after]
    found = pieces("".join(parts), TOOLS)

    if found and isinstance(found[0], str) and len(found) > 1:
        assert len(_shown(parts)) <= len(found[0])


@given(st.lists(MORSELS, max_size=40), st.randoms())
def test_the_same_is_shown_however_a_text_is_cut(parts: list[str], random: Random) -> None:
    whole = "".join(parts)
    ends = sorted(random.choices(range(len(whole) + 1), k=5))
    cut = [whole[a:b] for a, b in pairwise([0, *ends, len(whole)])]

    assert _shown(cut) == _shown(whole) == _shown([whole])


def test_a_second_value_that_is_no_call_shows_nothing_early() -> None:
    text = '```json\n{"name": "list", "arguments": {}}\n{"a": 1}\n```'
    assert _shown(text) == _shown([text]) == ""


def test_prose_is_shown_at_once_and_a_call_is_held_back() -> None:
    assert _shown(["I look at a < b."]) == "I look at a < b."
    assert _shown(["I look.\n<tool"]) == "I look.\n"
    assert _shown([f"I look.\n{CALL_TEXT} and"]) == "I look.\n"
    assert _shown(["```python\nx = 1"]) == "```python\nx = 1"


def test_a_block_of_json_that_is_no_call_is_shown_when_it_ends() -> None:
    sieve = Sieve(TOOLS)

    assert sieve.feed('See:\n```json\n{"a": "}') == "See:\n"
    assert sieve.feed("\\") == ""
    assert sieve.feed('""}\n``') == '```json\n{"a": "}\\""}\n'
    assert sieve.feed("`\nThat is all.") == "```\nThat is all."


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), json_values))
def test_python_literals_and_json_decode_alike(value: dict[str, object]) -> None:
    assert decode(json.dumps(value)) == value
    assert decode(json.dumps(value, ensure_ascii=False)) == value


def test_mending_leaves_words_inside_strings_alone() -> None:
    assert decode("{'a': 'None, True', 'b': None, 'c': [True, False,],}") == {
        "a": "None, True",
        "b": None,
        "c": [True, False],
    }
