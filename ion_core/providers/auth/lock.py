"""A lock that processes share: ``flock`` on a file that stays where it is.

It is free again when its holder dies, whatever killed it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ion_core.errors import ConfigError

PATIENCE_S = 60.0
"""Longer than a holder takes: it waits for one answer of a server (20 s) at most."""
_FIRST_LOOK_S, _LAST_LOOK_S = 0.005, 0.1


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Hold the lock within the block. Raises ``ConfigError`` when somebody holds it for too long,
    and ``OSError`` when the file cannot be made."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(file, flags, 0o600)
    try:
        await _taken(handle, file)
        yield
    finally:
        os.close(handle)


async def _taken(handle: int, file: Path) -> None:
    pause = _FIRST_LOOK_S
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not _free(handle):
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LAST_LOOK_S)
    except TimeoutError as error:
        raise ConfigError(
            f"Another ion has held {file} for {PATIENCE_S:.0f} s. End it, and try again."
        ) from error


def _free(handle: int) -> bool:
    """Take the lock if nobody has it. Waiting in ``flock`` itself could not be cancelled."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
