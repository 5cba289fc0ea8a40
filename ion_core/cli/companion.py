"""The terminal as the companion of a login: sentences, links and questions.

Questions that a browser may answer first are read without blocking; keys are read without echo, or
from a pipe.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from ion_core.errors import ConfigError

_REMOTE = ("SSH_CONNECTION", "SSH_TTY")
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


class Terminal:
    """Speaks on standard error, so that standard output stays for answers."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._typed = b""

    def tell(self, text: str) -> None:
        print(text, file=sys.stderr)

    def show_link(self, url: str, code: str = "") -> None:
        self.tell(f"Open this page to log in:\n\n  {url}\n")
        if code:
            self.tell(f"and enter the code:  {code}\n")
        if has_browser(self._env):
            import webbrowser  # start-up: only a login needs it

            webbrowser.open(url)

    async def ask(self, question: str, *, secret: bool = False) -> str:
        if not sys.stdin.isatty():
            return _piped(secret=secret)
        if secret:
            return _hidden(question)
        print(question, end=" ", file=sys.stderr, flush=True)
        return await self._line()

    async def _line(self) -> str:
        """A line of the keyboard. Raises ``CancelledError`` at its end (Ctrl+D)."""
        loop, handle, ready = asyncio.get_running_loop(), sys.stdin.fileno(), asyncio.Event()
        loop.add_reader(handle, ready.set)
        try:
            while b"\n" not in self._typed:
                await ready.wait()
                ready.clear()
                if not (piece := os.read(handle, 65_536)):
                    raise asyncio.CancelledError
                self._typed += piece
        except asyncio.CancelledError:
            print(file=sys.stderr)  # the question keeps its line for itself
            raise
        finally:
            loop.remove_reader(handle)
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace").strip()


def has_browser(env: Mapping[str, str]) -> bool:
    """Whether a browser can be opened that the person sees: not at the far end of an SSH."""
    if any(env.get(name) for name in _REMOTE):
        return False
    return sys.platform == "darwin" or any(env.get(name) for name in _SCREENS)


def _piped(*, secret: bool) -> str:
    line = sys.stdin.readline() if secret else ""
    if not line.strip():
        if secret:
            raise ConfigError("No key came in. Use a terminal, or pipe the key into this command.")
        raise ConfigError("Nobody can be asked here. Use a terminal, or say yes with --yes.")
    return line


def _hidden(question: str) -> str:
    import getpass  # start-up: only for keys

    # The loop's own handler of Ctrl+C waits for the loop, which waits for the key.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return getpass.getpass(f"{question} (not shown) ")
    except EOFError:
        print(file=sys.stderr)
        raise asyncio.CancelledError from None
    finally:
        signal.signal(signal.SIGINT, handler)
