"""``ion sessions import`` of another agent's transcript, through the real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

AT = "2026-02-03T04:05:06.700Z"


def ion(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ion_core", "sessions", *words]
    env = {**os.environ, "ION_HOME": str(home)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_pi_session_is_imported_and_shown(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "any.jsonl"
    said = {"role": "user", "content": "Hello there"}
    lines = [
        {"type": "session", "version": 3, "id": "s", "timestamp": AT, "cwd": "/gone"},
        {"type": "message", "id": "a", "parentId": None, "timestamp": AT, "message": said},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + "oops\n")
    first = json.loads(ion(home, "import", str(file), "--json").stdout)
    assert (first["format"], first["entries"], first["skipped"]) == ("pi", 1, 1)
    assert json.loads(ion(home, "import", str(file), "--json").stdout)["entries"] == 0
    shown = json.loads(ion(home, "show", first["session"], "--json").stdout)
    assert [entry["text"] for entry in shown["entries"]] == ["Hello there"]
    assert f"{file}:3: " in ion(home, "import", str(file)).stdout


def test_a_file_of_nobody_is_refused_with_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "any.txt"
    file.write_text("hello")
    refused = ion(tmp_path / "home", "import", str(file))
    assert refused.returncode == 2
    assert "none of ion-1, pi, codex, gemini, claude, aider" in refused.stderr
