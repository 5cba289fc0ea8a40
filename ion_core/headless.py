"""``ion run``: one prompt, one session, one lossless reader and a printer.

Standard output carries the answer alone (or JSON); progress and errors go to standard error. The
exit code says how it ended.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ion_core.agent.session import Session
from ion_core.agent.whole import wholly
from ion_core.bus import Subscription
from ion_core.config.paths import ion_home
from ion_core.config.trust import arrive
from ion_core.entries import Mode
from ion_core.errors import ConfigError, IonError, NotTrusted
from ion_core.events import Delta, StepEnded, StepStarted
from ion_core.ids import CallId
from ion_core.messages import Image
from ion_core.printer import Printer, Tally
from ion_core.runtime import Runtime

INTERRUPTED, CONFIGURATION_ERROR, TRY_AGAIN_LATER = 130, 2, 75
EXIT = {
    "ok": 0,
    "error": 1,
    "max_turns": 53,
    "budget": 54,
    "approval_required": 55,
    "interrupted": INTERRUPTED,
}


WAKE_S = 0.05
"""Seconds after the first request began: by then it is sent."""

Begin: TypeAlias = Callable[[], Awaitable[None]]


class Order(Struct, frozen=True, kw_only=True):
    """What ``ion run`` was asked to do; empty or None means: as configured."""

    prompt: str
    piped: str = ""
    """What of the prompt comes from a pipe, beside words: nothing that it mentions is read."""
    cwd: Path
    output: Literal["text", "json", "stream-json"] = "text"
    quiet: bool = False
    model: str = ""
    mode: Mode | None = None
    sandbox: Literal["auto", "required", "off"] | None = None
    max_turns: int | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    images: tuple[Path, ...] = ()
    latest: bool = False
    resume: str = ""
    keep: bool = True
    trusted: bool = False
    """The folder is trusted for this run, whatever was decided before."""
    approve: tuple[str, ...] = ()
    """Ids of calls that may run, or ``all``: the run goes on with those that wait."""
    agent: str = ""
    """The kind of agent that the session is of."""
    worktree: str | None = None
    """Work in a git working tree of its own, by this name; empty: any name."""
    mcp_files: tuple[Path, ...] = ()
    """Further lists of MCP servers."""
    settings: dict[str, object] = {}
    """Further settings, by their dotted names, that are stronger than any file."""


async def carry_out(order: Order) -> int:
    """Do it; the exit code. Raises ``IonError`` for what failed before the session began, after
    a ``result`` that says so where JSON was asked for."""
    began = time.monotonic()
    printer, tally = Printer(order.output, quiet=order.quiet, kept=order.keep), Tally()
    try:
        await _placed(order, printer, tally)
    except IonError as error:
        printer.fail(tally.failure(error, _since_ms(began)))
        raise
    printer.finish(tally.result(_since_ms(began)))
    ended = tally.ended
    return exit_code(tally.status, ended.error_kind, ended.retryable) if ended else INTERRUPTED


def check_trust(cwd: Path) -> None:
    """Raises ``NotTrusted`` with what to do, before anything of the folder was opened."""
    found = arrive(cwd, ion_home())
    if found.trusted:
        return
    why = f"{cwd} is not trusted. {found.damage}".strip()
    if found.changes:
        lines = "\n  ".join(found.changes)
        why = f"What {cwd} would execute changed since you trusted it:\n  {lines}\n"
    raise NotTrusted(
        f"{why} Open ion in it once to decide, or trust it for this run alone: --trust-once"
    )


async def _placed(order: Order, printer: Printer, tally: Tally) -> None:
    """In the folder, or in a working tree that is made for the run."""
    if order.worktree is None:
        await _converse(order, printer, tally)
        return
    if not order.trusted:
        check_trust(order.cwd)
    from ion_core.ids import new_session_id  # start-up: few runs have one
    from ion_core.upbringing import tree_for

    name = order.worktree or new_session_id()[-8:]
    tree, gone = await tree_for(order.cwd, name, ion_home(), os.environ)
    try:
        await _converse(replace(order, cwd=tree.path, trusted=True), printer, tally)
    finally:
        if said := await tree.done():
            printer.note(f"ion: {said}")
        else:
            await gone()


async def _converse(order: Order, printer: Printer, tally: Tally) -> None:
    if not order.trusted:
        check_trust(order.cwd)
    async with Runtime(
        order.cwd,
        flags=_flags(order),
        keep=order.keep,
        trusted=True,
        mcp_files=order.mcp_files,
        agent=order.agent,
    ) as runtime:
        told = runtime.warnings
        for warning in told:
            printer.note(f"ion: {warning}")
        try:
            await _open(runtime, order, printer, tally)
        finally:
            for news in (each for each in runtime.warnings if each not in told):
                printer.note(f"ion: {news}")


async def _open(runtime: Runtime, order: Order, printer: Printer, tally: Tally) -> None:
    session = await runtime.begin(order.resume, latest=order.latest)
    if session.in_trash:
        await session.aclose()
        raise ConfigError(f"It is in the trash. Take it out: ion sessions restore {session.id}")
    tally.session = session.id
    images = [await asyncio.to_thread(runtime.picture, path) for path in order.images]
    begin = partial(runtime.survive, partial(_begin, session, order, images))
    await _play(session, begin, printer, tally, runtime.wake)


def _since_ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def exit_code(status: str, kind: str, retryable: bool) -> int:
    """The exit code of a run that ended like this."""
    if status == "error" and kind == "config_error":
        return CONFIGURATION_ERROR
    if status == "error" and retryable:
        return TRY_AGAIN_LATER
    return EXIT[status]


def _flags(order: Order) -> dict[str, object]:
    flags = dict(order.settings)
    if order.model:
        flags["model"] = order.model
    if order.mode:
        flags["mode"] = order.mode
    if order.sandbox:
        flags["sandbox.enabled"] = order.sandbox
    limits = {
        "max_turns": order.max_turns,
        "max_cost_usd": order.max_cost,
        "max_tokens": order.max_tokens,
    }
    return flags | {f"limits.{name}": limit for name, limit in limits.items() if limit}


async def _play(
    session: Session, begin: Begin, printer: Printer, tally: Tally, wake: Callable[[], None]
) -> None:
    """Submit the prompt and print until its turn and every turn that follows from it is over;
    ``wake`` is called once, when the first request is on its way."""
    _, events = session.subscribe(lossless=True)
    work = asyncio.ensure_future(_work(session, begin, events))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        async for emitted in events:
            tally.add(emitted.event)
            printer.show(emitted)
            if isinstance(emitted.event, StepStarted) and emitted.event.step == 1:
                asyncio.get_running_loop().call_later(WAKE_S, wake)
            if isinstance(emitted.event, Delta | StepEnded) and not gc.isenabled():
                # Start-up is over: collect again, but not what was imported for good.
                gc.freeze()
                gc.enable()
    finally:
        events.close()
        work.cancel()
        await work
        await session.aclose()


async def _work(session: Session, begin: Begin, events: Subscription) -> None:
    """Submit the prompt and wait until nothing runs. Cancelling it, at any moment and as often as
    one likes, cancels the turn; the events end when the session is at rest."""
    try:
        await begin()
        await session.idle()
        await _rest(session)
    except asyncio.CancelledError:
        with suppress(asyncio.CancelledError):
            await wholly(_rest(session))
    finally:
        events.close()


async def _rest(session: Session) -> None:
    """Stop what still runs, jobs too, while somebody listens."""
    await session.cancel()
    await session.jobs.aclose()


async def _begin(session: Session, order: Order, images: Sequence[Image]) -> None:
    """Say the prompt, or let the calls run that wait; a prompt then comes before the next step.
    Raises ``NotAsked`` when nothing waits."""
    if order.piped:
        session.bring(order.piped)
    if not order.approve:
        await session.submit(order.prompt, images)
        return
    named = [CallId(call) for call in order.approve]
    await session.resume(None if "all" in order.approve else named)
    if order.prompt:
        await session.steer(order.prompt)
