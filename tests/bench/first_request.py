"""From the start of the process to the first byte of its first request, and the run's memory.

One headless run of one turn against the loopback model. *Hit* finds the settings and the prompt of
last time; *miss* finds no cache at all, as in the very first run. The kinds of run take turns, so
that a busy moment of the machine falls on all of them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from tests.bench.endpoint import Endpoint
from tests.bench.row import Floor, Row
from tests.bench.scratch import FLOORS, ION, Launched, Scratch

RUN = (ION, "run", "--output-format", "json", "Say that you are done.")


def measure(runs: int) -> list[Row]:
    """The rows of start-up and memory."""
    with Scratch() as scratch, Endpoint(scratch.folder) as endpoint:
        return _Runs(scratch, endpoint, runs).rows()


class _Runs:
    def __init__(self, scratch: Scratch, endpoint: Endpoint, count: int) -> None:
        self._scratch, self._endpoint, self._count = scratch, endpoint, count
        self._url = endpoint.url("answer")
        self.start: dict[str, list[float]] = defaultdict(list)
        self.whole: dict[str, list[float]] = defaultdict(list)
        self.peak: dict[str, list[float]] = defaultdict(list)
        scratch.configure(self._url)

    def rows(self) -> list[Row]:
        self._ion("warm-up")
        for _ in range(self._count):
            self._ion("hit")
            self._python()
            self._httpx()
            self._scratch.forget()
            self._ion("miss")
        return [*self._starts(), *self._memories()]

    def _ion(self, kind: str) -> None:
        run = self._scratch.launch(RUN)
        self.start[kind].append(self._first_byte(run))
        self._keep(kind, run)

    def _python(self) -> None:
        self._keep("python", self._scratch.launch([sys.executable, "-c", "pass"]))

    def _httpx(self) -> None:
        script = str(Path(FLOORS, "httpx_request.py"))
        run = self._scratch.launch([sys.executable, script, self._url])
        self.start["httpx"].append(self._first_byte(run))
        self._keep("httpx", run)

    def _first_byte(self, run: Launched) -> float:
        return float(self._endpoint.wait("request", run.began)[0]["at"]) - run.began

    def _keep(self, kind: str, run: Launched) -> None:
        self.whole[kind].append(run.ended - run.began)
        self.peak[kind].append(run.peak_mb)

    def _starts(self) -> list[Row]:
        floors = (
            Floor(name="bare Python, whole run", samples=tuple(self.whole["python"])),
            Floor(name="import httpx, one request", samples=tuple(self.start["httpx"])),
        )
        return [
            Row(
                name="start to first request, snapshot hit",
                unit="s",
                samples=tuple(self.start["hit"]),
                floors=floors,
                must=0.30,
                aims=0.15,
            ),
            Row(
                name="start to first request, snapshot miss",
                unit="s",
                samples=tuple(self.start["miss"]),
                must=0.40,
                aims=0.30,
                note="its yardsticks are ours: the gates of the start-up recipe",
            ),
            Row(name="the whole run, hit", unit="s", samples=tuple(self.whole["hit"])),
        ]

    def _memories(self) -> list[Row]:
        floors = (
            Floor(name="bare Python", samples=tuple(self.peak["python"])),
            Floor(name="httpx, one request", samples=tuple(self.peak["httpx"])),
        )
        return [
            Row(
                name="memory of one turn, peak",
                unit="MB",
                samples=tuple(self.peak["hit"]),
                floors=floors,
                must=50,
                aims=35,
            ),
            Row(name="the same, snapshot miss", unit="MB", samples=tuple(self.peak["miss"])),
        ]
