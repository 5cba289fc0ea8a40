"""The output of a command: an excerpt in memory, and all of it on disk once it is long."""

from __future__ import annotations

import codecs
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ion_core import private
from ion_core.tools.truncate import LIMIT, Excerpt, plain

MOST_BYTES = 256 << 20
"""The usual limit of a spill file; a command that writes more is stopped."""

_NOTE_ROOM = 300


class Recording:
    """Takes bytes in and holds no more than a few times the excerpt, however many they are."""

    def __init__(self, spill: Path, limit_bytes: int = MOST_BYTES) -> None:
        self._spill, self._limit, self.size = spill, limit_bytes, 0
        self._excerpt = Excerpt(LIMIT - _NOTE_ROOM)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held: list[bytes] = []
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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

    def finished(self) -> str:
        """What a model reads: all of it, or the beginning and the end. Nothing is fed after it."""
        self._excerpt.feed(self._decoder.decode(b"", final=True))
        return plain(self._excerpt.text("" if self._file is None else str(self._spill))).strip("\n")

    def _open(self) -> None:
        self._file = private.file(self._spill)
        self._file.writelines(self._held)
        self._held.clear()
