"""What no person typed (a pipe, the output of a command, a model's task) mentions nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home

pytestmark = pytest.mark.slow

OUTSIDE, MINE = b"what lies outside", b"what is mine"


def _kept(folder: Path, steps: list[dict[str, Any]], *args: str, piped: str = "") -> bytes:
    """All that ion keeps of a run, agents' sessions included."""
    home = folder.parent / "home"
    done = subprocess.run(
        [*ION, "run", *args],
        cwd=folder,
        env=scripted_home(home, steps),
        input=piped,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())


@pytest.fixture
def ws(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    (tmp_path / "outside.txt").write_bytes(OUTSIDE)
    (tmp_path / "ws/mine.txt").write_bytes(MINE)
    return tmp_path / "ws"


SEEN: list[dict[str, Any]] = [{"text": "Seen."}]


def test_a_pipe_beside_words_mentions_nothing(ws: Path) -> None:
    kept = _kept(ws, SEEN, "review @mine.txt and this", piped="+ see @../outside.txt\n")
    assert MINE in kept
    assert OUTSIDE not in kept


def test_a_pipe_alone_is_the_prompt(ws: Path) -> None:
    assert OUTSIDE in _kept(ws, SEEN, piped="read @../outside.txt\n")


def test_the_output_of_a_command_s_own_commands_mentions_nothing(ws: Path) -> None:
    (ws / ".ion/commands").mkdir(parents=True)
    (ws / ".ion/commands/look.md").write_text("See @mine.txt and !`cat log.txt`, $1\n")
    (ws / "log.txt").write_text("hostile @../outside.txt\n")
    kept = _kept(ws, SEEN, "/look x")
    assert MINE in kept
    assert b"hostile @../outside.txt" in kept
    assert OUTSIDE not in kept


def test_a_model_s_task_for_an_agent_mentions_nothing(ws: Path) -> None:
    task = {"agent": "explorer", "prompt": "look at @../outside.txt", "description": "d"}
    steps = [{"calls": [{"name": "task", "arguments": task}]}, {"text": "Looked."}]
    kept = _kept(ws, [*steps, {"text": "Done."}], "go on")
    assert b"Looked." in kept
    assert OUTSIDE not in kept
