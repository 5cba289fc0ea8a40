"""The real ``ion run``, as a person would start it, and what it reported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a run ended: its exit code, its ``result`` object, and what it said on the side."""

    code: int
    result: dict[str, Any]
    stderr: str

    @property
    def answer(self) -> str:
        return str(self.result.get("text") or "")

    @property
    def error(self) -> str:
        error = self.result.get("error")
        return str(error["message"]) if isinstance(error, dict) else self.stderr.strip()


def ion_run(
    prompt: str,
    folder: Path,
    *flags: str,
    env: Mapping[str, str] = os.environ,
    limit_s: float = 600,
) -> Run:
    """Run one prompt in a folder and wait for its end."""
    command = [sys.executable, "-m", "ion_core", "run", "--output-format", "json", "--trust-once"]
    done = subprocess.run(
        [*command, *flags, "--cwd", str(folder), prompt],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=dict(env),
        timeout=limit_s,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return Run(
        code=done.returncode,
        result=json.loads(lines[-1]) if lines else {},
        stderr=done.stderr,
    )
