"""Whatever a command does to git's own files: git, run by the person afterwards, runs nothing of
the command's.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from sandbox_cell import Cell

EVIL = (
    "mkdir evil && cp -r $(git rev-parse --git-common-dir)/{refs,objects,HEAD} evil/ &&"
    " printf '[core]\\n\\trepositoryformatversion=0\\n\\tfsmonitor=touch PWNED;false\\n'"
    " > evil/config"
)
HOOK = "printf '#!/bin/sh\\ntouch PWNED\\n'"
COMMIT = ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one")


def _git(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", **(env or {})},
    )  # fmt: skip
    return done.stdout


def _committed(cell: Cell) -> Path:
    (cell.root / "a.txt").write_text("a\n")
    _git(cell.root, "add", "a.txt")
    _git(cell.root, *COMMIT)
    return cell.root


def _is_safe(*folders: Path) -> bool:
    for folder in folders:
        _git(folder, "status")
    return not any(folder.joinpath("PWNED").exists() for folder in folders)


@pytest.mark.parametrize("place", ["wt", "a/b/c/d/wt"])
async def test_a_new_worktree_stays_one_of_its_repository(cell: Cell, place: str) -> None:
    root = _committed(cell)
    lead = 'echo "$PWD/evil" > .git/worktrees/wt/commondir'
    await cell.run(f"{EVIL} && git worktree add -q {place} -b wt && {lead}")
    assert _is_safe(root / place)
    assert "wt" in _git(root / place, "branch", "--show-current")


async def test_a_worktree_elsewhere_stays_one_of_its_repository(cell: Cell) -> None:
    root = _committed(cell)
    _git(root, "worktree", "add", "-q", "../elsewhere", "-b", "other")
    await cell.run(f'{EVIL}; echo "$PWD/evil" > .git/worktrees/elsewhere/commondir')
    assert _is_safe(root.parent / "elsewhere")


async def test_a_git_folder_behind_a_link_keeps_its_link_and_its_settings(cell: Cell) -> None:
    root = _committed(cell)
    (root / ".git").rename(root / "real")
    (root / ".git").symlink_to("real")
    before = (root / "real/config").read_text()
    await cell.run(f"{EVIL}; rm .git; ln -s evil .git; true")
    await cell.run(f"{EVIL}; mv real gone; mv evil real; echo x >> real/config; true")
    assert _is_safe(root)
    assert (root / ".git").readlink() == Path("real")
    assert (root / "real/config").read_text() == before


async def test_a_git_folder_apart_is_guarded_as_one_in_place(cell: Cell) -> None:
    root = _committed(cell)
    _git(root, "init", "-q", "--separate-git-dir", "apart", ".")
    await cell.run(f"{HOOK} > apart/hooks/pre-commit; chmod +x apart/hooks/pre-commit")
    await cell.run("printf '[core]\\n\\tfsmonitor=touch PWNED;false\\n' >> apart/config")
    await cell.run(f"{EVIL}; mv apart gone; mv evil apart; true")
    assert _is_safe(root)
    assert not (root / "apart/hooks/pre-commit").exists()
    assert (await cell.run("git status --short")).code == 0


async def test_a_submodule_that_is_new_brings_no_hooks(cell: Cell) -> None:
    root = _committed(cell)
    await cell.run(
        f"mkdir -p .git/modules/sub/hooks && cp -r .git/{{objects,refs,HEAD}} .git/modules/sub/ &&"
        " printf '[core]\\n\\tworktree = ../../../sub\\n\\tfsmonitor = x\\n'"
        f" > .git/modules/sub/config && {HOOK} > .git/modules/sub/hooks/post-checkout"
    )
    module = root / ".git/modules/sub"
    if module.exists():
        assert not (module / "hooks/post-checkout").exists()
        kept = (module / "config").read_text()
        assert "worktree = ../../../sub" in kept
        assert "fsmonitor" not in kept


async def test_a_deep_repository_and_deep_keys_are_found(full: Cell) -> None:
    deep = full.root.joinpath(*"abcdef")
    deep.mkdir(parents=True)
    _git(deep, "init", "-q")
    (deep / ".env").write_text("TOKEN=secret\n")
    ran = await full.run("cat a/b/c/d/e/f/.env; echo x >> a/b/c/d/e/f/.git/config")
    assert "secret" not in ran.output
    assert "x\n" not in (deep / ".git/config").read_text()
