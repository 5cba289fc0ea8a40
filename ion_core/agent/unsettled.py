"""What was in the folders of a session before a command that still runs, on disk.

When ion is ended meanwhile, the next one that opens the session finds out by it what the command
changed. It is a file in ion's own folder, there while a command or a job runs. Blocking.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from ion_core import private
from ion_core.agent.sight import Look, Seen
from ion_core.ids import EntryId
from ion_core.sessions.file_states import State


class Note(msgspec.Struct, frozen=True, array_like=True):
    """``head`` is the entry that was the last one when it began; per path what ``lstat`` said, and
    what is kept of it; None where nothing could be seen."""

    head: str
    files: list[tuple[bytes, Look, State | None]] | None

    @property
    def seen(self) -> Seen | None:
        """As ``sight.seen`` returned it."""
        if self.files is None:
            return None
        return {os.fsdecode(path): look for path, look, _ in self.files}

    @property
    def known(self) -> dict[tuple[str, Look], State]:
        """The states of those that were kept."""
        files = self.files or []
        return {(os.fsdecode(path), look): state for path, look, state in files if state}


class Unsettled:
    """The note of one session, in the file ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(
        self, head: EntryId, seen: Seen | None, known: Mapping[tuple[str, Look], State]
    ) -> None:
        """A command begins. Where nothing can be written it runs all the same: what is lost is
        what it changed if ion is ended before it is done."""
        files = None
        if seen is not None:
            files = [(os.fsencode(path), now, known.get((path, now))) for path, now in seen.items()]
        scratch = self._path.with_name(f".{self._path.name}")
        with suppress(OSError):
            with private.file(scratch) as file:
                file.write(msgspec.msgpack.encode(Note(head=head, files=files)))
            scratch.replace(self._path)

    def read(self) -> Note | None:
        """The note of a command that nobody saw the end of; None where there is none."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Note)
        except (OSError, msgspec.MsgspecError):
            return None

    def clear(self) -> None:
        """It is over, and what it changed is recorded."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
