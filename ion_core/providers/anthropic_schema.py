"""A JSON schema in the subset by which Claude's answers can be constrained.

Objects must be closed, and limits on numbers and lengths are not understood; they become words, so
that the model at least reads them. Source: platform.claude.com, structured outputs, 2026.
"""

from __future__ import annotations

from typing import Any

_LIMITS = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    }
)
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)


def is_closed(schema: Any) -> bool:
    """Whether no object of the schema has properties that it does not name."""
    match schema:
        case dict():
            more = schema.get("additionalProperties", False)
            return more is False and all(map(is_closed, schema.values()))
        case list():
            return all(map(is_closed, schema))
        case _:
            return True


def constraining(schema: Any) -> Any:
    """The schema in the subset. It should be one that :func:`is_closed`."""
    if not isinstance(schema, dict):
        return schema
    kept = {name: _inner(name, value) for name, value in schema.items() if _kept(name, value)}
    lost = [f"{name}: {value}" for name, value in schema.items() if not _kept(name, value)]
    if lost:
        said = kept.get("description", "")
        kept["description"] = f"{said} ({', '.join(lost)})".lstrip()
    if kept.get("type") == "object" or "properties" in kept:
        kept["additionalProperties"] = False
    return kept


def _kept(name: str, value: Any) -> bool:
    return name not in _LIMITS and (name != "format" or value in _FORMATS) and name != "$schema"


def _inner(name: str, value: Any) -> Any:
    match value:
        case dict() if name in ("properties", "$defs", "definitions"):
            return {key: constraining(inner) for key, inner in value.items()}
        case dict() if name == "items":
            return constraining(value)
        case list() if name in ("anyOf", "allOf", "oneOf"):
            return [constraining(inner) for inner in value]
        case _:
            return value
