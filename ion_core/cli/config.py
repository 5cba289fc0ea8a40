"""``ion config path|get|set|explain|schema``: configuration for people and scripts.

Answers go to standard output and warnings to standard error; whatever is wrong is raised as a
``ConfigError``. Secrets are never printed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from ion_core.config.load import inert, load
from ion_core.config.paths import FileLayer, Places, ion_home, places
from ion_core.config.trust import standing
from ion_core.config.written import toml_value
from ion_core.errors import ConfigError


def configure(parser: argparse.ArgumentParser) -> None:
    """Fill the subparser of ``config``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    path = actions.add_parser("path", help="print where a configuration file is")
    _add_layers(path)
    path.add_argument("--json", action="store_true", help="all files, and whether they exist")
    get = actions.add_parser("get", help="print a setting")
    get.add_argument("key", nargs="?", default="", metavar="KEY", help="such as tui.theme")
    get.add_argument("--json", action="store_true", help="print JSON")
    change = actions.add_parser("set", help="change a setting in one of the files")
    _add_layers(change)
    change.add_argument("key", metavar="KEY", help="such as limits.max_turns")
    change.add_argument("value", metavar="VALUE", help="a TOML value, or a text without quotes")
    explain = actions.add_parser("explain", help="show what every layer says, and which won")
    explain.add_argument("key", metavar="KEY", help="such as providers.openai.base_url")
    explain.add_argument("--json", action="store_true", help="print JSON")
    schema = actions.add_parser("schema", help="print the JSON schema of config.toml")
    schema.add_argument("--json", action="store_true", help="as always: the schema is JSON")


def _add_layers(parser: argparse.ArgumentParser) -> None:
    layer = parser.add_mutually_exclusive_group()
    for name, text in (
        ("user", "your own file (the default)"),
        ("project", "the project's file"),
        ("local", "the project's file that git ignores"),
    ):
        layer.add_argument(
            f"--{name}", dest="layer", action="store_const", const=name, default="user", help=text
        )


def run(args: argparse.Namespace) -> int:
    """Do what the parsed ``args`` say, for the current folder. Raises ``ConfigError``."""
    match args.action:
        case "path":
            _path(_places(), args.layer, as_json=args.json)
        case "get":
            _get(args.key, as_json=args.json)
        case "set":
            found = _obeyed() if args.layer == "user" else _places()
            _set(found, args.layer, args.key, args.value)
        case "explain":
            _explain(_obeyed(), args.key, as_json=args.json)
        case _:
            _schema()
    return 0


def _obeyed() -> Places:
    """The places as this folder's own files are obeyed, or are not."""
    found = _places()
    trusted = standing(Path.cwd(), found.home).trusted
    for warning in () if trusted else inert(found):
        print(f"warning: {warning}", file=sys.stderr)
    return found._replace(trusted=trusted)


def _places() -> Places:
    return places(Path.cwd(), ion_home())


def _path(found: Places, layer: FileLayer, *, as_json: bool) -> None:
    if as_json:
        rows = {name: {"path": str(f), "exists": f.exists()} for name, f in found.files.items()}
        print(json.dumps(rows))
    elif layer in found.files:
        print(found.files[layer])
    else:
        raise ConfigError(f"{found.project} has no file of its own: its .ion is ion's folder")


def _get(key: str, *, as_json: bool) -> None:
    from ion_core.config.edit import get_setting  # deferred: pydantic and tomlkit

    loaded = load(Path.cwd())
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    value = get_setting(loaded.settings, key)
    print(json.dumps(value, ensure_ascii=False) if as_json else _shown(value).rstrip("\n"))


def _set(found: Places, layer: FileLayer, key: str, value: str) -> None:
    from ion_core.config.edit import set_setting  # deferred: pydantic and tomlkit
    from ion_core.config.explain import explain

    file = set_setting(found, layer, key, value, os.environ)
    print(f"{key} is set in {file}")
    for row in explain(found, key, os.environ):
        if row.verdict == "wins" and not row.where.startswith(f"{file}:"):
            print(f"but {row.where or row.layer} says otherwise, and wins")


def _explain(found: Places, key: str, *, as_json: bool) -> None:
    from ion_core.config.explain import explain  # deferred: pydantic and tomlkit

    rows = explain(found, key, os.environ)
    if as_json:
        fields = ("layer", "verdict", "value", "where")
        print(json.dumps([{name: getattr(row, name) for name in fields} for row in rows]))
        return
    for row in rows:
        value = "" if row.value is None else toml_value(row.value)
        print(f"{row.layer:<14} {row.verdict:<11} {value}  {row.where}".rstrip())


def _schema() -> None:
    from ion_core.config.checked import json_schema  # deferred: pydantic

    print(json.dumps(json_schema(), indent=2))


def _shown(value: Any) -> str:
    """A text as it is, a table as TOML, anything else as a TOML value."""
    if isinstance(value, dict):
        import tomlkit  # deferred: only a whole table needs it

        return tomlkit.dumps(value)
    return value if isinstance(value, str) else toml_value(value)
