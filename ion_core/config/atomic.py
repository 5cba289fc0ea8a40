"""Replacing a file so that nobody ever sees half of it."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(file: Path, data: bytes, mode: int) -> None:
    """Make ``data`` the content of ``file`` with permissions ``mode``, at once and durably.

    A link keeps pointing where it points: its target is replaced. Raises ``OSError``; the old
    content is then still there.
    """
    target = file.resolve()
    fresh = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(handle, "wb") as stream:
            os.fchmod(handle, mode)
            stream.write(data)
            stream.flush()
            os.fsync(handle)
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
