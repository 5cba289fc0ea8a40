"""Showing a command's output while it runs: soon, but not for every line it prints."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

INTERVAL_S = 0.05
MOST_CHARS = 20_000
"""Of what came in one interval, the last characters are shown: nobody reads more."""


class Progress:
    """Collects output and passes it on at most once an interval."""

    def __init__(self, show: Callable[[str], Awaitable[None]]) -> None:
        self._show, self._pending, self._due = show, "", 0.0

    @property
    def wait_s(self) -> float | None:
        """For how long what is collected may wait; None when there is nothing."""
        return max(0.0, self._due - asyncio.get_running_loop().time()) if self._pending else None

    def add(self, text: str) -> None:
        """More output."""
        self._pending = (self._pending + text)[-MOST_CHARS:]

    async def flush(self) -> None:
        """Pass on what is there."""
        if self._pending:
            text, self._pending = self._pending, ""
            self._due = asyncio.get_running_loop().time() + INTERVAL_S
            await self._show(text)
