"""JSON schemas in the older form that Gemini once took alone."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ion_core.messages import user
from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google_quirks import google_quirks
from ion_core.providers.google_schema import openapi, plain
from ion_core.providers.google_wire import google_body


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "string", "format": "uri", "minLength": 1}, {"type": "string", "minLength": 1}),
        ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int32"}),
        ({"const": 3}, {"type": "string", "enum": ["3"]}),
        (
            {"enum": ["a", 1, True, None], "description": "d"},
            {"type": "string", "enum": ["a", "1", "true"], "nullable": True, "description": "d"},
        ),
        (
            {"type": ["string", "null"], "description": "d"},
            {"type": "string", "nullable": True, "description": "d"},
        ),
        (
            {"type": ["string", "integer", "null"]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
        ),
        (
            {"anyOf": [{"type": "object", "properties": {}}, {"type": "null"}], "default": None},
            {"type": "object", "nullable": True, "default": None},
        ),
        ({"type": "array"}, {"type": "array", "items": {"type": "string"}}),
        (
            {"allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {}}, "required": ["b"]}]},
            {
                "type": "object",
                "properties": {"a": {"type": "number"}, "b": {"type": "string"}},
                "required": ["a", "b"],
            },
        ),
        ({"type": "null"}, {"type": "string", "nullable": True}),
    ],
)
def test_a_schema_is_written_in_the_older_subset(
    schema: dict[str, Any], written: dict[str, Any]
) -> None:
    named = {
        "type": "object",
        "properties": {"a": {"type": "number", "exclusiveMinimum": 0}},
        "required": ["a", "gone"],
        "additionalProperties": False,
    }
    assert openapi({**schema, "$defs": {"A": named}}) == written


def test_a_schema_that_contains_itself_ends() -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}}}
    made = openapi({"$ref": "#/$defs/Tree", "$defs": {"Tree": tree}})
    depth = 0
    while made.get("properties"):
        made, depth = made["properties"]["left"], depth + 1
    assert made == {"type": "object"}
    assert depth < 30


def test_the_name_of_the_dialect_is_left_out_everywhere() -> None:
    schema = {"$schema": "x", "items": [{"$schema": "y", "type": "string"}]}
    assert plain(schema) == {"items": [{"type": "string"}]}


def test_a_function_without_parameters_has_none_in_the_older_form() -> None:
    tool = ToolSpec(name="now", description="d", schema={"type": "object", "properties": {}})
    request = Request(model="m", system="", messages=(user("x"),), tools=(tool,))
    quirks = replace(google_quirks("m"), tools="openapi")
    body = google_body(request, Endpoint(name="p", base_url="http://h/v1beta"), quirks)
    assert body["tools"] == [{"functionDeclarations": [{"name": "now", "description": "d"}]}]
