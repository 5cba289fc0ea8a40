"""What takes a missing name while a command runs, so that the command cannot.

A mount needs something to be mounted on, so it is made on the disk and removed afterwards, unless
somebody filled it meanwhile. Commands that run at the same time share them. Where it matters not
to be seen it is a socket without rights: git, grep and archivers pass it over, nobody can open it,
and making and removing one takes a twentieth of the time of a folder.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ion_core.sandbox.places import Guarded

_JOURNAL = "standing-"


class StandIns:
    """Those of one process. ``folder`` keeps a note of where they may be, so that the next process
    removes what one that was killed left."""

    def __init__(self, folder: Path) -> None:
        self._users: Counter[str] = Counter()
        self._noted: set[str] = set()
        self._folder, self._journal = folder, folder / f"{_JOURNAL}{os.getpid()}"

    def take(self, guarded: Iterable[Guarded]) -> list[str]:
        """Make what is missing; the paths that :meth:`give_back` is to be called with. A place
        where nothing can be made is passed over."""
        wanted = [one for one in guarded if one.stand_in and self._is_free(one)]
        self._note([one.path for one in wanted])
        taken = []
        for one in wanted:
            if self._users[one.path] or _made(one):
                self._users[one.path] += 1
                taken.append(one.path)
        return taken

    def _is_free(self, one: Guarded) -> bool:
        return bool(self._users[one.path]) or (one.direct and not os.path.lexists(one.path))

    def _note(self, paths: list[str]) -> None:
        """Write down the paths, before anything is made there. Raises ``OSError``."""
        fresh = [path for path in paths if path not in self._noted]
        if fresh:
            opened = os.open(self._journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            with open(opened, "ab") as file:
                file.write(b"".join(os.fsencode(path) + b"\0" for path in fresh))
            self._noted.update(fresh)

    def give_back(self, taken: Iterable[str]) -> None:
        """Remove those that nobody uses any more."""
        for path in taken:
            self._users[path] -= 1
            if not self._users[path]:
                del self._users[path]
                _unmake(path)

    def sweep(self) -> None:
        """Remove what processes left that are no more."""
        for journal in self._folder.glob(f"{_JOURNAL}*"):
            if not _runs(journal.name.removeprefix(_JOURNAL)):
                with suppress(OSError):
                    for path in journal.read_bytes().split(b"\0"):
                        _unmake(os.fsdecode(path))
                    journal.unlink()

    def close(self) -> None:
        """Forget the note where nothing of it is left."""
        if not any(self._users.values()):
            self._journal.unlink(missing_ok=True)
            self._noted.clear()


def _runs(pid: str) -> bool:
    """Whether the process may still be there."""
    if not pid.isdecimal():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _made(one: Guarded) -> bool:
    try:
        if one.stand_in == "name":
            os.mknod(one.path, stat.S_IFSOCK)
        elif one.stand_in == "folder":
            os.mkdir(one.path, 0o700)
        else:
            os.close(os.open(one.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return False
    return True


def _unmake(path: str) -> None:
    """Remove a stand-in: a socket without rights, an empty folder, an empty file."""
    with suppress(OSError):
        status = os.lstat(path)
        if stat.S_ISDIR(status.st_mode):
            os.rmdir(path)
        elif status.st_size == 0 and not stat.S_ISLNK(status.st_mode):
            os.unlink(path)
