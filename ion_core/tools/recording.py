"""The output of a command: an excerpt in memory, and all of it on disk once it is long."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from ion_core import private
from ion_core.tools.truncate import LIMIT, Excerpt, plain

MOST_BYTES = 256 << 20
"""The usual limit of a spill file; a command that writes more is stopped."""

_NOTE_ROOM = 300


def spill_file(folder: Path, call: str) -> Path:
    """Where a call's output goes: providers put anything into an id."""
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in call)[:80] or "call"
    return folder / f"{name}.txt"


class Recording:
    """Takes bytes in and holds no more than a few times the excerpt, however many they are."""

    def __init__(self, spill: Path, limit_bytes: int = MOST_BYTES) -> None:
        self._spill, self._limit, self.size = spill, limit_bytes, 0
        self._excerpt = Excerpt(LIMIT - _NOTE_ROOM)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held: list[bytes] = []
        self._file: BinaryIO | None = None

    def close(self) -> None:
        """Nothing more is written. Raises ``OSError`` when the rest cannot be."""
        if self._file is not None:
            self._file.close()

    @property
    def is_full(self) -> bool:
        """Whether there was more than may be kept."""
        return self.size >= self._limit

    def feed(self, data: bytes) -> str:
        """More output; what it says. Raises ``OSError`` when the spill file cannot be written."""
        kept = data[: self._limit - self.size]
        self.size += len(kept)
        text = self._decoder.decode(kept)
        self._excerpt.feed(text)
        if self._file is not None:
            self._file.write(kept)
        else:
            self._held.append(kept)
            if not self._excerpt.is_whole:
                self._open()
        return text

    @property
    def spilled(self) -> str:
        """The file that has everything; empty while there is no need of one."""
        return "" if self._file is None else str(self._spill)

    def flush(self) -> None:
        """Let the file have what is held back. Raises ``OSError``."""
        if self._file is not None and not self._file.closed:
            self._file.flush()

    def text(self) -> str:
        """What a model reads of it so far: all, or the beginning and the end."""
        return plain(self._excerpt.text(self.spilled)).strip("\n")

    def finished(self) -> str:
        """:meth:`text` when nothing is fed any more."""
        self._excerpt.feed(self._decoder.decode(b"", final=True))
        return self.text()

    def _open(self) -> None:
        self._file = private.file(self._spill)
        self._file.writelines(self._held)
        self._held.clear()
