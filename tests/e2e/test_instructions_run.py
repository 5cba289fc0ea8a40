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


def test_what_changes_while_it_works_is_told_before_the_next_request(tmp_path: Path) -> None:
    change = {"command": "echo Anew. > AGENTS.md; rm .ion/rules/a.md"}
    steps = [{"calls": [{"name": "bash", "arguments": change}]}, {"text": "Done."}]
    env = scripted_home(tmp_path / "home", steps)
    (tmp_path / "ws/.ion/rules").mkdir(parents=True)
    (tmp_path / "ws/AGENTS.md").write_text("Ours.")
    (tmp_path / "ws/.ion/rules/a.md").write_text("Rule.")
    told = _told(tmp_path / "ws", env, "--mode", "write", "--sandbox", "off", "go")
    found = [(b["source"], b["change"]) for b in told if b["kind"] == "instructions"]
    assert ("AGENTS.md", "changed") in found
    assert (".ion/rules/a.md", "removed") in found
    assert told[-1]["kind"] == "message"


def test_folders_below_are_reached_by_mentions_and_by_commands(tmp_path: Path) -> None:
    look = {"command": "cd two && ls; cat three/deep/x.txt"}
    steps = [{"calls": [{"name": "bash", "arguments": look}]}, {"text": "Done."}]
    env = scripted_home(tmp_path / "home", steps)
    for folder in ("one", "two", "three"):
        (tmp_path / "ws" / folder / "deep").mkdir(parents=True)
        (tmp_path / "ws" / folder / "deep/x.txt").write_text("x")
        (tmp_path / "ws" / folder / "AGENTS.md").write_text(f"Of {folder}.")
    told = _told(tmp_path / "ws", env, "go @one/deep/x.txt")
    texts = [b["text"] for b in told if b["kind"] == "instructions"]
    assert texts == ["Of one.", "Of two.", "Of three."]


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
