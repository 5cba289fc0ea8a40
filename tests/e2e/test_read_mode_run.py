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


def test_read_mode_runs_what_looks(tmp_path: Path) -> None:
    if not _has_sandbox():
        pytest.skip("this machine has no sandbox")
    (looked,) = _results(tmp_path, "cat notes.txt | head -1")
    assert (looked["status"], looked["content"].strip()) == ("ok", "a note")


def test_read_mode_ends_with_55_and_goes_on_when_the_call_is_allowed(tmp_path: Path) -> None:
    if not _has_sandbox():
        pytest.skip("this machine has no sandbox")
    touch = {"calls": [{"id": "t1", "name": "bash", "arguments": {"command": "touch x"}}]}
    env = scripted_home(tmp_path / "home", [touch, {"text": "Made it."}])
    (tmp_path / "ws").mkdir()

    def ion(*args: str) -> subprocess.CompletedProcess[str]:
        command = [*ION, "run", "--mode", "read", "--output-format", "json", *args]
        return subprocess.run(
            command,
            cwd=tmp_path / "ws",
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    asked = ion("go")
    result = json.loads(asked.stdout)
    assert (asked.returncode, result["status"]) == (55, "approval_required")
    assert result["error"]["kind"] == "approval_needed"
    (waiting,) = result["waiting"]
    assert f"--approve {waiting}" in asked.stderr
    assert not (tmp_path / "ws/x").exists()
    wrong = ion("--resume", result["session"], "--approve", "nobody")
    assert (wrong.returncode, waiting in wrong.stderr) == (2, True)
    scripted_home(tmp_path / "home", [{"text": "Made it."}])  # a new process begins a new script
    done = ion("--resume", result["session"], "--approve", waiting)
    assert (done.returncode, json.loads(done.stdout)["text"]) == (0, "Made it.")
    assert (tmp_path / "ws/x").exists()


def test_read_mode_without_a_sandbox_runs_no_command(tmp_path: Path) -> None:
    (refused,) = _results(tmp_path, "cat notes.txt", options=("--sandbox", "off"))
    assert refused["status"] == "denied"
    assert "sandbox" in refused["content"]
