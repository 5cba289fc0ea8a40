"""What lets a request in: a key that never changes, or one that somebody has to renew.

A provider asks its credential before each request and, when the server refuses the key, once for
another one. How a key is put into headers is the protocol's business.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Granted(Struct, frozen=True, kw_only=True):
    """A key ("" where none is needed), and headers that belong to it and to no other."""

    key: str = ""
    headers: dict[str, str] = {}

    def __repr__(self) -> str:
        return "Granted(…)"


class Credential(Protocol):
    """Gives keys."""

    async def grant(self) -> Granted:
        """The key to use now. Raises ``Unauthorised`` with a sentence that says what to do."""
        ...

    async def renew(self, refused: Granted) -> bool:
        """The server refused this key: whether :meth:`grant` now gives another one."""
        ...


class FixedKey:
    """A key that is what it is."""

    def __init__(self, key: str = "") -> None:
        self._granted = Granted(key=key)

    async def grant(self) -> Granted:
        return self._granted

    async def renew(self, refused: Granted) -> bool:
        return False
