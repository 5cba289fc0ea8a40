"""The launcher: one thread that starts children and does nothing else.

Only ``subprocess.Popen`` runs there, without ``preexec_fn``, so that CPython uses ``vfork``: a
start costs about 2 ms however large the process is (measured). By itself it restricts nothing; it
may be given rules that the thread puts itself under first, and that its children inherit.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import TypeAlias

from ion_core.tools.descendants import end_marked
from ion_core.tools.process import MARK, Child, Command, Fence, marked

_Started: TypeAlias = "asyncio.Future[subprocess.Popen[bytes]]"


class ThreadLauncher:
    """Starts children from its own daemon thread, which begins with the first of them.

    ``enter`` is called once on that thread, before the first start; where it raises, nothing is
    ever started.
    """

    def __init__(self, enter: Callable[[], None] | None = None) -> None:
        self._enter = enter
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def start(
        self,
        command: Command,
        *,
        inherited: tuple[int, ...] = (),
        then: Callable[[], None] | None = None,
        fence: Fence | None = None,
    ) -> Child:
        """A running child, which is left the descriptors ``inherited`` besides its three streams,
        and whose ``fence`` says what holds it. ``then`` is called on the thread once its limits
        are set. Raises ``OSError``."""
        mark = os.urandom(8).hex()
        reading, writing = os.pipe()
        try:
            process = await self._spawned(_Wish(command, mark, os.dup(writing), inherited, then))
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return Child(process, reading, mark, fence)

    async def _spawned(self, wish: _Wish) -> subprocess.Popen[bytes]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="ion-launcher", daemon=True)
            self._thread.start()
        self._wishes.put(wish)
        try:
            return await asyncio.shield(wish.started)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):  # a start that failed leaves nothing
                wish.discard(await wish.started)
            raise

    def _serve(self) -> None:
        # Start-up: the first child needs it. Once under its rules the thread may not read it.
        from ion_core.tools.limits import limit

        failure = self._entered()
        while (wish := self._wishes.get()) is not None:
            wish.fulfil(limit, failure)

    def _entered(self) -> Exception | None:
        """Why nothing may be started, if so."""
        try:
            if self._enter is not None:
                self._enter()
        except Exception as error:  # whatever it is, no child runs without its rules
            return error
        return None

    def close(self) -> None:
        """Let the thread end. Children that run are not touched."""
        self._wishes.put(None)
        self._thread = None


class _Wish:
    """A command on its way to the thread, and the answer on its way back."""

    def __init__(
        self,
        command: Command,
        mark: str,
        output: int,
        inherited: tuple[int, ...],
        then: Callable[[], None] | None,
    ) -> None:
        self._command, self._mark, self._output = command, mark, output
        self._inherited, self._then = inherited, then
        self._loop = asyncio.get_running_loop()
        self.started: _Started = self._loop.create_future()

    def fulfil(self, limit: Callable[[int], None], failure: Exception | None) -> None:
        try:
            if failure is not None:
                raise failure
            process = self._spawn(limit)
        except Exception as error:  # told to the caller, whatever it is
            self._answer(None, error)
        else:
            self._answer(process, None)
        finally:
            os.close(self._output)

    def _spawn(self, limit: Callable[[int], None]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command.argv,
            cwd=self._command.cwd,
            env={**self._command.environment, MARK: self._mark},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self._inherited,
        )
        if self._command.access is not None:
            limit(process.pid)
        if self._then is not None:
            self._then()
        return process

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
