"""A command from its start to its end: the child, and what it said so far.

Whoever follows it can be told to stop doing so without a loss, so that it can be handed on while it
runs. Finishing leaves nothing of it alive.
"""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Literal, Protocol, TypeAlias

from ion_core.messages import Status
from ion_core.tools.process import Child
from ion_core.tools.recording import Recording

End: TypeAlias = Literal["exit", "timeout", "output", "moved", "stopped"]
"""By itself; past its time; with more output than can be kept; into other hands; by wish."""


_LEFT_OTHERS = (
    " [what it had left running in the background was stopped; for that, use background: true "
    "and no &]"
)


class Listener(Protocol):
    """Is told what a command says."""

    @property
    def wait_s(self) -> float | None:
        """For how long a flush may wait; None when none is due."""
        ...

    def add(self, text: str) -> None: ...

    async def flush(self) -> None: ...


class Execution:
    """``follow`` it until it ends, then ``finish`` it in a ``finally``; or hand it on."""

    def __init__(self, command: str, child: Child, recording: Recording) -> None:
        self.command, self.child, self.recording = command, child, recording
        self._began, self._ended = time.monotonic(), 0.0
        self._until: asyncio.Timeout | None = None
        self._why: End | None = None
        self._left_others = False
        self.end: End = "stopped"
        self.code = 0

    @property
    def duration_ms(self) -> int:
        """How long it has run; once it was finished, how long it did."""
        return round(((self._ended or time.monotonic()) - self._began) * 1000)

    def interrupt(self, why: Literal["moved", "stopped"]) -> None:
        """Let whoever follows, or will, do so no longer."""
        self._why = self._why or why
        if self._until is not None and not self._until.expired():
            self._until.reschedule(asyncio.get_running_loop().time())

    async def follow(self, listener: Listener, limit_s: float | None = None) -> End:
        """Record until it ends, is over its limit, or somebody interrupts. Raises ``OSError`` when
        the output cannot be kept."""
        if self._why is not None:
            return self._reason("stopped")
        try:
            async with asyncio.timeout(limit_s) as self._until:
                end = await self._recorded(listener)
                self._left_others = end == "exit" and await self.child.leaves_others()
                return end
        except TimeoutError:
            return self._reason("timeout")
        finally:
            self._until = None

    def _reason(self, otherwise: End) -> End:
        why, self._why = self._why or otherwise, None
        return why

    async def _recorded(self, listener: Listener) -> End:
        while not self.recording.is_full:
            try:
                async with asyncio.timeout(listener.wait_s):
                    batch = await self.child.read()
            except TimeoutError:
                await listener.flush()
                continue
            if not batch:
                await listener.flush()
                await self.child.wait()
                return "exit"
            listener.add(self.recording.feed(batch))
            if listener.wait_s == 0:
                await listener.flush()
        return "output"

    async def finish(self, end: End) -> None:
        """Be rid of it, having come to this end. Raises ``OSError`` when the rest of its output
        cannot be kept."""
        self.end = end
        try:
            await (self.child.stop() if end == "exit" else self.child.stop_all())
            self.code = await self.child.wait()
        finally:
            self._ended = time.monotonic()
            self.recording.close()

    @property
    def exit_code(self) -> int:
        """As a shell gives it."""
        return self.code if self.code >= 0 else 128 - self.code

    @property
    def status(self) -> Status:
        return "ok" if self.end == "exit" and self.code == 0 else "error"

    def note(self, limit_s: int = 0) -> str:
        """How it ended, where that is not to be expected. Nothing for a plain success."""
        if self.end == "timeout":
            return f"[stopped: it did not end within {limit_s} s. Nothing of it runs any more]"
        if self.end == "output":
            return "[stopped: it wrote more output than can be kept]"
        left = _LEFT_OTHERS * self._left_others
        if self.code < 0:
            return f"[ended by {signal.Signals(-self.code).name}]{left}"
        return (f"[exit code {self.code}]{left}" if self.code else left).strip()
