"""A home, a folder and the real program in them: begun, killed, looked at, gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.crash.play import Play, going_on
from tests.fakes.scripted_home import scripted_home

ION = (sys.executable, "-m", "ion_core")
PATIENCE_S = 90.0


class Said(NamedTuple):
    """What a program printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines that are whole, of ``--output-format stream-json``."""
        lines = self.out.split("\n")[:-1]
        return [json.loads(line) for line in lines if line.startswith("{")]

    @property
    def acknowledged(self) -> list[str]:
        """The ids of the entries that were said to be kept."""
        events = [line["event"] for line in self.events if line["type"] == "event"]
        return [event["entry"]["id"] for event in events if event["kind"] == "entry_appended"]

    @property
    def session(self) -> str:
        """The session of it; empty when it did not come so far."""
        return next((line["session"] for line in self.events if line.get("session")), "")


class House:
    """One point of the harness: everything of it lies below ``root``."""

    def __init__(self, root: Path, play: Play) -> None:
        self.home, self.cwd, self.play = root / "home", root / "ws", play
        self.cwd.mkdir(parents=True)
        self.env = scripted_home(self.home, play.steps)
        self.heard: list[Said] = []

    @property
    def file(self) -> Path:
        return self.home / "sessions.db"

    def begin(self, *, wrap: Sequence[str] = ()) -> subprocess.Popen[str]:
        """The play, on its way."""
        command = (*wrap, *ION, "run", "--output-format", "stream-json", "do all of it")
        return self._started(command)

    def killed_after(self, *, lines: int = -1, seconds: float = 0.0) -> Said:
        """The play, killed once it printed so many lines, and then so many seconds later."""
        child = self.begin()
        assert child.stdout is not None
        out = []
        for _ in range(max(0, lines)):
            line = child.stdout.readline()
            if not line:
                break
            out.append(line)
        killer = threading.Timer(seconds, child.kill)
        killer.start()
        rest, err = child.communicate()
        killer.cancel()
        return Said(child.returncode, "".join([*out, rest]), err)

    def ion(self, *words: str, wrap: Sequence[str] = ()) -> Said:
        """A command, to its end."""
        child = self._started((*wrap, *ION, *words))
        out, err = child.communicate(timeout=PATIENCE_S)
        self.heard.append(Said(child.returncode, out, err))
        return self.heard[-1]

    def shown(self, session: str) -> dict[str, Any]:
        """A session as ``ion sessions show`` has it; raises when it fails."""
        said = self.ion("sessions", "show", session, "--json")
        if said.code:
            raise AssertionError(f"sessions show: {said.err.strip()}")
        shown: dict[str, Any] = json.loads(said.out)
        return shown

    def sessions(self) -> list[dict[str, Any]]:
        said = self.ion("sessions", "list", "--all", "--json")
        if said.code:
            raise AssertionError(f"sessions list: {said.err.strip()}")
        listed: list[dict[str, Any]] = json.loads(said.out)
        return listed

    def gone_on(self, session: str) -> Said:
        """Somebody opens the session again and says something; a new one where it is empty."""
        (self.home / "script.json").write_text(going_on())
        resume = ("--resume", session) if session else ()
        return self.ion("run", "--output-format", "stream-json", *resume, "go on")

    def written(self, path: str) -> str | None:
        file = self.cwd / path
        return file.read_text() if file.exists() else None

    def _started(self, command: Sequence[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def duration_s(root: Path, play: Play) -> tuple[float, int]:
    """How long the play takes here when nobody kills it, and how many lines it prints."""
    house, began = House(root, play), time.monotonic()
    said = house.killed_after(seconds=PATIENCE_S)
    assert said.code == 0, said.err
    return time.monotonic() - began, said.out.count("\n")
