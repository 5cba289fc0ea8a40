"""What takes a missing name while a command runs, so that the command cannot.

A mount needs something to be mounted on, so it is made on the disk and removed afterwards, unless
somebody filled it meanwhile. Commands that run at the same time share them, whichever ion started
them. Where it matters not
to be seen it is a socket without rights: git, grep and archivers pass it over, nobody can open it,
and making and removing one takes a twentieth of the time of a folder.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from ion_core.sandbox.claims import Claims
from ion_core.sandbox.places import Guarded

_JOURNAL = "standing-"


class StandIns:
    """Those of one process. ``folder`` keeps a note of where they may be, so that the next process
    removes what one that was killed left, and claims, so that none is removed that a command of
    another process relies upon."""

    def __init__(self, folder: Path) -> None:
        self._users: Counter[str] = Counter()
        self._noted: set[str] = set()
        self._folder, self._journal = folder, folder / f"{_JOURNAL}{os.getpid()}"
        self._claims = Claims(folder / "claims")

    def take(self, guarded: Iterable[Guarded]) -> list[str]:
        """Make what is missing; the paths that :meth:`give_back` is to be called with, among them
        those that another process made and still needs. A place where nothing can be made is
        passed over. Raises ``OSError``."""
        possible = [one for one in guarded if one.stand_in and one.direct]
        if not possible:
            return []
        with self._claims.alone():
            wanted = [one for one in possible if self._is_wanted(one)]
            self._note([one.path for one in wanted])
            taken = [one.path for one in wanted if os.path.lexists(one.path) or _made(one)]
            for path in taken:
                self._users[path] += 1
                self._claims.lay(path)
        return taken

    def _is_wanted(self, one: Guarded) -> bool:
        """Whether the name is free, or taken by what stands in already."""
        if self._users[one.path] or not os.path.lexists(one.path):
            return True
        return self._claims.others_hold(one.path)

    def _note(self, paths: list[str]) -> None:
        """Write down the paths, before anything is made there. Raises ``OSError``."""
        fresh = [path for path in paths if path not in self._noted]
        if fresh:
            opened = os.open(self._journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            with open(opened, "ab") as file:
                file.write(b"".join(os.fsencode(path) + b"\0" for path in fresh))
            self._noted.update(fresh)

    def give_back(self, taken: Collection[str]) -> None:
        """Remove those that nobody uses any more. Raises ``OSError``."""
        if not taken:
            return
        with self._claims.alone():
            for path in taken:
                self._users[path] -= 1
                if not self._users[path]:
                    del self._users[path]
                    self._claims.drop(path)
                    self._remove(path)

    def _remove(self, path: str) -> None:
        if not self._users[path] and not self._claims.others_hold(path):
            _unmake(path)

    def sweep(self) -> None:
        """Remove what processes left that are no more."""
        left = [one for one in self._folder.glob(f"{_JOURNAL}*") if not _runs(_pid_of(one))]
        if not left:
            return
        with self._claims.alone():
            for journal in left:
                with suppress(OSError):
                    for path in journal.read_bytes().split(b"\0"):
                        self._remove(os.fsdecode(path))
                    journal.unlink()

    def close(self) -> None:
        """Forget the note where nothing of it is left."""
        if not any(self._users.values()):
            self._journal.unlink(missing_ok=True)
            self._noted.clear()
            self._claims.close()


def _pid_of(journal: Path) -> str:
    return journal.name.removeprefix(_JOURNAL)


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
