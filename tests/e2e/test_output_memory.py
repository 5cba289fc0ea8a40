"""However much a command writes, ion's own memory stays as it was, and the output can be paged."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home

MOST_GROWTH_BYTES = 32 << 20
UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes of ``ru_maxrss`` (getrusage(2))."""


class Ran:
    """A run: its exit code, the events it told, and the most memory that ion itself had."""

    def __init__(self, home: Path, cwd: Path, steps: Sequence[dict[str, Any]], *flags: str) -> None:
        env = scripted_home(home, steps)
        command = [
            *ION,
            "run",
            "--trust-once",
            "--output-format",
            "stream-json",
            "-q",
            *flags,
            "go",
        ]
        with (home / "told.jsonl").open("wb") as told:
            process = subprocess.Popen(
                command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=told
            )
            _, status, used = os.wait4(process.pid, 0)  # of the process alone, not of its children
        process.returncode = os.waitstatus_to_exitcode(status)
        self.code, self.peak_bytes = process.returncode, used.ru_maxrss * UNIT
        told_lines = (home / "told.jsonl").read_bytes().split(b"\n")
        self.told = [json.loads(line) for line in told_lines if line]
        self.events = [line.get("event", {}) for line in self.told]

    @property
    def results(self) -> list[str]:
        return [each["content"] for each in self.events if each.get("kind") == "tool_ended"]


def bash(command: str) -> dict[str, Any]:
    return {"calls": [{"name": "bash", "arguments": {"command": command}}]}


def peak(tmp_path: Path, name: str, command: str) -> tuple[int, str]:
    (tmp_path / "work").mkdir(exist_ok=True)
    ran = Ran(tmp_path / name, tmp_path / "work", [bash(command), {"text": "Done."}])
    assert ran.code == 0
    return ran.peak_bytes, ran.results[0]


AMOUNTS = ["yes 0123456789 | head -c 10M", "head -c 10M /dev/zero", "head -c 10M /dev/urandom"]


def test_ten_megabytes_of_output_leave_memory_as_it_was(tmp_path: Path) -> None:
    before, _ = peak(tmp_path, "before", "yes | head -c 100K")
    for number, command in enumerate(AMOUNTS):
        after, said = peak(tmp_path, f"after{number}", command)
        assert after - before < MOST_GROWTH_BYTES, command
        assert len(said) <= 30_000


@pytest.mark.slow
def test_ten_gigabytes_are_stopped_at_the_cap_and_leave_memory_as_it_was(tmp_path: Path) -> None:
    before, _ = peak(tmp_path, "before", "yes | head -c 100K")
    after, said = peak(tmp_path, "after", "head -c 10G /dev/zero")
    assert after - before < MOST_GROWTH_BYTES
    assert "more output than can be kept" in said
    sizes = [path.stat().st_size for path in (tmp_path / "after").rglob("*") if path.is_file()]
    assert max(sizes) == 256 << 20


def test_what_was_spilled_is_private_and_can_be_read_and_searched(tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    work.mkdir()
    call = {"name": "bash", "arguments": {"command": "seq -f 'line %.0f' 100000"}, "id": "call_1"}
    ran = Ran(home, work, [{"calls": [call]}, {"text": "Done."}])
    spill = Path(ran.results[0].partition("everything is in ")[2].partition(" …")[0])
    assert stat.S_IMODE(spill.stat().st_mode) == 0o600
    assert stat.S_IMODE(spill.parent.stat().st_mode) == 0o700
    steps = [
        {
            "calls": [
                {"name": "read", "arguments": {"path": str(spill), "offset": 70000, "limit": 1}}
            ]
        },
        {"calls": [{"name": "grep", "arguments": {"pattern": "line 77777$", "path": str(spill)}}]},
        {"text": "Done."},
    ]
    again = Ran(home, work, steps, "--resume", ran.told[-1]["session"])
    assert again.results[0].startswith("70000\tline 70000")
    assert "77777:line 77777" in again.results[1]
