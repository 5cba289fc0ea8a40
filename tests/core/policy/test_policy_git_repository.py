"""git is only harmless where its repository is: configuration that runs something asks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ion_core.policy.shell.classify import classify
from ion_core.policy.shell.scene import Scene

LOOKS = ("git status", "git diff", "git log -p", "git show HEAD")


@pytest.fixture
def repository(project: Path) -> Path:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=project, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("config", "user.email", "a@example.com")
    git("config", "user.name", "A")
    git("remote", "add", "origin", "https://example.com/a.git")
    git("config", "branch.main.remote", "origin")
    git("add", "README.md")
    git("commit", "-q", "-m", "one")
    return project


def _asks(scene: Scene) -> bool:
    answers = [classify(command, scene) for command in LOOKS]
    return all(answer.rule == "shell.git.repository" for answer in answers)


def test_looking_at_a_usual_repository_is_allowed(repository: Path, scene: Scene) -> None:
    assert {classify(command, scene).decision for command in LOOKS} == {"allow"}


@pytest.mark.parametrize(
    "setting",
    [
        "[core]\n\tfsmonitor = ./p.sh\n",
        "[core]\n\tFSMonitor\n",
        "[core]\n\tpager = ./p.sh\n",
        "[core]\n\tsshCommand = ./p.sh\n",
        "[core]\n\thooksPath = hooks\n",
        "[core]\n\tworktree = /\n",
        "[core] fsmonitor = ./p.sh\n",
        '[diff "x"]\n\ttextconv = ./p.sh\n',
        '[diff "x"]\n\tcommand = ./p.sh\n',
        "[diff]\n\texternal = ./p.sh\n",
        '[filter "x"]\n\tclean = ./p.sh\n',
        '[filter "x"]\n\tprocess = ./p.sh\n',
        '[merge "x"]\n\tdriver = ./p.sh\n',
        "[include]\n\tpath = ../evil\n",
        '[includeIf "gitdir:."]\n\tpath = ../evil\n',
        "[alias]\n\tst = !./p.sh\n",
        "[gpg]\n\tprogram = ./p.sh\n",
        "[log]\n\tshowSignature = true\n",
        "[format]\n\tpretty = %G?\n",
        "[pretty]\n\tx = %G?\n",
        "[pager]\n\tlog = ./p.sh\n",
        "[credential]\n\thelper = ./p.sh\n",
        '[submodule "x"]\n\tactive = true\n',
        "[extensions]\n\tpartialClone = origin\n",
        '[remote "origin"]\n\tuploadpack = ./p.sh\n',
        "[user]\n\tname = a\\\n[core]\n",
        '[diff "x"]\n\tfoo = a\r[user]\n\ttextconv = ./p.sh\n',
        "[core \n\tfsmonitor = x\n",
        "\ufeff[core]\n\tfsmonitor = x\n",
        "[diff.x]\n\ttextconv = ./p.sh\n",
    ],
)
def test_configuration_that_may_run_something_asks(
    setting: str, repository: Path, scene: Scene
) -> None:
    with (repository / ".git/config").open("a", newline="") as file:
        file.write(setting)
    assert _asks(scene)


def test_a_nested_repository_in_the_index_asks(repository: Path, scene: Scene) -> None:
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repository, text=True).strip()
    subprocess.run(
        ["git", "update-index", "--add", "--cacheinfo", f"160000,{head},nested"],
        cwd=repository,
        check=True,
    )
    assert _asks(scene)


def test_submodules_ask(repository: Path, scene: Scene) -> None:
    (repository / ".gitmodules").write_text('[submodule "x"]\n\tignore = none\n')
    assert _asks(scene)


def test_a_repository_that_is_elsewhere_asks(project: Path, scene: Scene) -> None:
    (project / ".git").write_text("gitdir: ../elsewhere\n")
    assert _asks(scene)


def test_a_workspace_that_is_itself_a_repository_asks(project: Path, scene: Scene) -> None:
    for name in ("HEAD", "refs", "objects"):
        (project / name).mkdir()
    assert _asks(scene)


def test_the_repository_above_the_workspace_counts(project: Path, scene: Scene) -> None:
    (project.parent / ".git").mkdir()
    (project.parent / ".git/config").write_text("[core]\n\tfsmonitor = ./p.sh\n")
    assert _asks(scene)


def test_git_without_a_repository_fails_and_harms_nobody(scene: Scene) -> None:
    assert classify("git status", scene).decision == "allow"
