"""Which project a folder belongs to: the repository that all of its worktrees share, or itself.

Git's files are read, and no git is run: this is on the way to the first request.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


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
    try:
        with file.open(encoding="utf-8", errors="surrogateescape") as lines:
            return lines.readline().strip()
    except OSError:
        return ""
