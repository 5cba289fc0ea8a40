"""Why a setting has its value: every layer, what it says, where, and which one won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ion_core.config.builtin import BUILTIN
from ion_core.config.edit import plain
from ion_core.config.join import from_environment, nested, variable
from ion_core.config.layers import Layer, read_layers
from ion_core.config.limits import hold_limits
from ion_core.config.names import known_path
from ion_core.config.paths import FileLayer, Places
from ion_core.config.schema import Settings
from ion_core.config.scope import KeyPath, masked, value_at

Verdict: TypeAlias = Literal["wins", "merged", "overridden", "ignored", "not set"]
"""``merged``: a table or list to which several layers contribute. ``ignored``: a project's file
may not set this."""

_NAMES: dict[FileLayer, str] = {"local": "project-local", "project": "project", "user": "user"}
_ADDED = (("hooks",), ("permissions", "rules"))
"""Lists of which the files' entries add up."""


class Said(Struct, frozen=True, kw_only=True):
    """What one layer says of a key. ``where`` is ``file:line``, a variable, or empty."""

    layer: str
    verdict: Verdict
    value: Any = None
    where: str = ""


def explain(
    places: Places, key: str, env: Mapping[str, str], flags: Mapping[str, Any] | None = None
) -> list[Said]:
    """Every layer's word on ``key``, strongest first, secrets masked.

    Raises ``ConfigError`` for a key that the schema does not have.
    """
    path = known_path(key)
    rows = [_row("flag", value_at(nested(flags or {}), path))]
    layers, _ = read_layers(places)
    hold_limits(layers, env)
    for name in ("local", "project", "user"):
        layer = next((item for item in layers if item.name == name), None)
        rows.append(_of_file(layer, path) if layer else _row(_NAMES[name], None))
    said = value_at(from_environment(env), path)
    rows.append(_row("environment", said, variable(path) if said is not None else ""))
    rows.append(_row("default", value_at(plain(Settings(providers=BUILTIN)), path)))
    return [_masked(row, path) for row in _judged(rows, path)]


def _row(layer: str, value: Any, where: str = "") -> Said:
    return Said(layer=layer, verdict="not set", value=value, where=where)


def _of_file(layer: Layer, path: KeyPath) -> Said:
    name, where = _NAMES[layer.name], f"{layer.file}:{layer.line(path)}"
    obeyed, written = value_at(layer.values, path), value_at(layer.written, path)
    if obeyed is None and written is not None:
        return Said(layer=name, verdict="ignored", value=written, where=where)
    return _row(name, obeyed, where if obeyed is not None else "")


def _judged(rows: Sequence[Said], path: KeyPath) -> list[Said]:
    speaking = [row for row in rows if row.value is not None and row.verdict != "ignored"]
    together = [row for row in speaking if isinstance(row.value, Mapping) or path in _ADDED]
    judged: list[Said] = []
    for row in rows:
        verdict: Verdict = row.verdict
        if len(together) > 1 and row in together:
            verdict = "merged"
        elif row in speaking:
            verdict = "wins" if row is speaking[0] else "overridden"
        judged.append(Said(layer=row.layer, verdict=verdict, value=row.value, where=row.where))
    return judged


def _masked(row: Said, path: KeyPath) -> Said:
    value = masked(row.value, path)
    return Said(layer=row.layer, verdict=row.verdict, value=value, where=row.where)
