"""A few bytes that a program waits for: it reads them from a descriptor it was left.

Whoever starts it has time meanwhile to find out what to say, and to set limits on it.
"""

from __future__ import annotations

import os
from contextlib import suppress


class Feed:
    """``descriptor`` is for the child alone. Raises ``OSError``."""

    def __init__(self) -> None:
        self.descriptor, self._writing = os.pipe()

    def release(self, content: bytes) -> None:
        """Let the child have it. Once. Waits for the child where there is more than a pipe holds
        (64 KiB, pipe(7))."""
        self._close_reading()
        writing, self._writing = self._writing, -1
        try:
            with suppress(BrokenPipeError):  # the child has ended
                while content:
                    content = content[os.write(writing, content) :]
        finally:
            os.close(writing)

    def close(self) -> None:
        """Keep nothing open."""
        self._close_reading()
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1

    def _close_reading(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
