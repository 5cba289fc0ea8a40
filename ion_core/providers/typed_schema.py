"""Schemas in which everything has a type, for vendors that refuse any other (Moonshot).

Tools of others often leave types out. What is added never forbids a value that was allowed, as far
as that can be said with one type: a thing with properties is an object, one with items a list, and
of anything else text is expected.
"""

from __future__ import annotations

from typing import Any

_CHOICES = ("anyOf", "oneOf", "allOf")
_NAMES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def typed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with a type at every place; choices have theirs within, and none above."""
    made = dict(schema)
    for name in _CHOICES:
        if isinstance(made.get(name), list):
            made[name] = [typed(each) if isinstance(each, dict) else each for each in made[name]]
    if isinstance(properties := made.get("properties"), dict):
        made["properties"] = {name: _inner(each) for name, each in properties.items()}
    for name in ("items", "additionalProperties"):
        made |= {name: typed(made[name])} if isinstance(made.get(name), dict) else {}
    if any(name in made for name in _CHOICES):
        made.pop("type", None)
    elif "type" not in made and "$ref" not in made:
        made["type"] = _type(made)
    return made


def _inner(schema: Any) -> dict[str, Any]:
    return typed(schema if isinstance(schema, dict) else {})


def _type(schema: dict[str, Any]) -> str:
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    kinds = {_NAMES.get(type(value), "") for value in values}
    return (kinds.pop() if len(kinds) == 1 else "") or "string"
