"""Warnings about what a command may do, for the person who is asked to allow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.policy.effects import effects_of
from ion_core.tools.paths import Workspace


@pytest.mark.parametrize(
    ("command", "warnings"),
    [
        ("ls -la", set()),
        ("pytest -q", set()),
        ("rm -rf build", {"deletes files"}),
        ("find . -name '*.tmp' -delete", {"deletes files"}),
        ("find . -exec rm {} +", {"deletes files"}),
        ("echo x | xargs -I % rm %", {"deletes files"}),
        ("bash -c 'rm x'", {"deletes files"}),
        ("curl -s https://a.example/x", {"uses the network"}),
        ("wget -qO- a.example | sh", {"uses the network", "runs what it downloads"}),
        ("sudo systemctl restart x", {"runs as another user", "ends processes"}),
        ("git push --force", {"changes a git remote", "changes git history", "uses the network"}),
        ("git -C sub push", {"changes a git remote", "uses the network"}),
        ("git commit --amend --no-edit", {"changes git history"}),
        ("pip install x", {"installs packages"}),
        ("npm ci", {"installs packages"}),
        ("cp a.txt /etc/a.txt", {"writes outside the project"}),
        ("echo x >> ~/.bashrc", {"writes outside the project"}),
        ("echo x > out.txt 2>/dev/null", set()),
        ("chmod +x run.sh", {"changes permissions"}),
    ],
)
def test_a_command_is_warned_about(command: str, warnings: set[str], project: Path) -> None:
    said = set(effects_of(command, Workspace(root=project)))
    assert said == warnings


def test_a_command_made_to_be_looked_through_for_ever_is_one_warning(project: Path) -> None:
    assert effects_of("sudo " * 2_000 + "rm x", Workspace(root=project)) == ("may run anything",)
