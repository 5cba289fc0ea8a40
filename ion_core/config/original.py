"""Reading a configuration of the original ion (the Rust program of February 2026).

Its keys are recognised by name and carried over where they have a place now; everything else is
kept as comments at the end of the new text, so that nothing is lost. The old file stays beside the
new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ion_core.config.atomic import replace_file
from ion_core.config.builtin import BUILTIN
from ion_core.config.checked import problems
from ion_core.config.names import dotted
from ion_core.config.scope import KeyPath, leaves, value_at
from ion_core.config.written import toml_value

_MARKS: tuple[KeyPath, ...] = (
    ("provider",),
    ("api_keys",),
    ("data_dir",),
    ("system_prompt",),
    ("model_cache_ttl_secs",),
    ("provider_prefs",),
    ("permissions", "default_mode"),
    ("permissions", "allow_outside_cwd"),
)
_RENAMED = {"kimi": "moonshot", "local": "ollama", "gemini": "google"}
_ROUTING = {"quantizations", "ignore", "only", "order", "allow_fallbacks", "sort"}
"""Preferences that OpenRouter takes in the body under ``provider``, by the same names."""
_HEADING = "# From the configuration of the original ion, without a place in this one:"


def is_original(values: Mapping[str, Any]) -> bool:
    """Whether a file with these values was written for the original ion."""
    return any(value_at(values, mark) is not None for mark in _MARKS)


def convert(text: str, values: Mapping[str, Any]) -> str:
    """The same configuration for this ion; comments and formatting of what stays are kept.

    ``values`` are those of ``text``.
    """
    import tomlkit  # deferred: 30 ms, and nearly no start needs it

    document = tomlkit.parse(text)
    lost: dict[KeyPath, Any] = {}
    for path, value in _moved(values, lost):
        _put(document, path, value)
    for mark in _MARKS:
        _take(document, mark)
    while wrong := problems(document.unwrap()):
        path = wrong[0].path if value_at(document, wrong[0].path) is not None else ()
        path = path or wrong[0].path[:-1]
        lost[path] = value_at(document.unwrap(), path)
        _take(document, path)
    return _with_comments(tomlkit.dumps(document), lost)


def replace_original(file: Path, old: str, new: str) -> str:
    """Put ``new`` in the place of ``old``, which is kept as ``config.toml.bak-<n>``.

    Gives the sentence that says so.
    """
    try:
        backup = _kept(file, old)
        replace_file(file, new.encode(), 0o600)
    except OSError as error:
        return f"written for the original ion, and could not be converted ({error.strerror})"
    return f"converted from the original ion; the old file is kept as {backup.name}"


def _kept(file: Path, text: str) -> Path:
    number = 1
    while True:
        backup = file.with_name(f"{file.name}.bak-{number}")
        try:
            handle = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        return backup


def _moved(values: Mapping[str, Any], lost: dict[KeyPath, Any]) -> list[tuple[KeyPath, Any]]:
    """What has a place now, as new paths and values; the rest goes into ``lost``."""
    moved: list[tuple[KeyPath, Any]] = []
    for path, value in leaves(values):
        match path:
            case ("provider",) if isinstance(values.get("model"), str):
                moved.append((("model",), _reference(str(value), values["model"])))
            case ("api_keys", str(name)) if _provider(name) in BUILTIN:
                moved.append((("providers", _provider(name), "api_key"), value))
            case ("permissions", "default_mode") if value in ("read", "write"):
                moved.append((("mode",), value))
            case ("provider_prefs", str(name)) if name in _ROUTING:
                place_now = ("providers", "openrouter", "extra_body", "provider", name)
                moved.append((place_now, value))
            case _ if any(path[: len(mark)] == mark for mark in _MARKS):
                lost[path] = value
    return moved


def _provider(name: str) -> str:
    return _RENAMED.get(name, name)


def _reference(provider: str, model: str) -> str:
    prefix = f"{_provider(provider)}/"
    return model if model.startswith(prefix) else prefix + model


def _put(document: Any, path: KeyPath, value: Any) -> None:
    import tomlkit  # deferred, see convert

    for name in path[:-1]:
        if name not in document:
            document[name] = tomlkit.table(is_super_table=name == "providers")
        document = document[name]
    document[path[-1]] = value


def _take(document: Any, path: KeyPath) -> None:
    """Remove what is at ``path``, and a table that this leaves empty."""
    above = value_at(document, path[:-1])
    if above is None or value_at(above, path[-1:]) is None:
        return
    del above[path[-1]]
    if not above and path[:-1]:
        _take(document, path[:-1])


def _with_comments(text: str, lost: Mapping[KeyPath, Any]) -> str:
    if not lost:
        return text
    lines = [f"# {dotted(path)} = {toml_value(value)}" for path, value in lost.items()]
    return "\n".join([text.rstrip("\n"), "", _HEADING, *lines]).lstrip("\n") + "\n"
