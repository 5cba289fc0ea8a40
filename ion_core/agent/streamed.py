"""An answer while it arrives: told at once, and kept often enough to survive ``kill -9``.

Nothing is written for each piece, and nothing waits for the disk: what is lost is no more than the
last second. The entry that the answer becomes replaces what was kept.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any, Self

from ion_core.agent.journal import Journal
from ion_core.errors import SessionBusy, StoreError
from ion_core.events import Delta, Event, StepRetrying
from ion_core.messages import Origin
from ion_core.sessions.pieces import Piece, Pieces

KEPT_EVERY_S, KEPT_EVERY = 1.0, 2_048
"""Seconds, and characters, after which what arrived is kept (`context-sessions-agents.md` §3.4)."""

MOST_OFTEN_S = 0.1
"""A model that writes faster than that many characters is kept no oftener than this."""


class Streamed:
    """An async context manager around one answer from ``origin``."""

    def __init__(self, journal: Journal, origin: Origin) -> None:
        self._journal, self._origin = journal, origin
        self._pieces: list[Piece] = []
        self._length, self._kept_at, self._any = 0, 0.0, False
        self._later: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: Any) -> None:
        if self._later is not None:
            self._later.cancel()
            await asyncio.wait([self._later])

    async def emit(self, event: Event) -> None:
        """Tell an event of the step. Raises ``SessionBusy`` when the session was taken over."""
        await self._journal.emit(event)
        match event:
            case Delta(channel="text" | "reasoning" as channel):
                self._pieces.append(Piece(part=event.part, channel=channel, text=event.text))
                self._length += len(event.text)
                await self._consider()
            case StepRetrying():
                await self.discard()

    async def discard(self) -> None:
        """Nothing of it will be an entry."""
        self._pieces, self._length = [], 0
        if self._any:
            self._any = False
            with suppress(StoreError):  # whatever is kept goes with the next answer
                await self._journal.forget()

    async def _consider(self) -> None:
        since_s = time.monotonic() - self._kept_at
        if since_s >= KEPT_EVERY_S or (self._length >= KEPT_EVERY and since_s >= MOST_OFTEN_S):
            await self._keep()
        elif self._later is None or self._later.done():
            self._later = asyncio.ensure_future(self._keep_after(KEPT_EVERY_S - since_s))

    async def _keep_after(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        with suppress(SessionBusy):  # the next commit of the turn says so
            await self._keep()

    async def _keep(self) -> None:
        if not self._pieces:
            return
        pieces = Pieces(origin=self._origin, pieces=_joined(self._pieces))
        self._pieces, self._length, self._kept_at = [], 0, time.monotonic()
        self._any = True
        try:
            await self._journal.keep(pieces)
        except SessionBusy:
            raise
        except StoreError:
            pass  # a full disk shows when the answer is committed, which is what counts


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """The same in fewer pieces: neighbours of one part are one."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        if runs and runs[-1][0].part == piece.part:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return tuple(
        Piece(part=run[0].part, channel=run[0].channel, text="".join(each.text for each in run))
        for run in runs
    )
