"""Working trees of git in which one agent works by itself, on a branch of its own.

One that is as it was made is removed again; one with changes or commits never is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from ion_core.errors import ConfigError

FOLDER = ".ion/worktrees"


class Worktree(Struct, frozen=True, kw_only=True):
    """``path`` is checked out at ``branch``, which began at the commit ``base`` of ``top``."""

    top: Path
    path: Path
    branch: str
    base: str

    async def done(self) -> str:
        """Remove it when nothing happened in it; a sentence about one that stays."""
        dirty = await _git(self.path, "status", "--porcelain")
        commits = await _git(self.path, "rev-list", "--count", f"{self.base}..HEAD")
        if dirty.strip() or commits.strip() != "0":
            return f"Its changes are in {self.path} on the branch {self.branch}."
        await _git(self.top, "worktree", "remove", "--force", str(self.path))
        await _git(self.top, "branch", "-D", self.branch)
        return ""


class HookedTree(Struct, frozen=True, kw_only=True):
    """A folder that a hook made to be worked in; whether it stays is for hooks to say."""

    path: Path

    async def done(self) -> str:
        """Nothing is left to say."""
        return ""


Tree: TypeAlias = Worktree | HookedTree


async def worktree(cwd: Path, name: str) -> Worktree:
    """A new one for a folder of a repository. Raises ``ConfigError`` outside of one, and where git
    says no."""
    top = Path((await _git(cwd, "rev-parse", "--show-toplevel")).strip())
    base = (await _git(top, "rev-parse", "HEAD")).strip()
    path, branch = top / FOLDER / name, f"ion/{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / ".gitignore").write_text("*\n")
    await _git(top, "worktree", "add", "-q", "-b", branch, str(path))
    return Worktree(top=top, path=path, branch=branch, base=base)


async def _git(cwd: Path, *words: str) -> str:
    """What git says. Hooks of the repository do not run."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("git", "-c", "core.hooksPath=/dev/null", *words),
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise ConfigError(f"git cannot be run: {error}") from error
    output, errors = await process.communicate()
    if process.returncode:
        said = errors.decode("utf-8", "replace").strip().partition("\n")[0]
        raise ConfigError(f"A working tree cannot be made: {said}")
    return output.decode("utf-8", "replace")
