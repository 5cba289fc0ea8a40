"""Which folders are one project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ion_core.sessions.project import project_id


def git(cwd: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def test_every_folder_of_a_repository_is_one_project(repo: Path) -> None:
    deep = repo / "a" / "b"
    deep.mkdir(parents=True)
    assert project_id(deep) == project_id(repo)
    assert len(project_id(repo)) == 16


def test_worktrees_share_the_project_of_their_repository(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert project_id(tmp_path / "tree") == project_id(repo)


def test_a_submodule_is_a_project_of_its_own(repo: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo), "inner")
    assert project_id(outer / "inner") not in (project_id(outer), project_id(repo))
    (outer / "inner" / "deep").mkdir()
    assert project_id(outer / "inner" / "deep") == project_id(outer / "inner")


def test_two_repositories_are_two_projects(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    assert project_id(other) != project_id(repo)


def test_without_a_repository_the_real_folder_is_the_project(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    assert project_id(tmp_path / "link") == project_id(real)
    assert project_id(real) != project_id(tmp_path)


def test_a_folder_named_git_that_is_no_repository_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "x" / ".git").mkdir(parents=True)
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / ".git").write_text("gitdir: ../nowhere\n")
    assert len({project_id(tmp_path / name) for name in ("x", "y")}) == 2


def test_a_folder_that_is_gone_still_has_a_project(tmp_path: Path) -> None:
    assert project_id(tmp_path / "gone") == project_id(tmp_path / "gone")


def test_a_pipe_and_a_path_that_cannot_be_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")
    assert len(project_id(tmp_path)) == 16
    odd = tmp_path / "odd"
    (odd / ".git").mkdir(parents=True)
    (odd / ".git/HEAD").touch()
    (odd / ".git/commondir").write_bytes(b"a\0b")
    assert len(project_id(odd)) == 16
