"""Going round in circles: told of at three, stopped at five, and debugging is no circle."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from ion_core.agent.guard import Guard
from ion_core.errors import Loop
from tests.fakes.scene import call, scene
from tests.fakes.scripted_home import ION, scripted_home


def notes(guard: Guard, calls: Iterable[tuple[str, str]], ms: int = 1) -> list[str]:
    """What is said after each call, given as tool and result, each in an answer of its own."""
    said = []
    for name, content in calls:
        guard.begin_step()
        status = "error" if content.startswith("!") else "ok"
        said.append(guard.settle(name, {"path": name}, status, content, ms))  # type: ignore[arg-type]
    return said


def test_the_third_same_call_is_told_and_the_fifth_stops() -> None:
    guard = Guard()
    assert [bool(note) for note in notes(guard, [("read", "x")] * 4)] == [False, False, True, True]
    guard.check()
    notes(guard, [("read", "x")])
    with pytest.raises(Loop, match="the same read call gave the same result 5 times"):
        guard.check()


@pytest.mark.parametrize("period", [2, 3, 4])
def test_a_row_of_calls_that_comes_back_is_a_circle_too(period: int) -> None:
    guard = Guard()
    row = [("read", str(number)) for number in range(period)]
    said = notes(guard, row * 3)
    assert not any(said[:-1])
    assert f"row of {period} calls" in said[-1]
    notes(guard, row)
    guard.check()
    notes(guard, row)
    with pytest.raises(Loop):
        guard.check()


def test_another_result_or_other_arguments_are_no_circle() -> None:
    guard = Guard()
    assert not any(notes(guard, [("read", str(number)) for number in range(30)]))
    for number in range(30):
        guard.begin_step()
        assert not guard.settle("read", {"path": "a", "offset": number}, "ok", "x", 1)
    guard.check()


def test_a_call_in_between_ends_the_row() -> None:
    guard = Guard()
    calls = [
        ("read", "x"),
        ("read", "x"),
        ("list", "1"),
        ("read", "x"),
        ("read", "x"),
        ("list", "2"),
    ]
    assert not any(notes(guard, calls))


def test_the_same_call_twice_in_one_answer_counts_once() -> None:
    guard = Guard()
    guard.begin_step()
    for _ in range(8):
        assert not guard.settle("read", {"path": "a"}, "ok", "x", 1)
    guard.check()


def test_a_command_that_waits_may_be_asked_again() -> None:
    guard = Guard()
    assert not any(notes(guard, [("bash", "still running")] * 10, ms=6_000))
    guard.check()
    assert any(notes(guard, [("read", "x")] * 3, ms=6_000))


def test_an_error_that_comes_back_after_other_changes_is_only_told() -> None:
    guard = Guard()
    calls: list[tuple[str, str]] = []
    for number in range(6):
        calls += [("edit", f"changed {number}"), ("bash", f"!1 failed in 0.{number} s")]
    said = notes(guard, calls)
    assert [bool(note) for note in said[1::2]] == [False, False, False, True, False, False]
    assert "same error for the 4th time" in said[7]
    guard.check()


def test_after_the_person_spoke_everything_is_new() -> None:
    guard = Guard()
    notes(guard, [("read", "x")] * 5)
    guard.begin()
    guard.check()
    assert not any(notes(guard, [("read", "x")] * 2))


async def test_a_turn_that_goes_round_stops_with_a_question(tmp_path: Path) -> None:
    steps = [[call("list", f"c{number}")] for number in range(9)]
    async with scene(tmp_path / "ws", [*steps[:5], [call("list", "d")], "done"]) as s:
        ended = await s.play("go")
        assert (ended.reason, ended.error_kind) == ("error", "loop")
        assert "How should it go on?" in ended.error
        assert len(s.results) == 5
        assert [("the same result" in result.content) for result in s.results] == (
            [False, False, True, True, True]
        )
        assert (await s.play("try something else")).reason == "done"


def test_a_headless_run_that_goes_round_ends_with_1(tmp_path: Path) -> None:
    step = {"calls": [{"name": "read", "arguments": {"path": "none"}}]}
    env = scripted_home(tmp_path / "home", [step] * 8)
    command = [*ION, "run", "--output-format", "json", "--cwd", str(tmp_path), "go"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    result = json.loads(done.stdout)
    assert (result["status"], result["error"]["kind"]) == ("error", "loop")
    assert result["tool_calls"] == 5
