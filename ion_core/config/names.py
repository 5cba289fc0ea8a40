"""The names that may stand in a configuration file, and the one that was probably meant.

A key's path is walked through the Structs of ``schema.py``; nothing is validated here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Struct

from ion_core.config.lines import split_key
from ion_core.config.schema import Settings
from ion_core.config.scope import KeyPath
from ion_core.config.written import toml_key
from ion_core.errors import ConfigError


def dotted(path: KeyPath) -> str:
    """``path`` as it would be written in TOML; list positions as ``[1]``, from 1."""
    text = ""
    for name in path:
        if isinstance(name, int):
            text += f"[{name + 1}]"
        else:
            part = toml_key(name)
            text += f".{part}" if text else part
    return text


def nearest(name: str, known: Iterable[str]) -> str:
    """``"; did you mean `…`?"``, or nothing when no known name is near."""
    found = difflib.get_close_matches(name, list(known))
    swapped = [near for near in found if sorted(near) == sorted(name)]
    return f"; did you mean `{(swapped + found)[0]}`?" if found else ""


def elsewhere(name: str) -> str:
    """``"; did you mean `tui.theme`?"`` when one table, and one only, has a key ``name``."""
    found = [name] if name in _fields(Settings) else []
    for field in msgspec.structs.fields(Settings):
        if _is_table(field.type) and name in _fields(field.type):
            found.append(f"{field.name}.{name}")
    return f"; did you mean `{found[0]}`?" if len(found) == 1 else ""


def _fields(table: type[Struct]) -> tuple[str, ...]:
    return table.__struct_fields__


def sibling_names(path: KeyPath) -> list[str]:
    """The names that the schema knows beside the last one of ``path``."""
    kind = _walk(path[:-1])
    return list(_fields(kind)) if _is_table(kind) else []


def known_path(key: str) -> KeyPath:
    """The path of a dotted key as a person types it.

    Raises ``ConfigError`` when the schema has no such key.
    """
    try:
        path = split_key(key.strip())
    except ValueError:
        raise ConfigError(f"`{key}` is not a key") from None
    for end in range(1, len(path) + 1):
        if _walk(path[:end]) is None:
            meant = nearest(str(path[end - 1]), sibling_names(path[:end]))
            raise ConfigError(f"unknown key `{dotted(path[:end])}`{meant}")
    return path


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _walk(path: KeyPath) -> Any:
    """The type at ``path``, or None where the schema has nothing."""
    kind: Any = Settings
    for name in path:
        kind = _below(kind, name)
    return get_args(kind)[0] if type(None) in get_args(kind) else kind


def _below(kind: Any, name: str | int) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if _is_table(kind):
        return next((f.type for f in msgspec.structs.fields(kind) if f.name == name), None)
    if origin is Annotated:
        return _below(arguments[0], name)
    if origin is dict:
        return arguments[1]
    if origin is tuple and isinstance(name, int):
        return arguments[0]
    if type(None) in arguments:
        return _below(arguments[0], name)
    return Any if kind is Any else None
