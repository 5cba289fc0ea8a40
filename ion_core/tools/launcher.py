"""The plain launcher: one thread that starts children and does nothing else.

Only ``subprocess.Popen`` runs there, without ``preexec_fn``, so that CPython uses ``vfork``: a
start costs about 2 ms however large the process is (measured). It restricts nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import subprocess
import threading
from typing import TypeAlias

from ion_core.tools.descendants import end_marked
from ion_core.tools.process import MARK, Child, Command, marked

_Started: TypeAlias = "asyncio.Future[subprocess.Popen[bytes]]"


class ThreadLauncher:
    """Starts children from its own daemon thread, which begins with the first of them."""

    def __init__(self) -> None:
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def start(self, command: Command) -> Child:
        """A running child. Raises ``OSError``."""
        mark = os.urandom(8).hex()
        reading, writing = os.pipe()
        try:
            process = await self._spawned(command, mark, writing)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return Child(process, reading, mark)

    async def _spawned(self, command: Command, mark: str, output: int) -> subprocess.Popen[bytes]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="ion-launcher", daemon=True)
            self._thread.start()
        wish = _Wish(command, mark, os.dup(output))
        self._wishes.put(wish)
        try:
            return await asyncio.shield(wish.started)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):  # a start that failed leaves nothing
                wish.discard(await wish.started)
            raise

    def _serve(self) -> None:
        while (wish := self._wishes.get()) is not None:
            wish.fulfil()

    def close(self) -> None:
        """Let the thread end. Children that run are not touched."""
        self._wishes.put(None)
        self._thread = None


class _Wish:
    """A command on its way to the thread, and the answer on its way back."""

    def __init__(self, command: Command, mark: str, output: int) -> None:
        self._command, self._mark, self._output = command, mark, output
        self._loop = asyncio.get_running_loop()
        self.started: _Started = self._loop.create_future()

    def fulfil(self) -> None:
        try:
            process = self._spawn()
        except Exception as error:  # told to the caller, whatever it is
            self._answer(None, error)
        else:
            self._answer(process, None)
        finally:
            os.close(self._output)

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command.argv,
            cwd=self._command.cwd,
            env={**self._command.environment, MARK: self._mark},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _answer(self, process: subprocess.Popen[bytes] | None, error: Exception | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._settle, process, error)
        except RuntimeError:  # the loop was closed meanwhile
            self.discard(process)

    def _settle(self, process: subprocess.Popen[bytes] | None, error: Exception | None) -> None:
        if self.started.done():
            self.discard(process)
        elif process is not None:
            self.started.set_result(process)
        elif error is not None:
            self.started.set_exception(error)

    def discard(self, process: subprocess.Popen[bytes] | None) -> None:
        """Leave nothing of a child that nobody waits for; it may have run for a while."""
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            end_marked(marked(self._mark))
