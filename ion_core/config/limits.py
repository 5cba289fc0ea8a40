"""What a project may say of limits: it may stop ion earlier than its user wants, never later.

Otherwise a repository could spend what the person who opens it meant to keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ion_core.config.join import from_environment
from ion_core.config.layers import Layer
from ion_core.config.schema import LimitSettings

TABLE = "limits"


def hold_limits(layers: Iterable[Layer], env: Mapping[str, str]) -> None:
    """Take from the project layers what is looser than the user's own limits: those of their file,
    of ``ION_*``, or built in. Raises ``ConfigError`` for an unreadable variable."""
    known, own = list(layers), _plain()
    if not any(layer.name != "user" and _table(layer.values) for layer in known):
        return
    own |= _table(from_environment(env))
    for layer in known:
        if layer.name == "user":
            own |= _table(layer.values)
    for layer in known:
        if layer.name != "user":
            layer.drop([(TABLE, name) for name in _looser(_table(layer.values), own)])


def _looser(wanted: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    return [name for name, value in wanted.items() if _is_looser(value, own.get(name))]


def _is_looser(value: object, own: object) -> bool:
    limit, most = _number(value), _number(own)
    return limit is not None and most is not None and most > 0 and not 0 < limit <= most


def _plain() -> dict[str, Any]:
    limits = LimitSettings()
    return {name: getattr(limits, name) for name in LimitSettings.__struct_fields__}


def _table(values: Mapping[str, Any]) -> dict[str, Any]:
    table = values.get(TABLE)
    return dict(table) if isinstance(table, Mapping) else {}


def _number(value: object) -> float | None:
    """A limit, also as a variable writes it; None for anything else, of which others complain."""
    try:
        return msgspec.convert(value, float, strict=False)
    except msgspec.ValidationError:
        return None
