"""A scratch home and folder for the measured program, and the ways to start it there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ion_core.config.trust import trust

ROOT = Path(__file__).resolve().parents[2]
FLOORS = Path(__file__).resolve().parent / "floors"
ION = str(Path(sys.executable).with_name("ion"))

CONFIG = """\
model = "bench/test-model"
[providers.bench]
protocol = "openai-chat"
base_url = "{url}"
[providers.bench.models."test-model"]
context_window = 1000000
"""


class Launched:
    """What :mod:`tests.bench.launch` says of a run, and its standard output."""

    def __init__(self, facts: dict[str, Any], output: str) -> None:
        self.began: float = facts["began"]
        self.ended: float = facts["ended"]
        self.code: int = facts["code"]
        self.peak_mb: float = facts["peak_kb"] / 1024
        self.cpu_s: float = facts["cpu_s"]
        self.output = output


class Scratch:
    """A context manager: a temporary folder with an ``ION_HOME`` and a folder to work in."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="ion-bench-"))
        self.home, self.work = self.folder / "home", self.folder / "work"
        self.home.mkdir(mode=0o700)
        self.work.mkdir()
        trust(self.work, self.home)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "ION_HOME": str(self.home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self, url: str) -> None:
        """The six lines that make the loopback model the model."""
        (self.home / "config.toml").write_text(CONFIG.format(url=url))

    def forget(self) -> None:
        """Empty every cache, as before the very first run."""
        shutil.rmtree(self.home / "cache", ignore_errors=True)

    def launch(self, argv: Sequence[str]) -> Launched:
        """Run a command to its end. Raises ``RuntimeError`` when it fails."""
        output = self.folder / "output"
        launcher = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py"))]
        told = subprocess.run(
            [*launcher, str(output), *argv],
            env=self.env,
            cwd=self.work,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        run = Launched(json.loads(told.stdout), output.read_text())
        if run.code:
            raise RuntimeError(f"{' '.join(argv)} ended with {run.code}: {told.stderr[-2000:]}")
        return run
