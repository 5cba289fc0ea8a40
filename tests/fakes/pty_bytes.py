"""A program in a terminal of its own, and every byte that it sends there."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ptyprocess import PtyProcess

PATIENCE_S = 40.0


class PtyBytes:
    """A Python program in a pseudo-terminal. ``sent`` is what it has written there so far."""

    def __init__(
        self, command: list[str], env: Mapping[str, str], cwd: Path, size: tuple[int, int]
    ) -> None:
        self.sent = b""
        self._pty = PtyProcess.spawn(
            [sys.executable, *command],
            cwd=str(cwd),
            env={**env, "TERM": "xterm-256color", "PYTHONPATH": os.getcwd()},
            dimensions=size,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def type(self, keys: str) -> None:
        self._pty.write(keys.encode())

    def until(self, is_there: Callable[[bytes], bool], limit_s: float = PATIENCE_S) -> bytes:
        """Read until it is there. Fails with the end of what came when it never is."""
        end = time.monotonic() + limit_s
        while not is_there(self.sent):
            assert self._more(end - time.monotonic()), f"it never came: {self.sent[-3000:]!r}"
        return self.sent

    def ended(self) -> int:
        """The exit code once it has ended by itself, everything read."""
        while self._more(PATIENCE_S):
            pass
        self._pty.wait()
        return int(self._pty.exitstatus or 0)

    def kill(self) -> None:
        """SIGKILL; it is gone when this returns."""
        self._pty.kill(signal.SIGKILL)
        self.ended()

    def close(self) -> None:
        self._pty.close(force=True)

    def _more(self, limit_s: float) -> bool:
        if not select.select([self._pty.fd], [], [], max(0.0, limit_s))[0]:
            return False
        try:
            self.sent += self._pty.read(65_536)
        except EOFError:
            return False
        return True
