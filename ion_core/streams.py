"""The three standard streams, made safe to use.

A process may be started without one of them, and whoever reads may go away. Neither may end in a
traceback, in a database that is opened as descriptor 1, or in a failing flush at exit. What is
written to a terminal is sanitised there, whoever wrote it; a pipe or a file gets it as it is.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import BinaryIO, TextIO


class Terminal(io.TextIOWrapper):
    """A terminal to write to: no control of a text that somebody else wrote reaches it. ``raw``
    stays open when it goes."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        super().__init__(raw, encoding, "backslashreplace", line_buffering=True)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, text: str, /) -> int:
        from ion_core.sanitize import sanitize  # start-up: most commands write to no terminal

        super().write(sanitize(text))
        return len(text)

    def put(self, data: bytes) -> None:
        """More of some UTF-8, which may be cut anywhere."""
        self.write(self._decoder.decode(data))
        self.flush()

    def draw(self, sequence: str) -> None:
        """Write ion's own words with their controls in them."""
        super().write(sequence)
        self.flush()


def prepare() -> None:
    """Give every standard stream that is missing a place to go to: nowhere. Guard those that are
    terminals.

    Call it first: a missing descriptor is handed out to the next file that is opened.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free descriptor, which is this one
    sys.stdout = _guarded(sys.stdout or _to(1))
    sys.stderr = _guarded(sys.stderr or _to(2))


def put(data: bytes) -> None:
    """Write UTF-8 to standard output at once: as it is, or sanitised where it is a terminal."""
    if isinstance(sys.stdout, Terminal):
        sys.stdout.put(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def lose(stream: TextIO) -> None:
    """Nobody reads ``stream`` any more: what is in it, and what follows, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _guarded(stream: TextIO) -> TextIO:
    if isinstance(stream, Terminal) or not stream.isatty():
        return stream
    stream.flush()
    return Terminal(open(stream.fileno(), "wb", closefd=False), stream.encoding)


def _to(descriptor: int) -> TextIO:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
