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
from contextlib import ExitStack
from typing import TypeAlias

from ion_core.tools import orphans
from ion_core.tools.descendants import end_marked
from ion_core.tools.input import Input
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
        are set; where it raises, the child is ended. Raises ``OSError``."""
        mark = os.urandom(8).hex()
        with ExitStack() as opened, ExitStack() as kept:
            reading, writing = _pipe(kept, opened)
            given, typing = _pipe(opened, kept) if command.typed else (None, None)
            its_input = None if given is None else os.dup(given)
            wish = _Wish(command, mark, os.dup(writing), its_input, inherited, then)
            orphans.LIVING[marked(mark)] = 0
            try:
                process = await self._spawned(wish)
            except BaseException:
                orphans.LIVING.pop(marked(mark), None)
                raise
            kept.pop_all()
        return Child(process, reading, mark, fence, None if typing is None else Input(typing))

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


def _pipe(reader: ExitStack, writer: ExitStack) -> tuple[int, int]:
    """The reading and the writing end of a pipe; who closes which."""
    reading, writing = os.pipe()
    reader.callback(os.close, reading)
    writer.callback(os.close, writing)
    return reading, writing


class _Wish:
    """A command on its way to the thread, and the answer on its way back."""

    def __init__(
        self,
        command: Command,
        mark: str,
        output: int,
        input: int | None,
        inherited: tuple[int, ...],
        then: Callable[[], None] | None,
    ) -> None:
        self._command, self._mark, self._output, self._input = command, mark, output, input
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
            if self._input is not None:
                os.close(self._input)

    def _spawn(self, limit: Callable[[int], None]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command.argv,
            cwd=self._command.cwd,
            env={**self._command.environment, MARK: self._mark},
            stdin=subprocess.DEVNULL if self._input is None else self._input,
            stdout=self._output,
            stderr=subprocess.STDOUT if self._command.errors is None else self._command.errors,
            start_new_session=True,
            pass_fds=self._inherited,
        )
        try:
            if self._command.access is not None:
                limit(process.pid)
            if self._then is not None:
                self._then()
        except BaseException:
            self.discard(process)
            raise
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
