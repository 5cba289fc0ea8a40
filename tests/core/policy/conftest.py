"""A workspace to judge commands in, and what lies around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.policy.shell.scene import Scene
from ion_core.tools.paths import Workspace


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project, beside a home with a secret and a file that is none of its business."""
    for name, text in {
        "project/src/app.py": "def main(): ...\n",
        "project/README.md": "# project\n",
        "project/notes.txt": "a\nb\n",
        "home/.ssh/id_rsa": "key",
        "elsewhere/private.txt": "private",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "project"


@pytest.fixture
def scene(project: Path) -> Scene:
    workspace = Workspace(root=project)
    return Scene(workspace, workspace.root, str(project.parent / "home"))
