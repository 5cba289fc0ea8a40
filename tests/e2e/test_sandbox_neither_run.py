"""A machine with neither bubblewrap nor Landlock, made with a real filter of system calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home

BARE = """\
import ctypes, os, struct, sys
from ion_core.sandbox.syscalls import MACHINES, NUMBERS
column = MACHINES[os.uname().machine].column
code = struct.pack("=HBBI", 0x20, 0, 0, 0)
for number, error in ((444, 38), (NUMBERS["mount"][column], 1)):
    code += struct.pack("=HBBI", 0x15, 0, 1, number)
    code += struct.pack("=HBBI", 6, 0, 0, 0x50000 | error)
code += struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000)
kept = ctypes.create_string_buffer(code, len(code))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(kept)), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="filters are Linux's")


def on_a_bare_machine(
    tmp_path: Path, command: str, *words: str
) -> subprocess.CompletedProcess[str]:
    steps: list[dict[str, Any]] = [
        {"calls": [{"name": "bash", "arguments": {"command": command}}]},
        {"text": "Done."},
    ]
    work = tmp_path / "work"
    work.mkdir()
    return subprocess.run(
        [sys.executable, "-c", BARE, *ION, *words],
        cwd=work,
        env={**scripted_home(tmp_path / "ion", steps), "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_status_says_that_nothing_protects_and_why(tmp_path: Path) -> None:
    said = json.loads(on_a_bare_machine(tmp_path, "true", "sandbox", "status", "--json").stdout)
    assert (said["protection"], said["landlock"], said["bubblewrap"]["path"]) == ("none", 0, None)
    told = " ".join(said["missing"])
    assert "Landlock is not in this kernel, or switched off." in told
    assert "bubblewrap" in told


def test_writing_asks_and_headless_ends_with_55(tmp_path: Path) -> None:
    done = on_a_bare_machine(tmp_path, "echo ran > file", "run", "--trust-once", "go")
    assert done.returncode == 55, done.stderr
    assert os.listdir(tmp_path / "work") == []


def test_writing_runs_where_the_person_switched_the_sandbox_off(tmp_path: Path) -> None:
    words = ("run", "--trust-once", "--sandbox", "off", "go")
    assert on_a_bare_machine(tmp_path, "echo ran > file", *words).returncode == 0
    assert (tmp_path / "work" / "file").read_text() == "ran\n"


def test_reading_runs_no_command(tmp_path: Path) -> None:
    words = ("run", "--trust-once", "--mode", "read", "--output-format", "stream-json", "go")
    done = on_a_bare_machine(tmp_path, "ls", *words)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [one["event"] for one in lines if one.get("event", {}).get("kind") == "tool_ended"]
    assert [one["status"] for one in ended] != ["ok"]
    assert "sandbox" in done.stdout
