"""Which project a folder belongs to: the repository that all of its worktrees share, or itself.

Git's files are read, and no git is run: this is on the way to the first request.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

LONGEST: Final = 8192
"""Bytes of a line that names a folder."""


def project_id(cwd: Path) -> str:
    """16 hexadecimal digits, the same for every folder and worktree of one repository."""
    real = cwd.resolve()
    place = next((git for folder in (real, *real.parents) if (git := _git_dir(folder))), real)
    return hashlib.sha256(str(place).encode(errors="surrogateescape")).hexdigest()[:16]


def _git_dir(folder: Path) -> Path | None:
    """The common directory of the repository whose top is ``folder``, if it is one.

    ``.git`` is a folder, or in a worktree or submodule a file that names one; in a worktree's
    folder, ``commondir`` names the repository's (man gitrepository-layout).
    """
    git = folder / ".git"
    pointer = _first_line(git)
    if pointer.startswith("gitdir:"):
        git = folder / pointer.removeprefix("gitdir:").strip()
    if not (git / "HEAD").exists():
        return None
    return (git / _first_line(git / "commondir")).resolve()


def _first_line(file: Path) -> str:
    """The beginning of a small file; of anything else nothing, and nobody waits for a pipe."""
    try:
        with open(file, "rb", opener=_at_once) as lines:
            found = os.fsdecode(lines.readline(LONGEST)) if lines.seekable() else ""
    except OSError:
        return ""
    return "" if "\0" in found else found.strip()


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
