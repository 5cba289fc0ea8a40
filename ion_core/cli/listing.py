"""Lists of what extends ion, alike for skills, commands and agents."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ion_core.cli.columns import aligned
from ion_core.config.load import load
from ion_core.config.paths import ion_home

if TYPE_CHECKING:
    from ion_core.extensions import Extensions
    from ion_core.slash import Slash

_DESCRIPTION = 70


class Row(Struct, frozen=True, kw_only=True):
    """One of them. ``state`` is on, off, shadowed or broken; ``problems`` are sentences."""

    name: str
    state: str
    description: str
    source: str
    problems: tuple[str, ...] = ()


def configure_list(parser: argparse.ArgumentParser, about: str) -> None:
    """The word ``list``."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    listing = words.add_parser("list", help=about)
    listing.add_argument("--json", action="store_true", help="one JSON array")


def show(rows: Sequence[Row], *, as_json: bool, none: str) -> int:
    """Print the rows; the exit code."""
    if as_json:
        print(json.dumps([msgspec.to_builtins(row) for row in rows]))
        return 0
    if not rows:
        print(none)
        return 0
    cells = [(r.name, r.state, _cut(r.description), _place(r.source)) for r in rows]
    print(aligned(("NAME", "STATE", "DESCRIPTION", "FROM"), cells, left=(0, 1, 2, 3)))
    for row in rows:
        for problem in row.problems:
            print(f"{row.name}: {problem}")
    return 0


def extensions_here() -> Extensions:
    """What extends ion in the current folder."""
    from ion_core.extensions import extensions_of  # with the one command that asks

    return extensions_of(Path.cwd(), ion_home(), os.environ)


def slash_here() -> Slash:
    """The skills and commands of the current folder."""
    return extensions_here().slash(Path.cwd(), load(Path.cwd()).trusted)


def _cut(text: str) -> str:
    return text if len(text) <= _DESCRIPTION else f"{text[: _DESCRIPTION - 1]}…"


def _place(source: str) -> str:
    home = os.path.expanduser("~")
    return f"~{source[len(home) :]}" if source.startswith(f"{home}/") else source
