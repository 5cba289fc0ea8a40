"""The standard input of a child that somebody types to: the writing end of a pipe.

Writing never holds up the loop: what the pipe has no room for waits until the child reads.
"""

from __future__ import annotations

import asyncio
import errno
import os


class Input:
    """Owns ``descriptor``. A child that reads to the end of its input waits for :meth:`close`."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor, self._room = descriptor, asyncio.Event()

    async def send(self, data: bytes) -> None:
        """Write all of it, however long that takes. Raises ``BrokenPipeError`` when nobody reads
        any more."""
        left = memoryview(data)
        while left:
            if self._descriptor < 0:
                raise BrokenPipeError(errno.EPIPE, "its input is closed")
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                await self._wait()

    async def _wait(self) -> None:
        loop, descriptor = asyncio.get_running_loop(), self._descriptor
        self._room.clear()
        loop.add_writer(descriptor, self._room.set)
        try:
            await self._room.wait()
        finally:
            if descriptor == self._descriptor:
                loop.remove_writer(descriptor)

    def close(self) -> None:
        """Nothing more comes. Quick when it is closed already."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            asyncio.get_running_loop().remove_writer(descriptor)
            os.close(descriptor)
            self._room.set()
