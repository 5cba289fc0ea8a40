"""The workspace holds every file tool inside, whatever a path looks like."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ion_core.tools.paths import Operation, PathMissing, PathRefused, Workspace

ROWS = [
    json.loads(line) for line in Path(__file__).with_name("paths.jsonl").read_text().splitlines()
]
OPERATIONS: dict[str, Operation] = {
    "read": "read",
    "list": "list",
    "write": "write",
    "create": "write",
    "rename": "write",
    "symlink": "write",
}


@pytest.fixture
def land(tmp_path: Path) -> Path:
    """A workspace with every trap in it, beside what must not be reached."""
    files = {
        "ws/src/a.txt": "in",
        "ws/.git/config": "h",
        "ws/nested/.git/config": "h",
        "ws/e\u0301.txt": "x",
        "ws/-rf": "x",
        "ws/new\nline.txt": "x",
        "outside/secret.txt": "out",
        "ws-evil/x.txt": "e",
        "home/.ssh/id_rsa": "k",
        "home/.aws/credentials": "k",
        "home/.config/ion/auth.json": "k",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    links = {
        "link_dir": f"{tmp_path}/outside",
        "link_file": f"{tmp_path}/outside/secret.txt",
        "link2": "link_file",
        "in_link": "src",
        "dangling": f"{tmp_path}/outside/new.txt",
        "loop": "loop",
        "keys": f"{tmp_path}/home/.ssh",
        "proccwd": "/proc/self/cwd",
        "src/dd": "deep/../../../outside",
        "back_in": "../ws/src",
    }
    workspace = tmp_path / "ws"
    (workspace / ".ion").mkdir()
    (workspace / "src/deep").mkdir()
    for name, target in links.items():
        (workspace / name).symlink_to(target)
    os.link(tmp_path / "outside/secret.txt", workspace / "hard.txt")
    os.mkfifo(workspace / "pipe")
    return tmp_path


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_path_is_judged_as_its_row_says(row: dict[str, Any], land: Path) -> None:
    workspace = Workspace(land / "ws")
    path = row["path"].replace("{R}", str(land))
    operation = OPERATIONS[row["op"]]
    if row["expect"] == "allow":
        resolved = workspace.resolve(path, operation)
        assert resolved.is_relative_to(land / "ws")
        assert row["op"] == "create" or resolved.exists()
    else:
        with pytest.raises(PathRefused) as refused:
            workspace.resolve(path, operation)
        assert str(refused.value).endswith(".")


def test_a_refused_path_creates_nothing(land: Path) -> None:
    before = sorted(land.rglob("*"))
    for row in ROWS:
        if row["expect"] != "allow":
            path = row["path"].replace("{R}", str(land))
            with pytest.raises(PathRefused):
                Workspace(land / "ws").resolve(path, OPERATIONS[row["op"]])
    assert sorted(land.rglob("*")) == before


def test_a_dangling_link_to_outside_is_no_way_out(land: Path) -> None:
    with pytest.raises(PathRefused, match="outside the workspace"):
        Workspace(land / "ws").resolve("dangling", "write")


def test_a_sibling_with_the_same_beginning_is_outside(land: Path) -> None:
    with pytest.raises(PathRefused, match="outside the workspace"):
        Workspace(land / "ws").resolve(f"{land}/ws-evil/x.txt", "read")


def test_a_link_inside_resolves_to_its_target(land: Path) -> None:
    workspace = Workspace(land / "ws")
    resolved = workspace.resolve("in_link/a.txt", "write")
    assert workspace.shown(resolved) == "src/a.txt"


def test_a_further_folder_may_be_used_and_is_shown_whole(land: Path) -> None:
    workspace = Workspace(land / "ws", extra=(land / "outside",))
    resolved = workspace.resolve("link_dir/secret.txt", "read")
    assert workspace.shown(resolved) == f"{land}/outside/secret.txt"


def test_a_readable_folder_may_be_read_and_not_written(land: Path) -> None:
    workspace = Workspace(land / "ws", readable=(land / "outside",))
    secret = f"{land}/outside/secret.txt"
    assert workspace.resolve(secret, "read").read_text() == "out"
    with pytest.raises(PathRefused, match="outside the workspace"):
        workspace.resolve(secret, "write")


def test_missing_is_told_apart_from_refused(land: Path) -> None:
    with pytest.raises(PathMissing):
        Workspace(land / "ws").resolve("src/none.txt", "read")


def test_a_new_file_in_new_folders_may_be_written(land: Path) -> None:
    resolved = Workspace(land / "ws").resolve("a/b/./c.txt", "write")
    assert resolved == land / "ws/a/b/c.txt"


@pytest.mark.parametrize("path", ["none/../../outside/x", "none/../src/a.txt"])
def test_dots_behind_a_missing_folder_lead_nowhere(land: Path, path: str) -> None:
    with pytest.raises(PathRefused):
        Workspace(land / "ws").resolve(path, "write")


@pytest.mark.parametrize("path", [".github/ci.yml", ".gitignore", "src/.env", "auth.json"])
def test_ordinary_hidden_files_may_be_written(land: Path, path: str) -> None:
    assert Workspace(land / "ws").resolve(path, "write").name == Path(path).name


@pytest.mark.parametrize("path", [".ssh/id_rsa", ".aws/credentials", ".config/ion/auth.json"])
def test_keys_are_not_for_tools_when_home_is_the_workspace(land: Path, path: str) -> None:
    with pytest.raises(PathRefused, match="keys and passwords"):
        Workspace(land / "home").resolve(path, "read")


def test_git_metadata_may_be_read(land: Path) -> None:
    assert Workspace(land / "ws").resolve(".git/config", "read").read_text() == "h"


def test_kernel_files_are_refused_even_when_everything_is_the_workspace() -> None:
    with pytest.raises(PathRefused, match="kernel"):
        Workspace(Path("/")).resolve("/proc/self/environ", "read")
