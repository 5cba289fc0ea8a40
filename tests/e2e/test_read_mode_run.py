"""``ion run --mode read``: the shell looks, and changes nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home


def _results(tmp_path: Path, *commands: str, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What a run in READ mode says of each command that its model gives."""
    calls = [{"name": "bash", "arguments": {"command": command}} for command in commands]
    env = scripted_home(tmp_path / "home", [{"calls": [call]} for call in calls] + [{"text": "."}])
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws/notes.txt").write_text("a note\n")
    done = subprocess.run(
        [*ION, "run", "--mode", "read", "--output-format", "stream-json", *options, "go"],
        cwd=tmp_path / "ws",
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=60,
    )
    events = [json.loads(line).get("event", {}) for line in done.stdout.splitlines()]
    return [event for event in events if event.get("kind") == "tool_ended"]


def _has_sandbox() -> bool:
    status = subprocess.run(
        [*ION, "sandbox", "status", "--json"], check=True, capture_output=True, timeout=60
    )
    return bool(json.loads(status.stdout)["protection"] != "none")


def test_read_mode_runs_what_looks_and_refuses_what_may_change(tmp_path: Path) -> None:
    if not _has_sandbox():
        pytest.skip("this machine has no sandbox")
    looked, touched = _results(tmp_path, "cat notes.txt | head -1", "touch x")
    assert (looked["status"], looked["content"].strip()) == ("ok", "a note")
    assert touched["status"] == "denied"
    assert not (tmp_path / "ws/x").exists()


def test_read_mode_without_a_sandbox_runs_no_command(tmp_path: Path) -> None:
    (refused,) = _results(tmp_path, "cat notes.txt", options=("--sandbox", "off"))
    assert refused["status"] == "denied"
    assert "sandbox" in refused["content"]
