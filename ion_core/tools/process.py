"""The one way to start a child process, read what it says, and be rid of it.

A child leads a session and a process group of its own. Stopping it ends the group; stopping
everything also ends what left the group but carries the child's mark in its environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

from ion_core.tools import orphans
from ion_core.tools.descendants import end_marked, group_lives, is_kept_alone, signal_others
from ion_core.tools.input import Input

MARK = "ION_CHILD"
"""A variable in the environment of every child; its value is another for each."""

GRACE_S = 0.5
"""Between SIGTERM and SIGKILL."""

_CHUNK = 65_536
_BATCH = 1 << 20  # no Linux pipe holds more (/proc/sys/fs/pipe-max-size)
_LINGER_S = 0.1
_SETTLE_S = 0.3
_POLL_S = 0.001


class Access(Struct, frozen=True, kw_only=True):
    """What a command may touch, as a sandbox enforces it: ``read`` looks at the workspace
    ``root``, ``write`` changes it and the ``writable`` folders too, or these alone when it is
    ``fixed``. ``readable`` are files of ion's own that it lends; ``online``: it may reach the
    network whatever the settings are for others."""

    profile: Literal["read", "write"]
    root: str
    writable: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    fixed: bool = False
    online: bool = False


class Command(Struct, frozen=True, kw_only=True):
    """What to start, in which folder, with which variables and no others.

    ``errors`` is a descriptor for standard error in the place of that stream.
    Standard input is ``/dev/null``, or with ``typed`` what the child's ``input`` is sent; standard
    output and error are one stream. Without ``access`` it is a program of ion's own choice with
    arguments of its own, which no sandbox holds.
    """

    argv: tuple[str, ...]
    cwd: str
    environment: dict[str, str]
    access: Access | None = None
    typed: bool = False
    errors: int | None = None


class Fence(Struct, frozen=True, kw_only=True):
    """What stands around a child.

    ``kept``: the process that was started keeps the command, and ends when it does. ``leaky``:
    what leaves the group outlives the child unless its mark gives it away. ``hint`` says to whom
    something was refused what is allowed; ``label`` is for people, empty when all is as it should
    be. ``settle`` is called once when nothing of the child runs, and says what it put right.
    """

    kept: bool = False
    leaky: bool = False
    hint: str = ""
    label: str = ""
    settle: Callable[[], tuple[str, ...]] = tuple


class Launcher(Protocol):
    """Starts children. Raises ``OSError`` when the program or the folder cannot be used. A start
    that is cancelled leaves no child."""

    async def start(self, command: Command) -> Child: ...


def marked(mark: str) -> bytes:
    """The entry in the environment of a child, and of all that descend from it."""
    return f"{MARK}={mark}".encode()


class Child:
    """A started process: ``read`` until the end, ``wait``, and ``stop`` in a ``finally``.

    Output ends when the pipe is closed, or soon after the child itself ended: a grandchild that
    keeps the pipe open holds up nobody. ``remarks`` are, after ``stop``, what the fence put right.
    ``input`` is None where nothing can be typed.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        output: int,
        mark: str,
        fence: Fence | None = None,
        input: Input | None = None,
    ) -> None:
        self.input = input
        self.pid, self._process, self._output = process.pid, process, output
        self.fence, self.remarks = fence, tuple[str, ...]()
        self._is_settled = fence is None
        self._mark = marked(mark)
        orphans.LIVING[self._mark] = self.pid
        self._exited, self._wake = asyncio.Event(), asyncio.Event()
        self._exited_at, self._left = 0.0, _BATCH
        os.set_blocking(output, False)
        self._unwatch = watch_exit(process, self._on_exit)

    def _on_exit(self) -> None:
        self._process.poll()
        self._exited_at = asyncio.get_running_loop().time()
        self._exited.set()
        self._wake.set()

    async def read(self) -> bytes:
        """More output, at most 1 MiB; empty at the end."""
        while True:
            exited = self._exited.is_set()
            batch, is_end = self._take(self._left if exited else _BATCH)
            if exited:
                self._left -= len(batch)
            if batch or is_end or self._left <= 0:
                return batch
            if not await self._more():
                return b""

    def _take(self, limit: int) -> tuple[bytes, bool]:
        """What the pipe holds now, and whether it is closed."""
        taken = bytearray()
        while len(taken) < limit:
            try:
                chunk = os.read(self._output, min(_CHUNK, limit - len(taken)))
            except BlockingIOError:
                return bytes(taken), False
            if not chunk:
                return bytes(taken), True
            taken += chunk
        return bytes(taken), False

    async def _more(self) -> bool:
        """Wait for output or the exit. False: the child is gone and its time to linger over."""
        loop = asyncio.get_running_loop()
        limit = self._exited_at + _LINGER_S if self._exited.is_set() else None
        self._wake.clear()
        loop.add_reader(self._output, self._wake.set)
        try:
            async with asyncio.timeout_at(limit):
                await self._wake.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._output)
        return True

    async def wait(self) -> int:
        """The exit code; a negative one is the signal that ended it."""
        await self._exited.wait()
        return int(self._process.returncode)

    async def leaves_others(self) -> bool:
        """Whether others of its group outlive the child by more than a moment."""
        await self._exited.wait()
        await self._gone(_SETTLE_S)
        return self._group_lives

    async def stop(self) -> None:
        """End the group: SIGTERM, half a second, SIGKILL. Quick when all have ended already, and
        at once with SIGKILL when it is itself cancelled."""
        if self._lives:
            try:
                self._signal(signal.SIGTERM)
                await self._gone(GRACE_S)
            finally:
                if self._lives:
                    self._signal(signal.SIGKILL)
                self._close()
            await self._gone(GRACE_S)
        self._close()

    async def stop_all(self) -> None:
        """:meth:`stop`, and end the marked processes that left the group."""
        try:
            await self.stop()
        finally:
            end_marked(self._mark)

    @property
    def _lives(self) -> bool:
        return not self._exited.is_set() or self._group_lives

    @property
    def _group_lives(self) -> bool:
        """Whether somebody of the group can still do something."""
        if self.fence is not None and self.fence.kept and self._exited.is_set():
            return not is_kept_alone(self.pid)
        return group_lives(self.pid)

    async def _gone(self, limit_s: float) -> None:
        """Wait until the whole group has ended, or no longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._exited.wait()
                while self._group_lives:  # noqa: ASYNC110 (the kernel tells nobody)
                    await asyncio.sleep(_POLL_S)

    def _signal(self, number: int) -> None:
        if number == signal.SIGTERM and self.fence is not None and self.fence.kept:
            signal_others(self.pid, number)  # its keeper would end them without a warning
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _close(self) -> None:
        self._unwatch()
        orphans.LIVING.pop(self._mark, None)
        if self._output >= 0:
            os.close(self._output)
            self._output = -1
        if self.input is not None:
            self.input.close()
        if not self._exited.is_set():
            # It was sent SIGKILL: this is short, and a cancelled caller could not await it.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
            self._exited.set()
        self._settle()

    def _settle(self) -> None:
        if self.fence is None or self._is_settled:
            return
        self._is_settled = True
        if self.fence.leaky:
            end_marked(self._mark, since=self.pid)
            orphans.end(since=self.pid)
        self.remarks = self.fence.settle()


def watch_exit(process: subprocess.Popen[bytes], then: Callable[[], None]) -> Callable[[], None]:
    """Call ``then`` on the running loop once the process has ended. Returns the way to stop
    watching."""
    if not hasattr(os, "pidfd_open"):
        return watch_exit_by_thread(process, then)
    loop = asyncio.get_running_loop()
    descriptor = os.pidfd_open(process.pid)

    def unwatch() -> None:
        nonlocal descriptor
        if descriptor >= 0:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            descriptor = -1

    def ended() -> None:
        unwatch()
        then()

    loop.add_reader(descriptor, ended)
    return unwatch


def watch_exit_by_thread(
    process: subprocess.Popen[bytes], then: Callable[[], None]
) -> Callable[[], None]:
    """:func:`watch_exit` where the kernel has no pidfd (macOS)."""
    loop = asyncio.get_running_loop()
    watching = True

    def ended() -> None:
        if watching:
            then()

    def await_exit() -> None:
        process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens
            loop.call_soon_threadsafe(ended)

    def unwatch() -> None:
        nonlocal watching
        watching = False

    threading.Thread(target=await_exit, name=f"exit-{process.pid}", daemon=True).start()
    return unwatch
