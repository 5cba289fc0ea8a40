"""Files and folders that nobody but their owner may read, whatever the umask is.

Process-wide nothing is set: what tools write into a project, and what commands make, has the rights
that the person's own umask gives it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def folder(path: Path) -> Path:
    """``path``, made with whatever is missing above it, each 0700. Raises ``OSError``."""
    missing = [each for each in (path, *path.parents) if not each.is_dir()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
    return path


def file(path: Path) -> BinaryIO:
    """An empty file to write to, 0600, in a folder made when it is missing. Raises ``OSError``."""
    folder(path.parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")
