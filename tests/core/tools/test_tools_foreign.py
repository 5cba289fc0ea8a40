"""Schemas and arguments of tools that are not ion's own."""

from __future__ import annotations

from typing import Any

import pytest

from ion_core.tools.foreign import fitted, inlined
from ion_core.tools.schema import BadArguments


def test_definitions_stand_where_they_are_used() -> None:
    schema = {
        "type": "object",
        "$schema": "x",
        "properties": {"at": {"$ref": "#/$defs/Point", "description": "where"}},
        "$defs": {"Point": {"type": "object", "properties": {"x": {"$ref": "#/$defs/N"}}},
                  "N": {"type": "integer"}},
    }  # fmt: skip
    point = {"type": "object", "properties": {"x": {"type": "integer"}}, "description": "where"}
    assert inlined(schema) == {"type": "object", "properties": {"at": point}}


def test_a_schema_that_goes_round_comes_to_an_end() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    found = inlined({"$ref": "#/$defs/Node", "$defs": {"Node": node}})
    assert "$ref" not in str(found)


@pytest.mark.parametrize("schema", [{}, {"properties": None}, {"$ref": "http://elsewhere/x"}])
def test_a_poor_schema_is_that_of_an_object(schema: dict[str, Any]) -> None:
    assert inlined(schema) == {"type": "object", "properties": {}}


SCHEMA = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "deep": {"type": "boolean"},
        "where": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "fileName": {"type": "string"},
    },
    "required": ["count"],
}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"count": 2}, {"count": 2}),
        ({"count": "2", "deep": "True"}, {"count": 2, "deep": True}),
        ({"count": 1, "file_name": "a"}, {"count": 1, "fileName": "a"}),
        ({"count": 1, "where": '{"x": 1}'}, {"count": 1, "where": {"x": 1}}),
        ({"count": 1, "where": None}, {"count": 1, "where": None}),
        ({"count": 1, "deep": None}, {"count": 1}),
        ({"arguments": {"count": 1}}, {"count": 1}),
        ({"count": 1, "fileName": "7"}, {"count": 1, "fileName": "7"}),
    ],
)
def test_the_form_is_mended_where_the_meaning_is_certain(
    given: dict[str, Any], meant: dict[str, Any]
) -> None:
    assert fitted("t", SCHEMA, given).arguments == meant


@pytest.mark.parametrize(
    ("given", "said"), [({}, "'count' is a required"), ({"count": "many"}, 'field "count"')]
)
def test_what_does_not_fit_is_answered_with_the_field(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadArguments, match="Its fields are: count, deep"):
        fitted("t", SCHEMA, given)
    with pytest.raises(BadArguments) as caught:
        fitted("t", SCHEMA, given)
    assert said in str(caught.value)


def test_a_broken_schema_is_left_to_its_server() -> None:
    broken = {"type": "object", "properties": {"a": {"type": "nonsense"}}}
    assert fitted("t", broken, {"a": 1}).arguments == {"a": 1}
