"""A terminal of 200x50 cells around a program, with the time of every byte that it writes.

The times are taken when bytes can be read; what they mean on the screen is worked out afterwards,
so that the measuring takes as little as possible from the measured. A key's echo is found by its
bytes alone: every sample types a character that nothing else on the screen contains.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 200, 50
PATIENCE_S = 60.0
ENTER = b"\r"

_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[P_^][^\x1b]*\x1b\\|.)"
)


class Ended(Exception):
    """The program closed its terminal."""


class Terminal:
    """A context manager: the program starts on entry and is ended on exit."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self._argv, self._env, self._cwd = list(argv), dict(env), cwd
        self.output = bytearray()
        self.times: list[tuple[float, int]] = []
        self._letters = unused_letters()

    def __enter__(self) -> Self:
        self.began = time.monotonic()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            self._become()
        return self

    def _become(self) -> None:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.chdir(self._cwd)
            os.execve(self._argv[0], self._argv, self._env)
        finally:
            os._exit(127)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self._gone():
                os.killpg(self.pid, number)
                self._drain(2.0)
        os.close(self._fd)

    def _gone(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
        except ChildProcessError:
            return True

    def _drain(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._gone():
            try:
                self.read(0.02)
            except Ended:
                time.sleep(0.02)

    def read(self, wait_s: float) -> bytes:
        """What arrives within ``wait_s`` seconds, perhaps nothing. Raises :class:`Ended`."""
        ready, _, _ = select.select([self._fd], [], [], max(0.0, wait_s))
        if not ready:
            return b""
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            raise Ended(f"the program ended; its screen: {self.text()[-1000:]}")
        self.output += data
        self.times.append((time.monotonic(), len(self.output)))
        return data

    def pump(self, seconds: float) -> None:
        """Read for that long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.read(left)

    def wait_for(self, needle: bytes, since: int = 0, patience_s: float = PATIENCE_S) -> float:
        """When ``needle`` had arrived, looking from byte ``since``. Raises ``TimeoutError``."""
        deadline = time.monotonic() + patience_s
        begin = since
        while (found := self.output.find(needle, begin)) < 0:
            begin = max(since, len(self.output) - len(needle))
            if time.monotonic() > deadline:
                raise TimeoutError(f"{needle!r} is not in: {self.text()[-1000:]}")
            self.read(0.5)
        return self.time_of(found + len(needle))

    def time_of(self, size: int) -> float:
        """When the output had become ``size`` bytes long."""
        return next(at for at, total in self.times if total >= size)

    def wait_for_paint(self) -> float:
        """When the first visible character arrived."""
        while not self.text().strip():
            self.read(0.5)
            if time.monotonic() > self.began + PATIENCE_S:
                raise TimeoutError("nothing was painted")
        return self.times[-1][0]

    def wait_for_quiet(self, gap_s: float) -> float:
        """When the last byte came before the first silence of ``gap_s`` seconds."""
        deadline = time.monotonic() + PATIENCE_S
        while self.read(gap_s):
            if time.monotonic() > deadline:
                raise TimeoutError("it never falls silent")
        return self.times[-1][0]

    def send(self, data: bytes) -> float:
        """Type; when the bytes were handed over."""
        at = time.monotonic()
        os.write(self._fd, data)
        return at

    def echo(self, patience_s: float = PATIENCE_S) -> tuple[float, float]:
        """Type a letter of its own; when it was typed, and when it came back."""
        letter = next(self._letters).encode()
        since = len(self.output)
        typed = self.send(letter)
        return typed, self.wait_for(letter, since, patience_s)

    def text(self) -> str:
        """Everything visible that was ever written, without what moves and colours it."""
        return _ESCAPE.sub(b"", bytes(self.output)).decode("utf-8", "replace")

    def screen(self) -> list[str]:
        """The screen as it stands, by an independent terminal emulator."""
        import pyte

        screen = pyte.Screen(COLUMNS, ROWS)
        pyte.ByteStream(screen).feed(bytes(self.output))
        return list(screen.display)


def unused_letters() -> Iterator[str]:
    """Letters of one cell that no text of ours contains, each once."""
    yield from map(chr, range(0x0430, 0x0450))  # Cyrillic
    yield from map(chr, range(0x0561, 0x0587))  # Armenian
    yield from map(chr, range(0x10D0, 0x10F1))  # Georgian
    yield from map(chr, range(0x0410, 0x0430))
