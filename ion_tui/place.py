"""Where ion works, as people write it: the folder with ``~``, and the branch that git has out."""

from __future__ import annotations

from pathlib import Path


def folder_name(folder: Path, home: Path) -> str:
    """``~/shop`` for a folder below home, else the whole path."""
    if folder == home:
        return "~"
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def branch_name(folder: Path) -> str:
    """The branch, the first characters of a detached commit, or nothing. Reads one small file and
    starts no process (gitrepository-layout(5))."""
    for parent in (folder, *folder.parents):
        git = parent / ".git"
        if git.exists():
            return _head(git)
    return ""


def _head(git: Path) -> str:
    try:
        if git.is_file():
            git = git.parent / git.read_text("utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref:") else head[:8]
