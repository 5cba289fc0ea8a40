"""How much is kept of files as they were, and what of it goes when it is more than a person wants.

The oldest goes first. What it was kept for is still known to have changed: going back tells that
it cannot be restored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path

from msgspec import Struct

from ion_core.sessions import leftovers


class Excess(Struct, frozen=True, kw_only=True):
    """Bytes that are not kept any longer, by their digests, and what they take."""

    digests: tuple[bytes, ...] = ()
    size_bytes: int = 0

    @property
    def names(self) -> set[str]:
        """As the files are called."""
        return {digest.hex() for digest in self.digests}


def newest(db: sqlite3.Connection) -> list[bytes]:
    """The digests of all that is kept, the one that was wanted last first."""
    rows = db.execute(
        "SELECT before_hash FROM checkpoint_file WHERE before_hash IS NOT NULL "
        "GROUP BY before_hash ORDER BY max(checkpoint_id) DESC"
    )
    return [digest for (digest,) in rows]


def excess(home: Path, digests: Collection[bytes], limit_bytes: int) -> Excess:
    """What does not find room, of digests in that order. Blocking."""
    room, gone, freed = limit_bytes, [], 0
    for digest in digests:
        name = digest.hex()
        size = leftovers.size(home / "blobs" / name[:2] / name)
        if size > room:
            gone.append(digest)
            freed += size
            room = 0
        else:
            room -= size
    return Excess(digests=tuple(gone), size_bytes=freed)


def forget(db: sqlite3.Connection, digests: Collection[bytes]) -> None:
    """Keep them no longer, inside a transaction."""
    db.executemany(
        "UPDATE checkpoint_file SET before_hash = NULL, ftype = 'unkept' WHERE before_hash = ?",
        [(digest,) for digest in digests],
    )
