"""Files of ion's own folder that no session names: pictures, files as they were, long output.

They are only counted here. What clears them away, after a week in which somebody might still name
them, is ``leftovers.py``. Blocking.
"""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from ion_core.sessions import leftovers, retention
from ion_core.sessions.faults import FAILURES, store_error
from ion_core.sessions.writer import connect


class Orphans(Struct, frozen=True, kw_only=True):
    """How many files, and what they take."""

    files: int = 0
    size_bytes: int = 0


def orphans(path: Path) -> Orphans:
    """Those beside the database ``path``, which must be whole. Where a damaged one was set aside,
    nobody knows what it names, and nothing is an orphan. Raises ``StoreError``."""
    if any(path.parent.glob(f"{path.name}.broken-*")):
        return Orphans()
    try:
        found = _unnamed(path)
    except FAILURES as error:
        raise store_error(str(path), error) from error
    return Orphans(files=len(found), size_bytes=sum(map(leftovers.size, found)))


def _unnamed(path: Path) -> list[Path]:
    spills = leftovers.spills(path.parent)
    kept = leftovers.pictures(path.parent, math.inf)
    if not spills and not kept:
        return []
    with closing(connect(str(path))) as db:
        sessions, named, row = retention.known(db), leftovers.kept_for_files(db), -1
        while row:
            some, row = leftovers.named(db, max(0, row))
            named |= some
    spilt = [folder for folder in spills if folder.name not in sessions]
    texts = [each for folder in spilt for each in folder.rglob("*") if each.is_file()]
    return [*texts, *(each for each in kept if each.name not in named)]
