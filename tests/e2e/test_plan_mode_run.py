"""``ion run --mode plan``: a plan is written and nothing else, and the plan is the answer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.fakes.scripted_home import ION, scripted_home

PLAN = ".ion/plans/faster.md"


def _run(folder: Path, env: dict[str, str], *args: str) -> list[dict[str, Any]]:
    """The lines of a run."""
    done = subprocess.run(
        [*ION, "run", "--trust-once", "--output-format", "stream-json", *args],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _ended(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    events = [line.get("event", {}) for line in lines]
    return [(e["name"], e["status"]) for e in events if e.get("kind") == "tool_ended"]


def _call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": name, "arguments": arguments}]}


def test_a_plan_is_written_and_nobody_approves_it(tmp_path: Path) -> None:
    steps = [
        _call("write", path=PLAN, content="1. Measure.\n"),
        _call("write", path="app.py", content="fast = True\n"),
        _call("ask", questions=[{"question": "How fast?"}]),
        _call("exit_plan", path=PLAN),
        {"text": "1. Measure."},
    ]
    env = scripted_home(tmp_path / "home", steps)
    (tmp_path / "ws").mkdir()
    lines = _run(tmp_path / "ws", env, "--mode", "plan", "Make it faster")
    asked = [("write", "ok"), ("write", "denied"), ("ask", "error"), ("exit_plan", "ok")]
    assert _ended(lines) == asked
    assert lines[0]["event"]["entry"]["body"]["role"] == "user"
    assert lines[-1]["text"] == "1. Measure."
    assert (tmp_path / "ws" / PLAN).read_text() == "1. Measure.\n"
    assert not (tmp_path / "ws/app.py").exists()


def test_the_mode_of_the_settings_may_be_plan(tmp_path: Path) -> None:
    steps = [_call("write", path="app.py", content="x"), {"text": "No."}]
    env = scripted_home(tmp_path / "home", steps)
    config = tmp_path / "home/config.toml"
    config.write_text(f'mode = "plan"\n{config.read_text()}')
    (tmp_path / "ws").mkdir()
    assert _ended(_run(tmp_path / "ws", env, "go")) == [("write", "denied")]
