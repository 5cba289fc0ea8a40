"""What may be done with a path, and what is asked about."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ion_core.policy.paths import judge_path
from ion_core.tools.paths import Workspace

ROWS = [
    json.loads(line) for line in Path(__file__).with_name("paths.jsonl").read_text().splitlines()
]
STILL = [row for row in ROWS if not row.get("race")]

FILES = (
    *("ws/src/a.txt", "ws/.git/config", "ws/nested/.git/config", "ws/sp ace.txt", "ws/e\u0301.txt"),
    *("ws/-rf", "ws/new\nline.txt", "ws/.ion/x", "outside/secret.txt", "ws-evil/x.txt"),
    *("home/.ssh/id_rsa", "home/.aws/credentials", "home/.config/ion/auth.json"),
)
LINKS = {
    "link_dir": "{R}/outside",
    "link_file": "{R}/outside/secret.txt",
    "link2": "link_file",
    "rel_link": "../outside",
    "in_link": "src",
    "dangling": "{R}/outside/new.txt",
    "loop": "loop",
    "keys": "{R}/home/.ssh",
    "rootlink": "/",
    "proccwd": "/proc/self/cwd",
    "src/dd": "deep/../../../outside",
    "back_in": "../ws/src",
}


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders that the rows mean, below a root."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "ws/src/deep").mkdir()
    for name, target in LINKS.items():
        (tmp_path / "ws" / name).symlink_to(target.replace("{R}", str(tmp_path)))
    os.link(tmp_path / "outside/secret.txt", tmp_path / "ws/hard.txt")
    os.mkfifo(tmp_path / "ws/pipe")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize("row", STILL, ids=[row["id"] for row in STILL])
def test_a_path_is_judged_as_the_row_says(row: dict[str, Any], layout: Path) -> None:
    path = row["path"].replace("{R}", str(layout))
    answer = judge_path(path, row["op"], Workspace(root=layout / "ws"))
    assert answer.decision == row["expect"], answer


@pytest.mark.parametrize("name", [".env", ".env.production", "tls.pem", "id_ed25519", ".npmrc"])
def test_reading_a_file_that_usually_holds_keys_asks(name: str, layout: Path) -> None:
    (layout / "ws" / name).write_text("x")
    workspace = Workspace(root=layout / "ws")
    assert judge_path(name, "read", workspace).decision == "ask"
    assert judge_path(name, "write", workspace).decision == "allow"


def test_deleting_takes_a_name_in_the_workspace_and_no_other(layout: Path) -> None:
    workspace = Workspace(root=layout / "ws")
    decisions = {
        path: judge_path(path, "delete", workspace).decision
        for path in ("src/a.txt", "link_dir", "link_dir/secret.txt", ".git", "..", "nothing")
    }
    assert decisions == {
        "src/a.txt": "allow",
        "link_dir": "allow",
        "link_dir/secret.txt": "deny",
        ".git": "deny",
        "..": "deny",
        "nothing": "deny",
    }
