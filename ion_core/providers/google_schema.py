"""JSON schemas as Gemini takes them: whole, or as the older subset of OpenAPI 3.0.

The subset has no references, constants or lists of types, enumerates only strings, and refuses
keywords that it does not know, so only those it knows are kept. Source: the reference of
``Schema``, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_KEPT = {"title", "description", "nullable", "default", "example", "pattern", "propertyOrdering"}
_KEPT |= {"minItems", "maxItems", "minProperties", "maxProperties"}
_KEPT |= {"minLength", "maxLength", "minimum", "maximum"}
_FORMATS = {
    "string": {"date-time", "enum"},
    "integer": {"int32", "int64"},
    "number": {"float", "double"},
}
_DEPTH = 24
"""References that name themselves end here, as an object of anything."""


def plain(schema: Any) -> Any:
    """The schema without ``$schema``, which some versions of the API refuse."""
    match schema:
        case dict():
            return {key: plain(value) for key, value in schema.items() if key != "$schema"}
        case list():
            return [plain(item) for item in schema]
        case _:
            return schema


def openapi(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema in the older subset."""
    definitions: dict[str, Any] = {**schema.get("definitions", {}), **schema.get("$defs", {})}
    return _Subset(definitions).write(schema, _DEPTH)


class _Subset:
    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions

    def write(self, schema: Any, depth: int) -> dict[str, Any]:
        node = self._merged(schema, depth)
        if depth == 0 or not node:
            return {"type": "object"} if depth == 0 else {"type": "string"}
        written = {key: value for key, value in node.items() if key in _KEPT}
        if (choices := node.get("anyOf") or node.get("oneOf")) and isinstance(choices, list):
            return written | self._choice(choices, depth)
        types = node.get("type")
        if isinstance(types, list):
            rest = {key: value for key, value in node.items() if key not in ("type", *_KEPT)}
            return written | self._choice([rest | {"type": each} for each in types], depth)
        return written | self._typed(node, types if isinstance(types, str) else "", depth)

    def _merged(self, schema: Any, depth: int) -> dict[str, Any]:
        """A node with its references and ``allOf`` put in place."""
        if not isinstance(schema, dict):
            return {}
        node = dict(schema)
        if isinstance(reference := node.pop("$ref", None), str):
            named = self._definitions.get(reference.rpartition("/")[2])
            node = self._merged(named, depth - 1) | node if depth else {}
        for part in node.pop("allOf", None) or ():
            more = self._merged(part, depth - 1) if depth else {}
            properties = {**node.get("properties", {}), **more.get("properties", {})}
            required = [*node.get("required", ()), *more.get("required", ())]
            node = more | node
            node |= {"properties": properties} if properties else {}
            node |= {"required": list(dict.fromkeys(required))} if required else {}
        return node

    def _choice(self, choices: Iterable[Any], depth: int) -> dict[str, Any]:
        listed = list(choices)
        real = [c for c in listed if not (isinstance(c, dict) and c.get("type") == "null")]
        nullable = {"nullable": True} if len(real) < len(listed) else {}
        written = [self.write(choice, depth - 1) for choice in real]
        if len(written) == 1:
            return written[0] | nullable
        return ({"anyOf": written} if written else {"type": "string"}) | nullable

    def _typed(self, node: dict[str, Any], kind: str, depth: int) -> dict[str, Any]:
        values = [node["const"]] if "const" in node else node.get("enum")
        if isinstance(values, list) and values:
            return _enumerated(values)
        if kind == "null":
            return {"type": "string", "nullable": True}
        kind = kind or ("object" if "properties" in node else "array" if "items" in node else "")
        written: dict[str, Any] = {"type": kind or "string"}
        if node.get("format") in _FORMATS.get(kind, ()):
            written["format"] = node["format"]
        if kind == "array":
            written["items"] = self.write(node.get("items") or {"type": "string"}, depth - 1)
        if kind == "object" and isinstance(properties := node.get("properties"), dict):
            written |= self._object(properties, node.get("required"), depth)
        return written

    def _object(self, properties: dict[str, Any], required: Any, depth: int) -> dict[str, Any]:
        if not properties:
            return {}
        named = {name: self.write(each, depth - 1) for name, each in properties.items()}
        wanted = [name for name in required or () if name in named]
        return {"properties": named} | ({"required": wanted} if wanted else {})


def _enumerated(values: list[Any]) -> dict[str, Any]:
    """A choice of strings; other values are written as strings, and told apart by the tool."""
    written = {"type": "string", "enum": [_word(value) for value in values if value is not None]}
    return written | ({"nullable": True} if None in values else {})


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
