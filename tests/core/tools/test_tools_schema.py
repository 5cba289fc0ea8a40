# ruff: noqa: E501  (tables, one case a line)
"""Schemas are inlined; a model's arguments become values, or a sentence it can act on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from msgspec import Struct
from tools_bench import Bench

from ion_core.tools.ask import AskArgs
from ion_core.tools.bash import BashArgs
from ion_core.tools.edit import EditArgs
from ion_core.tools.list import ListArgs
from ion_core.tools.read import ReadArgs
from ion_core.tools.schema import BadArguments, ignored, schema_of, validate
from ion_core.tools.write import WriteArgs


def test_a_schema_holds_no_references_and_no_titles() -> None:
    text = json.dumps(schema_of(EditArgs))
    assert not any(word in text for word in ("$ref", "$defs", "title"))


def test_a_schema_of_nested_arguments_is_whole() -> None:
    edits = schema_of(EditArgs)["properties"]["edits"]
    assert edits["items"]["required"] == ["old_string", "new_string"]
    assert edits["minItems"] == 1


def test_a_schema_is_made_once() -> None:
    assert schema_of(ReadArgs) is schema_of(ReadArgs)


def test_good_arguments_become_a_value() -> None:
    assert validate("read", ReadArgs, {"path": "a", "offset": 3}) == ReadArgs(path="a", offset=3)


def test_numbers_and_truth_values_may_come_as_text() -> None:
    assert validate("read", ReadArgs, {"path": "a", "limit": "5"}).limit == 5
    assert validate("list", ListArgs, {"hidden": "true"}).hidden is True


def test_another_usual_name_of_a_field_is_understood() -> None:
    assert validate("read", ReadArgs, {"file_path": "a"}).path == "a"
    assert validate("bash", BashArgs, {"cmd": "ls", "timeout": 5}).timeout_s == 5


@pytest.mark.parametrize(
    ("args", "arguments"),
    [
        (ReadArgs, {"path": "a", "file": "b"}),
        (BashArgs, {"command": "ls", "cmd": "pwd"}),
        (WriteArgs, {"path": "a", "filename": "b", "content": "c"}),
        (WriteArgs, {"path": "a", "content": "one more line", "mode": "append"}),
        (WriteArgs, {"path": "a", "content": "one more line", "append": True}),
        (
            EditArgs,
            {
                "path": "a",
                "old_string": "x",
                "new_string": "y",
                "edits": [{"old_string": "p", "new_string": "q"}],
            },
        ),
    ],
)
def test_what_says_two_things_is_refused(args: type[Struct], arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments, match="expected"):
        validate("x", args, arguments)


def test_a_second_name_that_says_the_same_is_passed_over() -> None:
    assert validate("read", ReadArgs, {"path": "a", "file": "a"}) == ReadArgs(path="a")


def test_a_truth_value_beside_a_list_is_one_of_each_item() -> None:
    edits = [{"old_string": "x", "new_string": "y"}]
    made = validate("edit", EditArgs, {"path": "a", "edits": edits, "replace_all": True})
    assert [edit.replace_all for edit in made.edits] == [True]


def test_texts_are_items_that_need_a_text_alone() -> None:
    made = validate("ask", AskArgs, {"questions": [{"question": "Which?", "options": ["a", "b"]}]})
    assert [choice.label for choice in made.questions[0].options] == ["a", "b"]
    assert validate("ask", AskArgs, {"questions": ["Why?"]}).questions[0].question == "Why?"
    with pytest.raises(BadArguments):
        validate("edit", EditArgs, {"path": "a", "edits": ["x"]})


def test_a_list_that_was_written_as_text_is_understood() -> None:
    edit = {"old_string": "a", "new_string": "b"}
    for edits in ([edit], json.dumps([edit]), edit, json.dumps(edit)):
        assert validate("edit", EditArgs, {"path": "p", "edits": edits}).edits[0].new_string == "b"


def test_the_fields_of_a_single_edit_are_put_into_the_list() -> None:
    flat = {"file_path": "p", "old_string": "a", "new_string": "b", "replace_all": True}
    args = validate("edit", EditArgs, flat)
    assert (args.path, args.edits[0].old_string, args.edits[0].replace_all) == ("p", "a", True)


EDIT = {"old_string": "a", "new_string": "b"}


@pytest.mark.parametrize(
    ("tool", "arguments", "meant"),
    [
        ("read", {"filePath": "a"}, {"path": "a"}),
        ("read", {"absolute_path": "/a"}, {"path": "/a"}),
        ("read", {"path": ["a"]}, {"path": "a"}),
        ("read", {"path": "a", "offset": None, "limit": None}, {"path": "a"}),
        ("read", {"path": "a", "offset": "-5"}, {"path": "a", "offset": -5}),
        ("read", {"path": "a", "start_line": 3, "end_line": 5}, {"path": "a", "offset": 3, "limit": 3}),
        ("read", {"path": "a", "view_range": [3, 5]}, {"path": "a", "offset": 3, "limit": 3}),
        ("read", {"path": "a", "view_range": [3, -1]}, {"path": "a", "offset": 3}),
        ("read", {"arguments": {"path": "a"}}, {"path": "a"}),
        ("read", {"input": '{"path": "a"}'}, {"path": "a"}),
        ("bash", {"command": ["bash", "-lc", "ls | wc"]}, {"command": "ls | wc"}),
        ("bash", {"cmd": ["ls", "a b"]}, {"command": "ls 'a b'"}),
        ("bash", {"command": "ls", "timeout": 120000}, {"command": "ls", "timeout_s": 120}),
        ("bash", {"command": "ls", "timeout_ms": "1500"}, {"command": "ls", "timeout_s": 2}),
        ("bash", {"command": "ls", "workdir": "src"}, {"command": "ls", "cwd": "src"}),
        ("grep", {"regex": "a", "-i": True}, {"pattern": "(?i)a"}),
        ("grep", {"pattern": "a", "-A": 2, "-B": 1, "-n": True}, {"pattern": "a", "context": 2}),
        ("grep", {"pattern": "a", "output_mode": "files_with_matches"}, {"pattern": "a", "output_mode": "files"}),
        ("grep", {"pattern": "a", "include": "*.py"}, {"pattern": "a", "glob": "*.py"}),
        ("write", {"file_path": "a", "file_text": "x"}, {"path": "a", "content": "x"}),
        ("edit", {"path": "p", "old_str": "a", "new_str": "b"}, {"path": "p", "edits": [EDIT]}),
        ("edit", {"path": "p", "edits": [{"oldText": "a", "newText": "b"}]}, {"path": "p", "edits": [EDIT]}),
        ("edit", {"file": "p", "search": "a", "replace": "b"}, {"path": "p", "edits": [EDIT]}),
        ("apply_patch", {"input": "*** Begin Patch"}, {"patch": "*** Begin Patch"}),
    ],
)  # fmt: skip
def test_what_other_agents_would_be_sent_is_understood(
    bench: Bench, tool: str, arguments: dict[str, object], meant: dict[str, object]
) -> None:
    args = bench.toolbox.find(tool).args  # type: ignore[union-attr]
    assert validate(tool, args, arguments) == validate(tool, args, meant)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read", {"file": "a", "filename": "b"}),
        ("read", {"path": ["a", "b"]}),
        ("bash", {"command": "ls", "timeout": 3600}),
        ("bash", {"command": {"run": "ls"}}),
        ("write", {"path": "a", "content": {"b": 1}}),
        ("write", {"path": "a", "content": None}),
        ("write", {"path": "a"}),
        ("edit", {"path": "p", "old_string": "a"}),
        ("read", {"arguments": "path=a"}),
    ],
)
def test_what_is_not_certain_is_refused(
    bench: Bench, tool: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(BadArguments, match="Example: "):
        validate(tool, bench.toolbox.find(tool).args, arguments)  # type: ignore[union-attr]


def test_fields_that_were_passed_over_are_named() -> None:
    note = ignored(ReadArgs, {"path": "a", "encoding": "utf-8", "description": "look"})
    assert note == "\n[ignored: encoding; the fields are path, offset, limit]"
    assert ignored(ReadArgs, {"file_path": "a"}) == ""


def test_long_values_are_cut_in_what_was_got() -> None:
    with pytest.raises(BadArguments) as refused:
        validate("edit", EditArgs, {"path": "p", "edits": [{"old_string": "x" * 10_000}]})
    assert len(str(refused.value)) < 500


def test_text_that_is_no_list_is_refused() -> None:
    with pytest.raises(BadArguments, match="expected array, got str"):
        validate("edit", EditArgs, {"path": "p", "edits": "[not json"})


def test_unknown_fields_are_dropped() -> None:
    assert validate("read", ReadArgs, {"path": "a", "why": "curious"}) == ReadArgs(path="a")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, ['field "path" is required and missing', "Got: {}", 'Example: {"path"']),
        ({"path": 3}, ['field "path": expected str, got int', 'Got: {"path":3}']),
        ({"path": "a", "limit": 0}, ['field "limit": expected int >= 1']),
        ({"path": "a", "offset": "x"}, ['field "offset": expected int, got str']),
    ],
)
def test_bad_arguments_are_explained(arguments: dict[str, object], words: list[str]) -> None:
    with pytest.raises(BadArguments) as refused:
        validate("read", ReadArgs, arguments)
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_a_bad_field_within_a_list_is_named() -> None:
    with pytest.raises(BadArguments, match=r'field "new_string" in edits\[0\] is required'):
        validate("edit", EditArgs, {"path": "a", "edits": [{"old_string": "x"}]})


def test_all_schemas_together_are_short(bench: Bench) -> None:
    told = [
        {"name": spec.name, "description": spec.description, "parameters": spec.schema}
        for spec in bench.toolbox.specs()
    ]
    assert len(json.dumps(told)) / 3.5 < 1_400  # characters a token, as the context room estimates


def test_the_room_imports_nothing_heavy() -> None:
    code = (
        "import sys, ion_core.tools.toolbox as t, ion_core.tools.launcher as l\n"
        "t.Toolbox(t.standard_tools(l.ThreadLauncher())).specs()\n"
        "print(*{'pydantic', 'httpx', 'jinja2', 'textual', 'rich', 'difflib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
