"""Which keys are whose: what a project's file may not set, and which values are secret.

A repository must not be able to redirect a key, widen the sandbox or choose the mode (security
rule T4): such lines in a project's layers are ignored, visibly. Patterns are paths of keys in
which ``*`` stands for one name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

USER_ONLY: tuple[KeyPath, ...] = (
    ("mode",),
    ("profiles", "*", "mode"),
    ("sandbox",),
    ("providers", "*", "protocol"),
    ("providers", "*", "base_url"),
    ("providers", "*", "api_key"),
    ("providers", "*", "api_key_env"),
    ("providers", "*", "api_key_file"),
    ("providers", "*", "client_id"),
    ("providers", "*", "project"),
    ("providers", "*", "location"),
    ("providers", "*", "routing"),
    ("catalogue", "url"),
    ("web",),
    ("context", "system_prompt_file"),
    ("context", "append_system_prompt"),
    ("providers", "*", "headers"),
    ("providers", "*", "extra_body"),
    ("mcp_servers", "*", "sampling"),
    ("mcp_servers", "*", "client_secret_env"),
)
SECRET: tuple[KeyPath, ...] = (
    ("providers", "*", "api_key"),
    ("providers", "*", "headers"),
    ("mcp_servers", "*", "env"),
    ("mcp_servers", "*", "headers"),
)
_MASK = "********"


def covers(patterns: tuple[KeyPath, ...], path: KeyPath) -> bool:
    """Whether ``path`` is, or lies below, one of ``patterns``."""
    return any(
        len(path) >= len(pattern)
        and all(want in ("*", name) for want, name in zip(pattern, path, strict=False))
        for pattern in patterns
    )


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value below ``value`` that is not a table, with its path; an empty table is one."""
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    else:
        yield path, value


def held_to_project(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[KeyPath]]:
    """What remains of a project's ``values``, and the paths that were taken out.

    Of ``permissions.rules`` those are taken out that allow something.
    """
    dropped: list[KeyPath] = []
    kept = _without(values, (), dropped)
    rules = kept.get("permissions", {}).get("rules", []) if _has_rules(kept) else []
    loose = [at for at, rule in enumerate(rules) if _allows(rule)]
    if loose:
        strict = [rule for at, rule in enumerate(rules) if at not in loose]
        kept["permissions"] = kept["permissions"] | {"rules": strict}
    return kept, dropped + [("permissions", "rules", at) for at in loose]


def _has_rules(values: Mapping[str, Any]) -> bool:
    table = values.get("permissions")
    return isinstance(table, dict) and isinstance(table.get("rules"), list)


def _allows(rule: object) -> bool:
    return isinstance(rule, dict) and rule.get("decision") == "allow"


def _without(value: Mapping[str, Any], path: KeyPath, dropped: list[KeyPath]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, item in value.items():
        here = (*path, name)
        if covers(USER_ONLY, here):
            dropped.append(here)
        elif isinstance(item, dict):
            before = len(dropped)
            rest = _without(item, here, dropped)
            if rest or len(dropped) == before:
                kept[name] = rest
        else:
            kept[name] = item
    return kept


def without(values: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """A copy of ``values`` that lacks what is at ``path``, which is in tables alone."""
    name, *below = path
    kept = {key: item for key, item in values.items() if key != name}
    if below and isinstance(values.get(str(name)), Mapping):
        kept[str(name)] = without(values[str(name)], tuple(below))
    return kept


def secrets_in(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only the secret values of ``values``, in their places; empty where there are none."""
    found: dict[str, Any] = {}
    for path, value in leaves(values):
        if value and covers(SECRET, path):
            place(found, path, value)
    return found


def place(values: dict[str, Any], path: KeyPath, value: Any) -> None:
    """Put ``value`` at ``path`` into nested tables, making those that are absent."""
    for name in path[:-1]:
        values = values.setdefault(str(name), {})
    values[str(path[-1])] = value


def value_at(values: Any, path: KeyPath) -> Any:
    """The value at ``path`` in nested tables and lists, or None when there is none."""
    for name in path:
        try:
            values = values[name]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def without_secrets(value: Any, path: KeyPath = ()) -> Any:
    """``value`` (which stands at ``path``) with every secret leaf left out."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: without_secrets(item, (*path, name))
        for name, item in value.items()
        if not covers(SECRET, (*path, name))
    }


def masked(value: Any, path: KeyPath = ()) -> Any:
    """``value`` (which stands at ``path``) for the eyes of anybody: secrets become asterisks."""
    if isinstance(value, Mapping):
        return {name: masked(item, (*path, name)) for name, item in value.items()}
    return _MASK if value and covers(SECRET, path) else value


def merged(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    """Both, table by table; where both have a value, the stronger one's."""
    joined = dict(weaker)
    for name, item in stronger.items():
        below = joined.get(name)
        both = isinstance(below, Mapping) and isinstance(item, Mapping)
        joined[name] = merged(below, item) if both else item  # type: ignore[arg-type]
    return joined
