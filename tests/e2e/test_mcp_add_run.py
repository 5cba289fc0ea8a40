"""``ion mcp add``, with its options wherever people put them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.fakes.scripted_home import ION, scripted_home


@pytest.mark.parametrize(
    "words",
    [
        ["one", "--env", "A=1", "--eager", "--", "python3", "x.py", "--flag", "--", "y"],
        ["--env", "A=1", "--eager", "one", "--", "python3", "x.py", "--flag", "--", "y"],
    ],
)
def test_options_stand_before_or_behind_the_name(tmp_path: Path, words: list[str]) -> None:
    env = scripted_home(tmp_path / "home", [])
    for word in (["add", *words], ["list", "--json"]):
        done = subprocess.run(
            [*ION, "mcp", *word], cwd=tmp_path, env=env, capture_output=True, check=True, timeout=60
        )
    [found] = json.loads(done.stdout)
    assert (found["name"], found["command"]) == ("one", ["python3", "x.py", "--flag", "--", "y"])
    text = (tmp_path / "home/config.toml").read_text()
    assert 'A = "1"' in text
    assert "eager = true" in text
