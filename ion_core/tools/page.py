"""A page of a file: some of its lines, numbered, read without holding the rest.

Lines are cut when they are long, and the page ends at its limits of lines and characters.
"""

from __future__ import annotations

from typing import BinaryIO

MOST_LINES = 2_000
MOST_CHARS = 30_000
LONGEST_LINE = 2_000

_NOTE_ROOM = 200
_LINE_BYTES = 4 * LONGEST_LINE
_CHUNK = 1 << 16
_COUNTED_BYTES = 64 << 20


class Page:
    """Lines ``offset`` (from 1) and on of a UTF-8 file: at most ``limit``.

    ``first`` and ``last`` are the numbers of the lines in it; ``total`` is how many lines the file
    has, None when the rest was too large to count.
    """

    def __init__(self, offset: int, limit: int) -> None:
        self.first, self._most = offset, min(limit, MOST_LINES)
        self.lines: list[str] = []
        self.total: int | None = 0
        self._size, self._number = 0, 0

    def skip_to_tail(self, file: BinaryIO, lines: int) -> None:
        """Begin with the last so many lines of what follows in ``file``, instead of at an offset;
        the file then stands before them."""
        start = file.tell()
        self._number = max(0, _count(file) - lines)
        self.first = self._number + 1
        _seek_tail(file, start, lines)

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    def fill(self, file: BinaryIO, size: int) -> None:
        """Read on from where ``file`` stands; ``size`` is its length in bytes."""
        while len(self.lines) < self._most:
            start = file.tell()
            line, dropped = _line(file)
            if not line:
                self.total = self._number
                return
            self._number += 1
            if self._number >= self.first and not self._add(line, dropped):
                self._number -= 1
                file.seek(start)
                break
        self.total = self._number + _count(file) if size <= _COUNTED_BYTES else None

    def _add(self, line: bytes, dropped: int) -> bool:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        cut = dropped or len(text) > LONGEST_LINE
        note = f"… [cut: the line has {len(text) + dropped:,} characters]" if cut else ""
        shown = f"{self._number}\t{text[:LONGEST_LINE]}{note}"
        if self.lines and self._size + len(shown) + 1 > MOST_CHARS - _NOTE_ROOM:
            return False
        self._size += len(shown) + 1
        self.lines.append(shown)
        return True


def _line(file: BinaryIO) -> tuple[bytes, int]:
    """The beginning of the next line, and how many of its bytes were passed over."""
    line, dropped = file.readline(_LINE_BYTES), 0
    more = line
    while more and not more.endswith(b"\n") and len(more) >= _LINE_BYTES:
        more = file.readline(_LINE_BYTES)
        dropped += len(more.rstrip(b"\r\n"))
    return line, dropped


def _seek_tail(file: BinaryIO, start: int, lines: int) -> None:
    """Put ``file`` before the last so many lines after ``start``, reading it from its end."""
    at = file.seek(0, 2)
    left, last = lines, True
    while at > start:
        size = min(_CHUNK, at - start)
        at -= size
        file.seek(at)
        chunk = file.read(size)
        cut = len(chunk) - chunk.endswith(b"\n") if last else len(chunk)
        last = False
        while left and (cut := chunk.rfind(b"\n", 0, cut)) >= 0:
            left -= 1
        if not left:
            file.seek(at + cut + 1)
            return
    file.seek(start)


def _count(file: BinaryIO) -> int:
    """How many lines follow."""
    count, last = 0, b"\n"
    while chunk := file.read(_CHUNK):
        count += chunk.count(b"\n")
        last = chunk[-1:]
    return count + (last != b"\n")
