"""The permission rules as they stand in the files: whose each is, and adding or dropping one.

Only the user's own file is written here. Comments and formatting stay, the outcome is checked
before a byte is written, and the file is replaced at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import tomlkit
from msgspec import Struct, convert
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable

from ion_core.config.edit import put, with_value
from ion_core.config.layers import Layer, read_layers
from ion_core.config.paths import FileLayer, Places
from ion_core.config.schema import PermissionRule
from ion_core.config.scope import KeyPath, value_at
from ion_core.errors import ConfigError

RULES: Final[KeyPath] = ("permissions", "rules")


class KeptRule(Struct, frozen=True, kw_only=True):
    """A rule that holds, and where it is written."""

    rule: PermissionRule
    layer: FileLayer
    file: str
    line: int


def kept_rules(places: Places) -> list[KeptRule]:
    """The rules in force by file, the user's first. Raises ``ConfigError``."""
    return [kept for layer in read_layers(places)[0] for kept in _of(layer)]


def _of(layer: Layer) -> Iterator[KeptRule]:
    for at, written in enumerate(value_at(layer.written, RULES) or ()):
        path = (*RULES, at)
        if path not in layer.dropped:
            rule = convert(written, PermissionRule)
            file, line = str(layer.file), layer.line(path)
            yield KeptRule(rule=rule, layer=layer.name, file=file, line=line)


def add_rule(places: Places, rule: PermissionRule, env: Mapping[str, str]) -> None:
    """Append a rule to the user's file, unless it is there. Raises ``ConfigError``."""
    text = _text(places)
    if rule not in _rules(places, text):
        put(places, "user", _with(text, rule), RULES, env)


def drop_rule(places: Places, rule: PermissionRule, env: Mapping[str, str]) -> None:
    """Take a rule out of the user's file, wherever it stands there. Raises ``ConfigError``, also
    when it is not there."""
    text = _text(places)
    if rule not in _rules(places, text):
        raise ConfigError("the rule is not in your own file", file=str(places.files["user"]))
    put(places, "user", _without(text, rule), RULES, env)


def _text(places: Places) -> str:
    layers, _ = read_layers(places)
    return next((layer.text for layer in layers if layer.name == "user"), "")


def _rules(places: Places, text: str) -> list[PermissionRule]:
    return [kept.rule for kept in _of(Layer("user", places.files["user"], text))]


def _with(text: str, rule: PermissionRule) -> str:
    document = tomlkit.parse(text)
    present = value_at(document, RULES)
    if isinstance(present, AoT):
        present.append(tomlkit.item(_fields(rule)))
    elif isinstance(present, Array):
        _append(present, rule)
    else:
        fresh = tomlkit.array()
        _append(fresh.multiline(True), rule)
        return with_value(text, RULES, fresh)
    return tomlkit.dumps(document)


def _append(rules: Array, rule: PermissionRule) -> None:
    """On a line of its own where the others have theirs."""
    written = rules.as_string()
    if "\n" in written:
        rules.add_line(_inline(rule), indent=_indent(written))
        if not written.rstrip("] \t").endswith("\n"):
            rules.add_line(indent="")
    else:
        rules.append(_inline(rule))


def _indent(written: str) -> str:
    line = written.partition("\n")[2]
    return line[: len(line) - len(line.lstrip(" \t"))] or "  "


def _fields(rule: PermissionRule) -> dict[str, str]:
    return {"tool": rule.tool, "pattern": rule.pattern, "decision": rule.decision}


def _inline(rule: PermissionRule) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(_fields(rule))
    return table


def _without(text: str, rule: PermissionRule) -> str:
    document = tomlkit.parse(text)
    present: Any = value_at(document, RULES)
    try:
        for at in reversed(range(len(present))):
            if convert(present[at].unwrap(), PermissionRule) == rule:
                del present[at]
    except TOMLKitError as error:
        raise ConfigError(f"`permissions.rules`: {error}") from error
    return tomlkit.dumps(document)
