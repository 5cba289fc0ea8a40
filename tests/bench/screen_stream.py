"""A 5,000-line Markdown answer, sent as fast as the connection takes it, in the real app.

*Settled* is the time from the last byte that the server handed over to the last byte that the app
wrote before it was silent for 150 ms, with the answer's last line painted. Until that line is
painted keys are typed, one after another, 50 ms after the echo of the one before.
"""

from __future__ import annotations

from collections import defaultdict

from tests.bench import process
from tests.bench.answer import LAST
from tests.bench.endpoint import Endpoint
from tests.bench.row import Row
from tests.bench.scratch import ION, Scratch
from tests.bench.terminal import ENTER, Terminal

QUIET_S, KEY_PAUSE_S, PAUSE_BEFORE_ENTER_S = 0.15, 0.05, 0.3
PIECES = {
    "lines": "5,000 lines, a line at a time",
    "tokens": "5,000 lines, 16 characters at a time",
}


def measure(runs: int) -> list[Row]:
    """The rows of the long answer, by the size of its pieces."""
    return [row for pieces in PIECES for row in _Answers(pieces).rows(max(1, runs // 3))]


class _Answers:
    def __init__(self, pieces: str) -> None:
        self._pieces = pieces
        self.samples: dict[str, list[float]] = defaultdict(list)

    def rows(self, runs: int) -> list[Row]:
        with Scratch() as scratch, Endpoint(scratch.folder) as endpoint:
            scratch.configure(endpoint.url(self._pieces))
            self._session(scratch, endpoint)
            self.samples.clear()  # the very first start reads the settings the long way
            for _ in range(runs):
                self._session(scratch, endpoint)
        name = PIECES[self._pieces]
        return [
            self._row(f"{name}: settled", "s", "settled", 1.2, 0.5),
            self._row(f"{name}: key echo", "s", "key", 0.08, 0.03),
            self._row(f"{name}: CPU", "s", "cpu"),
            self._row(f"{name}: memory after", "MB", "memory"),
        ]

    def _session(self, scratch: Scratch, endpoint: Endpoint) -> None:
        with Terminal([ION], scratch.env, scratch.work) as terminal:
            self._one(terminal, endpoint)

    def _one(self, terminal: Terminal, endpoint: Endpoint) -> None:
        terminal.wait_for_paint()
        terminal.echo()
        terminal.pump(1.0)
        terminal.send(b"\x15Explain it at length.")
        terminal.pump(PAUSE_BEFORE_ENTER_S)
        used, begun, since = process.cpu_s(terminal.pid), len(terminal.output), terminal.send(ENTER)
        endpoint.wait("request", since)
        self._type_until_shown(terminal, begun)
        settled = terminal.wait_for_quiet(QUIET_S)
        sent = float(endpoint.wait("sent", since)[0]["at"])
        self.samples["settled"].append(settled - sent)
        self.samples["cpu"].append(process.cpu_s(terminal.pid) - used)
        self.samples["memory"].append(process.memory_mb(terminal.pid))
        if not any(LAST in line for line in terminal.screen()):
            raise RuntimeError("the answer's last line is not on the screen")

    def _type_until_shown(self, terminal: Terminal, begun: int) -> None:
        while terminal.output.find(LAST.encode(), begun) < 0:
            typed, echoed = terminal.echo()
            self.samples["key"].append(echoed - typed)
            terminal.pump(KEY_PAUSE_S)

    def _row(
        self, name: str, unit: str, what: str, must: float | None = None, aims: float | None = None
    ) -> Row:
        return Row(name=name, unit=unit, samples=tuple(self.samples[what]), must=must, aims=aims)
