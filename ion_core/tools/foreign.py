"""Arguments of tools that are not ion's own: their schema for a model, and its attempt at them.

Only the form is mended, as for ion's own tools, and what is sent is validated by ``jsonschema``
first, so that a model is told which field is wrong before a server is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ion_core.tools.guests import Foreign
from ion_core.tools.schema import BadArguments

_DEEPEST: Final = 12
"""Definitions within definitions that are written out; schemas that go round come to an end."""
_WRAPPERS: Final = frozenset({"arguments", "args", "input", "parameters", "params"})
_DROPPED: Final = frozenset({"$defs", "definitions", "$schema", "$id"})
_GOT_CHARS: Final = 400


def inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of an object in which every definition stands where it is used."""
    whole = _inlined(schema, schema, 0)
    whole = whole if isinstance(whole, dict) else {}
    return {"type": "object", **whole, "properties": whole.get("properties") or {}}


def _inlined(node: Any, root: Mapping[str, Any], depth: int) -> Any:
    if isinstance(node, list):
        return [_inlined(item, root, depth) for item in node]
    if not isinstance(node, Mapping):
        return node
    if isinstance(reference := node.get("$ref"), str):
        found = _resolved(reference, root) if depth < _DEEPEST else None
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _inlined({**(found or {}), **beside}, root, depth + 1)
    return {key: _inlined(value, root, depth) for key, value in node.items() if key not in _DROPPED}


def _resolved(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a reference within the schema leads to (JSON Pointer, RFC 6901)."""
    node: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) and reference.startswith("#") else None


def fitted(name: str, schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> Foreign:
    """``arguments`` of the tool ``name`` as its schema wants them. Raises :class:`BadArguments`."""
    mended = _mended(arguments, schema)
    if problem := _problem(mended, schema):
        got = json.dumps(mended, ensure_ascii=False, default=str)[:_GOT_CHARS]
        raise BadArguments(f"{name}: {problem}. Got: {got}. Its fields are: {_fields(schema)}")
    return Foreign(arguments=mended)


def _mended(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    fields: Mapping[str, Any] = schema.get("properties") or {}
    mended = dict(_unwrapped(arguments, fields))
    for field in fields.keys() - mended.keys():
        others = [name for name in mended.keys() - fields.keys() if _bare(name) == _bare(field)]
        if len(others) == 1:
            mended[field] = mended.pop(others[0])
    needed = schema.get("required") or ()
    for field, wanted in fields.items():
        if field not in mended or not isinstance(wanted, Mapping):
            continue
        types = _types(wanted)
        if mended[field] is None and field not in needed and types and "null" not in types:
            del mended[field]
        elif isinstance(mended[field], str) and types and "string" not in types:
            mended[field] = _read(mended[field], types)
    return mended


def _unwrapped(arguments: Mapping[str, Any], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if len(arguments) != 1:
        return arguments
    (name, value), *_ = arguments.items()
    if name in fields or _bare(name) not in _WRAPPERS:
        return arguments
    value = _decoded(value) if isinstance(value, str) else value
    return value if isinstance(value, dict) else arguments


def _types(wanted: Mapping[str, Any]) -> frozenset[str]:
    """The JSON types that a field may have; none when the schema does not simply say."""
    kind = wanted.get("type")
    if isinstance(kind, str):
        return frozenset({kind})
    if isinstance(kind, list):
        return frozenset(map(str, kind))
    choices = wanted.get("anyOf") or wanted.get("oneOf") or ()
    kinds = [choice.get("type") for choice in choices if isinstance(choice, Mapping)]
    return frozenset(map(str, kinds)) if kinds and all(kinds) else frozenset()


_IS: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "object": (dict,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def _read(text: str, types: frozenset[str]) -> Any:
    """Text that is the JSON of what is wanted, as that; any other text as it is."""
    spelt = {"true": True, "false": False}.get(text.strip().lower())
    value = _decoded(text) if spelt is None else spelt
    kinds = tuple(kind for name in types for kind in _IS.get(name, ()))
    if isinstance(value, bool) and "boolean" not in types:
        return text
    return value if kinds and isinstance(value, kinds) else text


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _problem(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What is wrong with the arguments, as a part of a sentence; nothing of a broken schema."""
    import jsonschema  # start-up: with the first call of a server's tool

    try:
        kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
        error = jsonschema.exceptions.best_match(kind(schema).iter_errors(arguments))
    except Exception:  # the server knows better what it meant by its schema
        return ""
    if error is None:
        return ""
    where = ".".join(str(step) for step in error.absolute_path)
    return f'field "{where}": {error.message[:300]}' if where else error.message[:300]


def _fields(schema: Mapping[str, Any]) -> str:
    needed = schema.get("required") or ()
    fields = schema.get("properties") or {}
    return ", ".join(f"{name}{'' if name in needed else '?'}" for name in fields) or "none"


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
