"""Schemas are inlined; a model's arguments become values, or a sentence it can act on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tools_bench import Bench

from ion_core.tools.bash import BashArgs
from ion_core.tools.edit import EditArgs
from ion_core.tools.list import ListArgs
from ion_core.tools.read import ReadArgs
from ion_core.tools.schema import BadArguments, schema_of, validate


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


def test_a_second_name_does_not_overrule_the_first() -> None:
    assert validate("read", ReadArgs, {"path": "a", "file": "b"}).path == "a"


def test_a_list_that_was_written_as_text_is_understood() -> None:
    edit = {"old_string": "a", "new_string": "b"}
    for edits in ([edit], json.dumps([edit]), edit, json.dumps(edit)):
        assert validate("edit", EditArgs, {"path": "p", "edits": edits}).edits[0].new_string == "b"


def test_the_fields_of_a_single_edit_are_put_into_the_list() -> None:
    flat = {"file_path": "p", "old_string": "a", "new_string": "b", "replace_all": True}
    args = validate("edit", EditArgs, flat)
    assert (args.path, args.edits[0].old_string, args.edits[0].replace_all) == ("p", "a", True)


def test_text_that_is_no_list_is_refused() -> None:
    with pytest.raises(BadArguments, match="expected array, got str"):
        validate("edit", EditArgs, {"path": "p", "edits": "[not json"})


def test_unknown_fields_are_dropped() -> None:
    assert validate("read", ReadArgs, {"path": "a", "why": "curious"}) == ReadArgs(path="a")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, ['field "path" is required and missing', "Got: nothing", 'Example: {"path"']),
        ({"path": 3}, ['field "path": expected str, got int', "Got: path"]),
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
    assert len(json.dumps(told)) / 3.5 < 1_250  # characters a token, as the context room estimates


def test_the_room_imports_nothing_heavy() -> None:
    code = (
        "import sys, ion_core.tools.toolbox as t, ion_core.tools.launcher as l\n"
        "t.Toolbox(t.standard_tools(l.ThreadLauncher())).specs()\n"
        "print(*{'pydantic', 'httpx', 'jinja2', 'textual', 'rich', 'difflib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
