"""``ion doctor``: what works here, what does not, and how to mend it, on one screen."""

from __future__ import annotations

import argparse
import os
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ion_core.doctor.base import Check

MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}
WIDTH = 100
"""Columns of the text at most."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion doctor``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what was found; 0 when nothing is broken."""
    from ion_core.doctor.examination import examine, is_well  # start-up: --help needs none of it

    checks = examine(Path.cwd(), os.environ)
    if options.json:
        print(as_json(checks, well=is_well(checks)))
    else:
        width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
        print(as_text(checks, width))
    return 0 if is_well(checks) else 1


def as_json(checks: Sequence[Check], *, well: bool) -> str:
    """``{"ok", "checks": [{"name", "status", "detail", "fix"}]}``."""
    import msgspec  # start-up: as above

    return msgspec.json.encode({"ok": well, "checks": list(checks)}).decode()


def as_text(checks: Sequence[Check], width: int) -> str:
    """A paragraph for each, its fix below it, and a sentence on all of them."""
    column = max(len(check.name) for check in checks) + 4
    lines = [line for check in checks for line in _lines(check, column, width)]
    return "\n".join([*lines, "", verdict(checks)])


def verdict(checks: Sequence[Check]) -> str:
    """All of it in a sentence."""
    broken = sum(check.status == "fail" for check in checks)
    warned = sum(check.status == "warn" for check in checks)
    warnings = f"{warned} warning{'s' * (warned != 1)}"
    if broken:
        return f"{broken} of {len(checks)} checks found something broken, and {warnings}."
    return f"Nothing is broken; {warnings}." if warned else "Everything is well."


def _lines(check: Check, column: int, width: int) -> list[str]:
    from ion_core.sanitize import sanitize  # start-up: as above

    head = f"{MARKS[check.status]} {check.name}"
    detail = sanitize(check.detail).replace("\n", " ")
    lines = _wrapped(detail, head.ljust(column), column, width)
    if check.fix:
        fix = sanitize(check.fix).replace("\n", " ")
        lines += _wrapped(fix, " " * column + "→ ", column + 2, width)
    return lines


def _wrapped(text: str, first: str, column: int, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, column + 20),
        initial_indent=first,
        subsequent_indent=" " * column,
        break_on_hyphens=False,
        break_long_words=False,
    )
