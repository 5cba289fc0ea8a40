"""The app at rest: how soon it takes a key, how fast a key shows, and what it costs to leave open.

*Input-ready* is the moment at which a key typed at the first paint has been painted, counted from
the start of the process. The first paint is the first visible character.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence

from tests.bench import process
from tests.bench.endpoint import Endpoint
from tests.bench.row import Floor, Row
from tests.bench.scratch import FLOORS, ION, Scratch
from tests.bench.terminal import Terminal

APPS = {"ion": (ION,), "floor": (sys.executable, str(FLOORS / "textual_app.py"))}
FLOOR = "a minimal Textual app"
KEYS, KEY_PAUSE_S = 40, 0.05
CALM_S, IDLE_S = 3.0, 10.0


def measure(runs: int) -> list[Row]:
    """The rows of the start, of keys and of idleness."""
    with Scratch() as scratch, Endpoint(scratch.folder) as endpoint:
        scratch.configure(endpoint.url("answer"))
        found = _Found(scratch)
        found.warm()
        for _ in range(runs):
            for app in APPS:
                found.start(app)
        for app in APPS:
            found.rest(app)
    return found.rows()


class _Found:
    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self.samples: dict[tuple[str, str], list[float]] = defaultdict(list)

    def _terminal(self, app: str) -> Terminal:
        return Terminal(APPS[app], self._scratch.env, self._scratch.work)

    def warm(self) -> None:
        """The very first start, which reads the settings the long way and keeps what it read."""
        with self._terminal("ion") as terminal:
            terminal.wait_for_paint()
            terminal.pump(CALM_S)

    def start(self, app: str) -> None:
        """One start: paint, key, memory."""
        with self._terminal(app) as terminal:
            painted = terminal.wait_for_paint()
            _, echoed = terminal.echo()
            self.samples[app, "paint"].append(painted - terminal.began)
            self.samples[app, "ready"].append(echoed - terminal.began)

    def rest(self, app: str) -> None:
        """Keys into an app that does nothing else, then nothing at all."""
        with self._terminal(app) as terminal:
            terminal.wait_for_paint()
            terminal.pump(CALM_S)
            for _ in range(KEYS):
                typed, echoed = terminal.echo()
                self.samples[app, "key"].append(echoed - typed)
                terminal.pump(KEY_PAUSE_S)
            self._idle(app, terminal)

    def _idle(self, app: str, terminal: Terminal) -> None:
        terminal.pump(CALM_S)
        written, used = len(terminal.output), process.cpu_s(terminal.pid)
        terminal.pump(IDLE_S)
        spent = process.cpu_s(terminal.pid) - used
        self.samples[app, "cpu"].append(100 * spent / IDLE_S)
        self.samples[app, "bytes"].append(len(terminal.output) - written)
        self.samples[app, "memory"].append(process.memory_mb(terminal.pid))

    def rows(self) -> list[Row]:
        return [
            self._row("TUI: first paint", "s", "paint"),
            self._row("TUI: input-ready", "s", "ready", 0.60, 0.38),
            self._row("TUI: key echo, idle", "s", "key"),
            self._row("TUI: idle memory", "MB", "memory", 80, 55),
            self._row(f"TUI: idle CPU over {IDLE_S:.0f} s", "%", "cpu", 0.5, 0.1),
            self._row(f"TUI: bytes written in {IDLE_S:.0f} idle s", "B", "bytes"),
        ]

    def _row(
        self, name: str, unit: str, what: str, must: float | None = None, aims: float | None = None
    ) -> Row:
        floor = Floor(name=FLOOR, samples=_samples(self.samples["floor", what]))
        return Row(
            name=name,
            unit=unit,
            samples=_samples(self.samples["ion", what]),
            floors=(floor,),
            must=must,
            aims=aims,
        )


def _samples(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(values)
