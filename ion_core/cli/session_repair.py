"""``ion sessions repair``: whether the database is whole, and making it so.

Nothing is deleted: a file that is damaged is set aside, and one whose rows are wrong is copied
before they are set right. Files that no session names are counted, and left to ``ion sessions gc``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ion_core.config.paths import ion_home
from ion_core.sessions.mending import examine, mend
from ion_core.sessions.orphans import Orphans, orphans

_NONE = Orphans()


def repair(options: argparse.Namespace) -> int:
    """Check or mend the database; 0 when it is whole in the end. Raises ``StoreError``."""
    path = ion_home() / "sessions.db"
    if not path.exists() and not path.with_name(f"{path.name}-wal").exists():
        _say(options, path, ["There is no session database yet."], whole=True)
        return 0
    told, whole = _checked(path) if options.check else _mended(path)
    unnamed = orphans(path) if whole else Orphans()
    _say(options, path, told or [f"{path} is whole."], whole=whole, unnamed=unnamed)
    return 0 if whole else 1


def _say(
    options: argparse.Namespace,
    path: Path,
    told: list[str],
    *,
    whole: bool,
    unnamed: Orphans = _NONE,
) -> None:
    if options.json:
        facts = {"files": unnamed.files, "bytes": unnamed.size_bytes}
        print(json.dumps({"path": str(path), "whole": whole, "told": told, "orphans": facts}))
    else:
        print("\n".join([*told, *_prose(unnamed)]))


def _prose(unnamed: Orphans) -> list[str]:
    if not unnamed.files:
        return []
    files = "1 file" if unnamed.files == 1 else f"{unnamed.files:,} files"
    return [
        f"{files} of pictures, earlier file states and long output ({unnamed.size_bytes:,} bytes) "
        "that no session names. What stays so for a week, ion sessions gc removes."
    ]


def _checked(path: Path) -> tuple[list[str], bool]:
    found = examine(path)
    damaged = [f"{path} is damaged: {found.damaged}."] if found.damaged else []
    told = [*damaged, *found.findings]
    return told, not told


def _mended(path: Path) -> tuple[list[str], bool]:
    told = mend(path)
    left = examine(path) if told else None
    return told, left is None or not (left.damaged or left.findings)
