"""A key that is read when it is first needed, and once more when a server refuses it.

The source may have changed meanwhile: a command that prints short-lived tokens, a file, a keyring.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ion_core.providers.credential import Granted

ReadKey = Callable[[], Awaitable[str]]


class LateKey:
    """``read`` gives the key; it raises ``Unauthorised``."""

    def __init__(self, read: ReadKey) -> None:
        self._read = read
        self._granted: Granted | None = None

    async def grant(self) -> Granted:
        if self._granted is None:
            self._granted = Granted(key=await self._read())
        return self._granted

    async def renew(self, refused: Granted) -> bool:
        if self._granted is None or self._granted == refused:
            self._granted = Granted(key=await self._read())
        return self._granted != refused
