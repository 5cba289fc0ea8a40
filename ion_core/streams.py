"""The three standard streams, made safe to use.

A process may be started without one of them, and whoever reads may go away. Neither may end in a
traceback, in a database that is opened as descriptor 1, or in a failing flush at exit.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO


def prepare() -> None:
    """Give every standard stream that is missing a place to go to: nowhere.

    Call it first: a missing descriptor is handed out to the next file that is opened.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free descriptor, which is this one
    sys.stdout = sys.stdout or _to(1)
    sys.stderr = sys.stderr or _to(2)


def lose(stream: TextIO) -> None:
    """Nobody reads ``stream`` any more: what is in it, and what follows, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _to(descriptor: int) -> TextIO:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
