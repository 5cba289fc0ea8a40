"""``ion run`` in a repository with instruction files: what its session was told, and says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.fakes.scripted_home import ION, scripted_home


def _told(folder: Path, env: dict[str, str], *args: str) -> list[dict[str, Any]]:
    """The entries that a run appended."""
    done = subprocess.run(
        [*ION, "run", "--output-format", "stream-json", *args],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=60,
    )
    events = [json.loads(line).get("event", {}) for line in done.stdout.splitlines()]
    return [e["entry"]["body"] for e in events if e.get("kind") == "entry_appended"]


def test_a_run_is_told_of_its_folder_and_goes_on_with_what_changed(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "One."}, {"text": "Two."}])
    (tmp_path / "home/AGENTS.md").write_text("Mine.")
    (tmp_path / "ws/.git").mkdir(parents=True)
    (tmp_path / "ws/AGENTS.md").write_text("Ours.")
    first = _told(tmp_path / "ws", env, "go")
    assert [body.get("text") for body in first[1:3]] == ["Mine.", "Ours."]
    assert first[0]["kind"] == "message"
    (tmp_path / "ws/AGENTS.md").write_text("Ours, changed.")
    again = _told(tmp_path / "ws", env, "-c", "go on")
    assert [body["change"] for body in again if body["kind"] == "instructions"] == ["changed"]


def test_a_run_that_keeps_nothing_is_told_too_and_a_setting_ends_it(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "One."}])
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws/AGENTS.md").write_text("Ours.")
    kinds = [body["kind"] for body in _told(tmp_path / "ws", env, "--no-session", "go")]
    assert kinds == ["message", "instructions", "message"]
    with (tmp_path / "home/config.toml").open("a") as config:
        config.write("[context]\ninstruction_files = []\n")
    kinds = [body["kind"] for body in _told(tmp_path / "ws", env, "--no-session", "go")]
    assert kinds == ["message", "message"]
