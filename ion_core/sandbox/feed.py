"""A few bytes that a program waits for: it reads them from a descriptor it was left.

bubblewrap reads its filter before it does anything else, so that whoever starts it has time to set
limits on it.
"""

from __future__ import annotations

import os
from contextlib import suppress

_MOST_BYTES = 65_536  # what a pipe holds (pipe(7)), so that writing never waits


class Feed:
    """``descriptor`` is for the child alone. Raises ``OSError``."""

    def __init__(self, content: bytes) -> None:
        if len(content) > _MOST_BYTES:
            raise OSError("What a child is fed is too long.")
        self._content = content
        self.descriptor, self._writing = os.pipe()

    def release(self) -> None:
        """Let the child have it. Once."""
        writing, self._writing = self._writing, -1
        try:
            with suppress(BrokenPipeError):  # the child has ended
                os.write(writing, self._content)
        finally:
            os.close(writing)

    def close(self) -> None:
        """Keep nothing open."""
        os.close(self.descriptor)
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1
