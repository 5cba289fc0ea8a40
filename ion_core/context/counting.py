"""The process that counts tokens: ``python -P -m ion_core.context.counting FOLDER``.

tiktoken takes half a second and 75 MB to load, so it lives here and never in ion itself. Standard
input brings frames, a line ``SERIAL SIZE`` and that many bytes of UTF-8; each is answered by a
line ``SERIAL TOKENS``. The process ends with its input, and by itself when nothing came for a
while.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ion_core.context.vocabulary import ENCODING, unpacked

LIMIT_S = 20
"""Seconds that the process may wait for a frame, or work on one; SIGALRM ends it then."""


def main(folder: Path) -> None:
    """Count until the input ends."""
    signal.alarm(LIMIT_S)
    _serve(counter(folder), sys.stdin.buffer, sys.stdout.buffer)


def counter(folder: Path) -> Callable[[str], int]:
    """What counts the tokens of a text, by the ranks in ``folder`` (filled when they are not
    there). Raises ``OSError``, ``ValueError`` or ``ImportError``; it never asks a network."""
    os.environ["TIKTOKEN_CACHE_DIR"] = str(unpacked(folder).parent)
    # tiktoken would download with it what it does not find in its cache.
    sys.modules["requests"] = None  # type: ignore[assignment]
    import tiktoken  # 75 MB: this process exists for it

    encoding = tiktoken.get_encoding(ENCODING)
    return lambda text: len(encoding.encode_ordinary(text))


def _serve(count: Callable[[str], int], frames: BinaryIO, answers: BinaryIO) -> None:
    while head := frames.readline():
        signal.alarm(LIMIT_S)
        serial, size = head.split()
        body = frames.read(int(size))
        if len(body) < int(size):
            return
        answers.write(b"%s %d\n" % (serial, count(body.decode("utf-8", "replace"))))
        answers.flush()
        signal.alarm(LIMIT_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
