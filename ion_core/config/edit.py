"""Reading one setting and writing one setting, for people: ``ion config get`` and ``set``.

Writing keeps comments and formatting, checks the outcome before a byte is written, and replaces
the file at once. Nothing here is on the way to a request.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from msgspec import Struct
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, AoT, InlineTable

from ion_core.config.atomic import replace_file
from ion_core.config.join import join
from ion_core.config.layers import Layer, read_layers
from ion_core.config.names import dotted, known_path, nearest
from ion_core.config.paths import FileLayer, Places, private_folder
from ion_core.config.schema import Settings
from ion_core.config.scope import KeyPath, masked, value_at
from ion_core.errors import ConfigError

_ORDER: dict[FileLayer, int] = {"user": 0, "project": 1, "local": 2}
_IGNORED = re.compile(r"/?(\.ion/?|\.ion/\*|(\.ion/)?(config\.local\.toml|\*\.local\.toml))")


def plain(value: Any) -> Any:
    """A setting as tables, lists and scalars, with its defaults and without what is None."""
    match value:
        case Struct():
            fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
            return {name: plain(item) for name, item in fields if item is not None}
        case Mapping():
            return {name: plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def get_setting(settings: Settings, key: str) -> Any:
    """The value of a dotted key, secrets masked; all settings for an empty key.

    Raises ``ConfigError`` when the schema has no such key, or nothing is set there.
    """
    path = known_path(key) if key else ()
    value = value_at(plain(settings), path)
    if value is None:
        above = value_at(plain(settings), path[:-1])
        meant = nearest(str(path[-1]), above) if isinstance(above, Mapping) else ""
        raise ConfigError(f"`{dotted(path)}` is not set{meant}")
    return masked(value, path)


def set_setting(
    places: Places, layer: FileLayer, key: str, written: str, env: Mapping[str, str]
) -> Path:
    """Set a dotted key in the file of ``layer`` and give that file's path.

    ``written`` is a TOML value; what is not one, or is one of the wrong type, is taken as a text.
    Raises ``ConfigError``, with the file untouched, when the outcome would not be valid.
    """
    path = known_path(key)
    if layer not in places.files:
        raise ConfigError(f"{places.project} has no file of its own: its .ion is ion's folder")
    layers, _ = read_layers(places)
    old = next((item for item in layers if item.name == layer), None)
    others = [item for item in layers if item.name != layer]
    file = places.files[layer]
    text = _valid(Layer(layer, file, old.text if old else ""), others, path, written, env)
    if layer == "local":
        ignore_local_file(places)
    _write(places, layer, text)
    return file


def _valid(
    old: Layer, others: list[Layer], path: KeyPath, written: str, env: Mapping[str, str]
) -> str:
    """The new text of the layer: the first reading of ``written`` that gives valid settings."""
    wrong: ConfigError | None = None
    for value in _readings(written):
        fresh = Layer(old.name, old.file, with_value(old.text, path, value))
        try:
            _check(fresh, others, path, env)
        except ConfigError as error:
            wrong = wrong or error
        else:
            return fresh.text
    raise ConfigError(wrong.message if wrong else f"`{written}` is not a value") from wrong


def _check(fresh: Layer, others: list[Layer], path: KeyPath, env: Mapping[str, str]) -> None:
    """Against the weaker layers alone: a stronger one must not hide what is wrong here."""
    if any(path == item[: len(path)] or item == path[: len(item)] for item in fresh.dropped):
        raise ConfigError(
            f"a project's file may not set `{dotted(path)}`: use `ion config set --user`"
        )
    weaker = [item for item in others if _ORDER[item.name] < _ORDER[fresh.name]]
    join([*weaker, fresh], {}, env)


def _readings(written: str) -> list[Any]:
    try:
        parsed = tomllib.loads(f"value = {written}")
    except tomllib.TOMLDecodeError:
        return [written]
    value = parsed["value"]
    return [value] if len(parsed) > 1 or isinstance(value, str) else [value, written]


def put(places: Places, layer: FileLayer, text: str, path: KeyPath, env: Mapping[str, str]) -> None:
    """Make ``text``, which differs at ``path``, the file of ``layer``. Raises ``ConfigError``, with
    the file untouched, when the outcome would not be valid."""
    layers, _ = read_layers(places)
    others = [item for item in layers if item.name != layer]
    _check(Layer(layer, places.files[layer], text), others, path, env)
    _write(places, layer, text)


def with_value(text: str, path: KeyPath, value: Any) -> str:
    """``text`` with ``value`` at ``path``. Raises ``ConfigError`` where that is no table."""
    document = tomlkit.parse(text)
    table: Any = document
    for depth, name in enumerate(path[:-1]):
        if name not in table:
            table[name] = _new_table(table, last=depth == len(path) - 2)
        table = table[name]
        if isinstance(table, AoT) or not isinstance(table, (AbstractTable, Mapping)):
            raise ConfigError(f"`{dotted(path[: depth + 1])}` is not a table")
    try:
        table[path[-1]] = value
    except TOMLKitError as error:
        raise ConfigError(f"`{dotted(path)}`: {error}") from error
    text = tomlkit.dumps(document)
    return text if text.endswith("\n") else text + "\n"


def _new_table(parent: Any, *, last: bool) -> Any:
    if isinstance(parent, InlineTable):
        return tomlkit.inline_table()
    return tomlkit.table(is_super_table=not last)


def _write(places: Places, layer: FileLayer, text: str) -> None:
    file = places.files[layer]
    try:
        if layer == "user":
            private_folder(places.home)
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
        replace_file(file, text.encode(), 0o600 if layer == "user" else mode)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=str(file)) from error


def ignore_local_file(places: Places) -> None:
    """Make git ignore the project's local file: one line in ``.ion/.gitignore``, unless there is
    one already, there or in the project's own ``.gitignore``. Raises ``ConfigError``.
    """
    file = places.local_file.with_name(".gitignore")
    for known in (places.project / ".gitignore", file):
        lines = known.read_text("utf-8", "replace").splitlines() if known.is_file() else []
        if any(_IGNORED.fullmatch(line.strip()) for line in lines):
            return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text("utf-8").rstrip("\n") + "\n" if file.is_file() else ""
        replace_file(file, (before + places.local_file.name + "\n").encode(), 0o644)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=str(file)) from error
