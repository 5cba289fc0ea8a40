"""``ion run``: one prompt, one session, one lossless reader and a printer.

Standard output carries the answer alone (or JSON); progress and errors go to standard error. The
exit code says how it ended.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Literal

from msgspec import Struct

from ion_core.agent.session import Session
from ion_core.entries import Mode
from ion_core.events import Event, TurnEnded
from ion_core.printer import Printer, Tally
from ion_core.runtime import Runtime

INTERRUPTED, CONFIGURATION_ERROR, TRY_AGAIN_LATER = 130, 2, 75
EXIT = {"ok": 0, "error": 1, "max_turns": 53, "budget": 54, "interrupted": INTERRUPTED}


class Order(Struct, frozen=True, kw_only=True):
    """What ``ion run`` was asked to do; empty or None means: as configured."""

    prompt: str
    cwd: Path
    output: Literal["text", "json", "stream-json"] = "text"
    quiet: bool = False
    model: str = ""
    mode: Mode | None = None
    max_turns: int | None = None
    latest: bool = False
    resume: str = ""
    keep: bool = True


async def carry_out(order: Order) -> int:
    """Do it; the exit code. Raises ``IonError`` for what failed before the session began."""
    began = time.monotonic()
    async with Runtime(order.cwd, flags=_flags(order), keep=order.keep) as runtime:
        for warning in runtime.warnings:
            print(f"ion: {warning}", file=sys.stderr)
        session = await _session(order, runtime)
        printer, tally = Printer(order.output, quiet=order.quiet), Tally(session.id)
        await _play(session, order, printer, tally)
    printer.finish(tally.result(round((time.monotonic() - began) * 1000)))
    ended = tally.ended
    return exit_code(tally.status, ended.error_kind, ended.retryable) if ended else INTERRUPTED


def exit_code(status: str, kind: str, retryable: bool) -> int:
    """The exit code of a run that ended like this."""
    if status == "error" and kind == "config_error":
        return CONFIGURATION_ERROR
    if status == "error" and retryable:
        return TRY_AGAIN_LATER
    return EXIT[status]


def _flags(order: Order) -> dict[str, object]:
    flags: dict[str, object] = {}
    if order.model:
        flags["model"] = order.model
    if order.mode:
        flags["mode"] = order.mode
    if order.max_turns:
        flags["limits.max_turns"] = order.max_turns
    return flags


async def _session(order: Order, runtime: Runtime) -> Session:
    if order.resume:
        return await runtime.open(order.resume)
    if order.latest:
        return await runtime.open_latest()
    return await runtime.open()


def _over(session: Session, event: Event) -> bool:
    """Whether nothing follows: the turn ended, and no waiting message starts another."""
    return isinstance(event, TurnEnded) and (event.reason != "done" or not session.view.queue)


async def _play(session: Session, order: Order, printer: Printer, tally: Tally) -> None:
    """Submit the prompt and print until its turn and every turn that follows from it is over."""
    _, events = session.subscribe(lossless=True)
    loop = asyncio.get_running_loop()
    stopping: list[asyncio.Task[None]] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(
            number, lambda: stopping.append(asyncio.ensure_future(session.cancel()))
        )
    try:
        await session.submit(order.prompt)
        async for emitted in events:
            tally.add(emitted.event)
            printer.show(emitted)
            if _over(session, emitted.event):
                break
    finally:
        events.close()
        await asyncio.gather(*stopping)
        await session.aclose()
