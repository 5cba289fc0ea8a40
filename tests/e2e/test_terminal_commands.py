"""What commands write to a terminal is sanitised, and to a pipe it is as it was."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.pty_bytes import PtyBytes
from tests.fakes.scripted_home import ION, scripted_home

ROWS = [
    json.loads(line)["payload"]
    for line in (Path(__file__).parents[1] / "tui/render/ansi.jsonl").read_text().splitlines()
]
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\U000e0000-\U000e007f]"
)
HOSTILE = "\n".join(
    f"row {number}: {payload.encode('utf-8', 'replace').decode()} end"  # no model can say half a
    for number, payload in enumerate(ROWS)  # character: JSON and SSE are UTF-8
    if len(payload) < 400  # a model that repeats itself for longer is stopped
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def env(home: Path) -> dict[str, str]:
    calls = [{"name": "read", "arguments": {"path": "\x1b]0;owned\x07\u202eno\x9b2J"}}]
    error = {"kind": "bad_request", "message": "no \x1b[2J\x9b3J\u202e"}
    return scripted_home(home, [{"calls": calls}, {"text": HOSTILE}, {"error": error}])


@pytest.fixture
def terminal(env: dict[str, str], tmp_path: Path) -> Iterator[list[PtyBytes]]:
    opened: list[PtyBytes] = []
    yield opened
    for each in opened:
        each.close()


def shown(opened: list[PtyBytes], env: dict[str, str], cwd: Path, *words: str) -> str:
    """All that a command writes to a terminal, with its line ends as they were."""
    opened.append(PtyBytes(["-m", "ion_core", *words], env, cwd, (50, 200)))
    opened[-1].ended()
    return opened[-1].sent.decode().replace("\r\n", "\n")


def session_of(env: dict[str, str], cwd: Path) -> str:
    done = subprocess.run(
        [*ION, "sessions", "list", "--all", "--json"],
        env=env,
        cwd=cwd,
        capture_output=True,
        check=True,
    )
    return str(json.loads(done.stdout)[0]["session"])


def test_no_control_of_a_run_or_of_its_session_reaches_a_terminal(
    terminal: list[PtyBytes], env: dict[str, str], tmp_path: Path
) -> None:
    run = shown(terminal, env, tmp_path, "run", "--trust-once", "say it \x1b[2J")
    assert "row 82:" in run
    assert not FORBIDDEN.search(run)
    session = session_of(env, tmp_path)
    for words in (["show", session], ["show", session, "--json"], ["list", "--all"]):
        said = shown(terminal, env, tmp_path, "sessions", *words)
        assert said
        assert not FORBIDDEN.search(said), words


@pytest.mark.parametrize("output", ["json", "stream-json", "text"])
def test_no_control_of_an_error_reaches_a_terminal(
    terminal: list[PtyBytes], home: Path, tmp_path: Path, output: str
) -> None:
    error = {"kind": "bad_request", "message": "no \x1b[2J\x9b3J\u202e"}
    env = scripted_home(home, [{"error": error}])
    said = shown(terminal, env, tmp_path, "run", "--trust-once", "--output-format", output, "x")
    assert "U+202E" in said
    assert not FORBIDDEN.search(said)


def test_a_pipe_is_given_the_text_as_it_is(env: dict[str, str], tmp_path: Path) -> None:
    command = [*ION, "run", "--trust-once", "-q", "go"]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.decode() == f"{HOSTILE}\n"
