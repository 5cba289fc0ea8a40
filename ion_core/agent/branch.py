"""From one path of a session's tree to another, as everybody is told of it."""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.entries import Entry
from ion_core.events import HeadMoved


def moved(old: Sequence[Entry], new: Sequence[Entry]) -> HeadMoved:
    """The event that turns one path, from the root, into the other."""
    shared = 0
    while shared < min(len(old), len(new)) and old[shared].id == new[shared].id:
        shared += 1
    kept = old[shared - 1].id if shared else None
    return HeadMoved(kept=kept, entries=tuple(new[shared:]))
