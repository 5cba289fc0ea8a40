"""Empty folders and files that take a missing name while a command runs.

A mount needs something to be mounted on, so they are made on the disk and removed afterwards,
unless somebody filled them meanwhile. Commands that run at the same time share them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from ion_core.sandbox.places import Guarded


class StandIns:
    """Those of one process."""

    def __init__(self) -> None:
        self._users: Counter[str] = Counter()

    def take(self, guarded: Iterable[Guarded]) -> list[str]:
        """Make what is missing; the paths that :meth:`give_back` is to be called with. A place
        where nothing can be made is passed over."""
        taken = []
        for one in guarded:
            if one.stand_in and (self._users[one.path] or _made(one)):
                self._users[one.path] += 1
                taken.append(one.path)
        return taken

    def give_back(self, taken: Iterable[str]) -> None:
        """Remove those that nobody uses any more."""
        for path in taken:
            self._users[path] -= 1
            if not self._users[path]:
                del self._users[path]
                _unmake(path)


def _made(one: Guarded) -> bool:
    if not one.direct or os.path.lexists(one.path):
        return False
    try:
        if one.stand_in == "folder":
            os.mkdir(one.path, 0o700)
        else:
            os.close(os.open(one.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return False
    return True


def _unmake(path: str) -> None:
    with suppress(OSError):
        if os.path.isdir(path):
            os.rmdir(path)
        elif os.lstat(path).st_size == 0:
            os.unlink(path)
