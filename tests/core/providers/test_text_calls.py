"""Calls that were written as text are found; everything else stays text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ion_core.providers.base import ToolSpec
from ion_core.providers.loose_json import decode
from ion_core.providers.text_calls import Written, pieces, shown_length


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


@given(
    st.lists(st.sampled_from(["a ", "`", "```", "json", "\n", "{", "}", "<tool", "_call>", "1"]))
)
def test_what_was_certain_stays_certain_while_a_text_grows(parts: list[str]) -> None:
    text, before = "", 0
    for part in parts:
        text += part
        now = shown_length(text, TOOLS)
        assert before <= now <= len(text)
        before = now


def test_prose_is_shown_at_once_and_a_call_is_held_back() -> None:
    call = '<tool_call>{"name": "read", "arguments": {"path": "a.py"}}</tool_call>'

    assert shown_length("I look at a < b.", TOOLS) == len("I look at a < b.")
    assert shown_length("I look.\n<tool", TOOLS) == len("I look.\n")
    assert shown_length(f"I look.\n{call} and", TOOLS) == len("I look.\n")
    assert shown_length("```python\nx = 1", TOOLS) == len("```python\nx = 1")


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
