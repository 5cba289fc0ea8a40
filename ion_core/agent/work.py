"""The work of a session: turns, one after another, while something waits.

A cancel stops what runs in a turn and never the work itself, so that the end of every turn is told
exactly once, whenever and however often somebody cancels.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

from ion_core.agent.inbox import Inbox
from ion_core.agent.journal import Journal
from ion_core.agent.step import StepFailed
from ion_core.entries import SystemEvent
from ion_core.errors import (
    ApprovalNeeded,
    BudgetExceeded,
    HookStop,
    IonError,
    SessionBusy,
    StoreError,
)
from ion_core.events import Notice, SessionChanged, TurnEnded, TurnReason, TurnStarted
from ion_core.ids import CallId
from ion_core.sessions.base import Append

Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
Run: TypeAlias = Callable[[], Coroutine[Any, Any, TurnReason]]


class Work:
    """``spawn`` owns the task; ``run`` is one turn, from its first request to its last."""

    def __init__(self, journal: Journal, inbox: Inbox, spawn: Spawn, run: Run) -> None:
        self._journal, self._inbox, self._spawn, self._run = journal, inbox, spawn, run
        self._once: Run | None = None
        self._task: asyncio.Task[None] | None = None
        self._running: asyncio.Task[TurnReason] | None = None
        self._stopping = False

    @property
    def busy(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self, once: Run | None = None) -> None:
        """Begin a turn, which does ``once`` in the place of what turns do; nothing runs yet."""
        self._stopping, self._once = False, once
        self._task = self._spawn(self._turns())

    async def cancel(self) -> None:
        """Stop the turn and wait until it is closed. Asked again, it only waits."""
        if self.busy and not self._stopping:
            self._stopping = True
            if self._running is not None:
                self._running.cancel()
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing runs."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def _turns(self) -> None:
        goes_on = True
        while goes_on:
            ended = await self._turn()
            await self._name()
            await self._journal.emit(ended)
            goes_on = ended.reason == "done" and not self._stopping and await self._next()

    async def _next(self) -> bool:
        """Deliver what waits; whether there was anything."""
        waiting = self._inbox.steers or self._inbox.follow_ups[:1]
        try:
            return await self._inbox.deliver(*waiting)
        except IonError as error:  # it waits on, durably, for the next turn
            await self._journal.emit(Notice(level="error", text=str(error)))
            return False

    async def _turn(self) -> TurnEnded:
        """One turn; the one place where every failure ends as an event."""
        await self._journal.emit(TurnStarted())
        try:
            return TurnEnded(reason=await self._stoppable())
        except asyncio.CancelledError:
            return await self._ended("interrupted", "Interrupted by the person.")
        except StepFailed as failed:
            cause = failed.error
            return await self._ended("error", str(failed), cause.kind, cause.retryable)
        except ApprovalNeeded as needed:
            return TurnEnded(
                reason="approval_required",
                error=str(needed),
                error_kind=needed.kind,
                waiting=tuple(map(CallId, needed.calls)),
            )
        except BudgetExceeded as reached:
            return TurnEnded(reason=reached.reason, error=str(reached), error_kind=reached.kind)
        except HookStop as halted:
            return TurnEnded(reason="hook", error=str(halted), error_kind=halted.kind)
        except IonError as error:
            return await self._ended("error", str(error), error.kind, error.retryable)
        except Exception as error:
            return await self._ended("error", f"{type(error).__name__}: {error}", "internal")

    async def _stoppable(self) -> TurnReason:
        """The turn's own work, as a task that a cancel can stop."""
        if self._stopping:
            raise asyncio.CancelledError
        run, self._once = self._once or self._run, None
        self._running = asyncio.ensure_future(run())
        try:
            return await self._running
        finally:
            self._running = None

    async def _name(self) -> None:
        """Say the title that the store gave to a session without one."""
        if self._journal.bus.view.title:
            return
        with suppress(StoreError):  # a title can wait; the end of the turn cannot
            info = await self._journal.refresh()
            await self._journal.emit(SessionChanged(title=info.title))

    async def _ended(
        self, reason: TurnReason, text: str, kind: str = "", retryable: bool = False
    ) -> TurnEnded:
        """Keep what happened as an entry, and make the event that closes the turn."""
        interrupted = reason == "interrupted"
        happened = SystemEvent(what="interrupted" if interrupted else "error", text=text)
        try:
            await self._journal.record(Append(body=happened))
        except SessionBusy:
            pass  # whoever took the session over is told of by its tenure
        except IonError as error:
            await self._journal.emit(Notice(level="error", text=str(error)))
        return TurnEnded(
            reason=reason,
            error="" if interrupted else text,
            error_kind=kind,
            retryable=retryable,
        )
