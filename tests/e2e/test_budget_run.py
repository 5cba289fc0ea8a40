"""Limits as ``ion run`` obeys them: real processes, a scripted model, real commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ion_run import Run, ion_run
from tests.fakes.scripted_home import scripted_home

USAGE = {"input": 1_000, "output": 500}
"""Two thousandths of a dollar at the price of the scripted model."""


def working(command: str) -> dict[str, Any]:
    return {"calls": [{"name": "bash", "arguments": {"command": command}}], "usage": USAGE}


def play(tmp_path: Path, limits: str, steps: list[dict[str, Any]], *flags: str) -> Run:
    folder = tmp_path / "ws"
    folder.mkdir(exist_ok=True)
    env = scripted_home(tmp_path / "home", steps)
    with (tmp_path / "home" / "config.toml").open("a") as file:
        file.write(f"[limits]\n{limits}\n")
    return ion_run("go", folder, *flags, env=env, limit_s=60)


@pytest.mark.parametrize(
    ("limits", "code", "status"),
    [
        ("max_cost_usd = 0.004", 54, "budget"),
        ("max_tokens = 3000", 54, "budget"),
        ("max_turns = 2", 53, "max_turns"),
        ("session_max_cost_usd = 0.004", 54, "budget"),
        ("session_max_tokens = 3000", 54, "budget"),
        ("session_max_turns = 2", 53, "max_turns"),
    ],
)
def test_a_run_stops_at_each_limit_with_what_was_done(
    tmp_path: Path, limits: str, code: int, status: str
) -> None:
    steps = [working(f"echo {n} > done{n}.txt") for n in range(4)]
    done = play(tmp_path, limits, steps)
    assert (done.code, done.result["status"], done.result["turns"]) == (code, status, 2)
    assert "What was done is kept." in done.error
    assert sorted(path.name for path in (tmp_path / "ws").iterdir()) == ["done0.txt", "done1.txt"]


@pytest.mark.parametrize("name", ["max_time_s", "session_max_time_s"])
def test_a_command_that_sleeps_ends_with_the_time(tmp_path: Path, name: str) -> None:
    steps = [working("sleep 45; touch late.txt"), {"text": "never", "usage": USAGE}]
    done = play(tmp_path, f"{name} = 2", steps)
    assert (done.code, done.result["status"]) == (54, "budget")
    assert "limit on time" in done.error
    assert done.result["duration_ms"] < 40_000
    assert not (tmp_path / "ws" / "late.txt").exists()


def test_a_session_that_is_gone_on_with_knows_what_was_used_before(tmp_path: Path) -> None:
    answer = {"text": "Hello.", "usage": USAGE}
    first = play(tmp_path, "session_max_turns = 1", [answer])
    assert first.code == 0
    second = play(tmp_path, "session_max_turns = 1", [answer], "--resume", first.result["session"])
    assert (second.code, second.result["turns"]) == (53, 0)
    assert "limits.session_max_turns" in second.error


def test_a_limit_that_comes_near_is_said_on_standard_error(tmp_path: Path) -> None:
    steps = [working("true"), {"text": "Done.", "usage": USAGE}]
    done = play(tmp_path, "max_tokens = 1800", steps, "--output-format", "text")
    assert done.code == 0
    assert "83 % of the run's limit on tokens is used: 1,500 of 1,800" in done.stderr
    assert json.dumps(done.result) == "{}"
