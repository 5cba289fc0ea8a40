"""What a model surely meant by arguments that do not quite fit: other names, other wrapping.

Only the form is mended; no content is ever guessed. Whatever is still wrong after it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

_OTHER_NAMES = {
    "path": ("file_path", "filepath", "filename", "file", "directory", "dir"),
    "command": ("cmd", "script"),
    "pattern": ("query", "regex"),
    "content": ("contents", "text"),
    "timeout_s": ("timeout", "timeout_seconds"),
}


def repaired(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """``arguments`` with the field names of ``schema``, lists that were written as JSON text
    decoded, and the fields of a single item put into the list that they belong to."""
    fields = schema["properties"]
    mended = _renamed(arguments, fields)
    for field, wanted in fields.items():
        if wanted.get("type") == "array":
            _unwrap(mended, field)
            _wrap(mended, field, wanted["items"])
    return mended


def _renamed(arguments: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    renamed = dict(arguments)
    for field in fields:
        others = [n for n in _OTHER_NAMES.get(field, ()) if n in renamed and n not in fields]
        if field not in renamed and len(others) == 1:
            renamed[field] = renamed.pop(others[0])
    return renamed


def _unwrap(arguments: dict[str, Any], field: str) -> None:
    value = arguments.get(field)
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return
    if isinstance(value, dict):
        value = [value]
    if value is not None:
        arguments[field] = value


def _wrap(arguments: dict[str, Any], field: str, item: Mapping[str, Any]) -> None:
    needed = item.get("required", ())
    if field not in arguments and needed and all(name in arguments for name in needed):
        names = [name for name in item["properties"] if name in arguments]
        arguments[field] = [{name: arguments.pop(name) for name in names}]
