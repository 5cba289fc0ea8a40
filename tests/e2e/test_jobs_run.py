"""The real ``ion run`` with a command in the background: it ends with the run, and that is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home


def _bash(command: str, id: str, /, **more: Any) -> dict[str, Any]:
    arguments = {"command": command, **more}
    return {"calls": [{"name": "bash", "arguments": arguments, "id": id}]}


def _job(id: str, /, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": "job", "arguments": arguments, "id": id}]}


def _run(tmp_path: Path, steps: list[dict[str, Any]], *flags: str) -> tuple[int, list[Any], str]:
    """Exit code, what was told, and standard error."""
    (tmp_path / "work").mkdir(exist_ok=True)
    env = scripted_home(tmp_path / "home", steps)
    done = subprocess.run(
        [*ION, "run", "--trust-once", "--output-format", "stream-json", *flags, "go"],
        env=env,
        cwd=tmp_path / "work",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, told, done.stderr.decode()


def _events(told: list[Any], kind: str) -> list[dict[str, Any]]:
    return [line["event"] for line in told if line.get("event", {}).get("kind") == kind]


def _runs(words: str) -> bool:
    """Whether a process runs whose command line has these words."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if words in line and state not in "ZX":
            return True
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_run_ends_its_jobs_and_says_so(tmp_path: Path) -> None:
    mark = f"sleep 61.{os.getpid()}"
    steps = [
        _bash(f"setsid {mark} & read line; echo got $line; exec {mark}", "c1", background=True),
        _job("c2", action="input", id="1", text="hello"),
        {"text": "It runs."},
    ]
    code, told, _ = _run(tmp_path, steps)
    assert code == 0
    assert [event["content"].splitlines()[:2] for event in _events(told, "tool_ended")][1] == [
        "Typed.",
        "got hello",
    ]
    assert [event["job"] for event in _events(told, "job_started")] == ["1"]
    assert [event["status"] for event in _events(told, "job_ended")] == ["stopped"]
    assert told[-1]["text"] == "It runs."
    assert not _runs(mark)


def test_what_ended_with_a_run_is_no_more_in_the_next(tmp_path: Path) -> None:
    steps = [_bash("sleep 60", "c1", background=True), {"text": "It runs."}]
    _, told, _ = _run(tmp_path, steps)
    steps = [
        _job("c2", action="output", id="1"),
        _bash("sleep 60", "c3", background=True),
        {"text": "Again."},
    ]
    code, told, _ = _run(tmp_path, steps, "--resume", told[-1]["session"])
    assert code == 0
    said = [event["content"] for event in _events(told, "tool_ended")]
    assert said[0] == "Job 1 is no more: it ended long ago, or with ion."
    assert said[1].startswith("Job 2 runs in the background")


def test_people_read_of_jobs_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    steps = [_bash("sleep 60", "c1", background=True), {"text": "It runs."}]
    env = scripted_home(tmp_path / "home", steps)
    done = subprocess.run(
        [*ION, "run", "--trust-once", "go"],
        env=env,
        cwd=tmp_path / "work",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "It runs.\n"
    lines = done.stderr.splitlines()
    assert "  job 1 runs: sleep 60" in lines
    assert "  job 1 stopped" in lines
