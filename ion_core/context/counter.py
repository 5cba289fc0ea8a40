"""Exact token counts of large texts, from a process of their own.

The process (``counting.py``) starts when it is first needed and ends itself when idle. Nobody
depends on it: when it is slow, absent or broken there is no count, and the caller estimates.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

LIMIT_BYTES = 4_000_000
"""Larger texts are not counted: at 9 MB/s (measured) they would be waited for."""
TRIES = 2
"""Processes in a row that may end without an answer before no more are started."""

_log = logging.getLogger(__name__)


class Counter:
    """Counts by the ranks that are kept in ``folder``; ``python`` is the interpreter to run."""

    def __init__(self, folder: Path, *, python: str = sys.executable) -> None:
        self._folder, self._python = folder, python
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._serial = self._failures = 0

    async def count(self, text: str, *, patience_s: float) -> int | None:
        """The tokens of ``text``, or None when they are not known within ``patience_s``.

        May be cancelled at any time: a later call skips the answer that nobody waited for.
        """
        body = text.encode("utf-8", "replace")
        if len(body) > LIMIT_BYTES:
            return None
        try:
            async with asyncio.timeout(patience_s), self._turn:
                return await self._persist(body)
        except TimeoutError:
            return None

    async def aclose(self) -> None:
        """End the process, and wait until it is gone."""
        process, self._process, self._failures = self._process, None, TRIES
        if process is not None and process.returncode is None:
            process.kill()
        if process is not None:
            await process.wait()

    async def _persist(self, body: bytes) -> int | None:
        """Ask again where the process was just about to end itself."""
        while self._failures < TRIES:
            try:
                tokens = await self._ask(await self._running(), body)
            except (OSError, EOFError, ValueError) as error:
                self._failures += 1
                _log.debug("no token count: %r", error)
                await self._reap()
            else:
                self._failures = 0
                return tokens
        return None

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            # -P: the working folder is not ours, and nothing is imported from it.
            self._process = await asyncio.create_subprocess_exec(
                *(self._python, "-P", "-m", "ion_core.context.counting", str(self._folder)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
            )
        return self._process

    async def _ask(self, process: Process, body: bytes) -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        self._serial += 1
        serial = self._serial
        # In one piece: who is cancelled here leaves no half of a frame behind.
        process.stdin.write(b"%d %d\n%s" % (serial, len(body), body))
        await process.stdin.drain()
        while line := await process.stdout.readline():
            answered, tokens = map(int, line.split())
            if answered == serial:
                return tokens
        raise EOFError("the counting process ended")

    async def _reap(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
