"""Arguments of tools: their JSON schema for a model, and a model's attempt at them.

Schemas are inlined (no ``$ref``, no titles) because some providers accept nothing else. Making one
takes about 0.2 ms, once for each type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from ion_core.tools.repair import at_odds, left_over, repaired

A = TypeVar("A", bound=Struct)

_GOT_CHARS, _VALUE_CHARS = 400, 60
_DROPPED = frozenset({"title", "$defs"})


class BadArguments(Exception):
    """The arguments do not fit. ``str(error)`` is a sentence: field, expected, got, example."""


@lru_cache(maxsize=256)
def schema_of(args: type[Struct]) -> dict[str, Any]:
    """The JSON schema of an object. The same value for every call: do not change it."""
    whole = msgspec.json.schema(args)
    schema: dict[str, Any] = _inlined(whole, whole.get("$defs", {}))
    schema.pop("description", None)  # the doc-string of the type is for people
    return schema


def validate(name: str, args: type[A], arguments: Mapping[str, Any]) -> A:
    """``arguments`` of the tool ``name`` as a value, :func:`repaired` where the form is wrong.
    Numbers and truth values may come as text; unknown fields are dropped. Raises
    :class:`BadArguments`."""
    mended = repaired(arguments, schema_of(args))
    if odds := at_odds(arguments, schema_of(args)):
        raise BadArguments(_sentence(name, args, mended, odds))
    try:
        return msgspec.convert(mended, type=args, strict=False)
    except msgspec.ValidationError as error:
        raise BadArguments(_sentence(name, args, mended, str(error))) from error


def ignored(args: type[Struct], arguments: Mapping[str, Any]) -> str:
    """A line for the model about fields that were passed over, or nothing."""
    names = left_over(arguments, schema_of(args))
    if not names:
        return ""
    known = ", ".join(schema_of(args)["properties"])
    return f"\n[ignored: {', '.join(names)[:200]}; the fields are {known}]"


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        definition = definitions[node["$ref"].rpartition("/")[2]]
        return _inlined({k: v for k, v in definition.items() if k != "description"}, definitions)
    kept = {key: value for key, value in node.items() if key not in _DROPPED}
    return {key: _inlined(value, definitions) for key, value in kept.items()}


def _sentence(name: str, args: type[Struct], arguments: Mapping[str, Any], error: str) -> str:
    example = msgspec.json.encode(getattr(args, "example", {})).decode()
    return f"{name}: {_explained(error)}. Got: {_shortened(arguments)}. Example: {example}"


def _shortened(arguments: Mapping[str, Any]) -> str:
    """The arguments as JSON, long ones cut: what a model needs to see where it went wrong."""
    shown = {name: _cut(value) for name, value in arguments.items()}
    text = msgspec.json.encode(shown).decode("utf-8", "replace")
    return text if len(text) <= _GOT_CHARS else f"{text[:_GOT_CHARS]}…"


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        safe = value.encode("utf-8", "replace").decode()
        return safe if len(safe) <= _VALUE_CHARS else f"{safe[:_VALUE_CHARS]}…"
    if isinstance(value, list):
        return [_cut(item) for item in value[:3]]
    if isinstance(value, dict):
        return {name: _cut(item) for name, item in value.items()}
    return value


def _explained(error: str) -> str:
    missing = re.match(r"Object missing required field `(\w+)`(?: - at `\$\.?(.*)`)?", error)
    if missing:
        place = f" in {missing[2]}" if missing[2] else ""
        return f'field "{missing[1]}"{place} is required and missing'
    wrong = re.match(r"(.*) - at `\$\.?(.*)`", error)
    if wrong:
        return f'field "{wrong[2]}": {wrong[1][:1].lower()}{wrong[1][1:].replace("`", "")}'
    return error.replace("`", "")
