"""From one path of a session's tree to another, as everybody is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ion_core.entries import Entry
from ion_core.errors import StoreError
from ion_core.events import HeadMoved
from ion_core.ids import EntryId
from ion_core.messages import Message


def moved(old: Sequence[Entry], new: Sequence[Entry]) -> HeadMoved:
    """The event that turns one path, from the root, into the other."""
    shared = 0
    while shared < min(len(old), len(new)) and old[shared].id == new[shared].id:
        shared += 1
    kept = old[shared - 1].id if shared else None
    return HeadMoved(kept=kept, entries=tuple(new[shared:]))


class Asked(NamedTuple):
    """A message of the person's, and where the session stood just before it was said."""

    parent: EntryId | None
    body: Message


def asked(path: Sequence[Entry], entry: EntryId) -> Asked:
    """That message on this path. Raises ``StoreError`` for any other entry."""
    for known in path:
        if known.id == entry and isinstance(known.body, Message) and known.body.role == "user":
            return Asked(known.parent, known.body)
    raise StoreError(f"{entry} is no message of yours on this branch.")
