"""ion as an MCP server: other programs have tasks done by it, one session each, in one folder.

Two tools. ``ask_ion`` does a task, or goes on with a session; what it may do is what the person who
started the server allowed, and what would be asked about waits in the result for an approval.
``search_sessions`` finds what was said and run before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Literal

import msgspec
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from ion_core import __version__
from ion_core.agent.session import Session
from ion_core.agent.whole import wholly
from ion_core.bus import Subscription
from ion_core.entries import Mode
from ion_core.errors import IonError, NotAsked
from ion_core.events import ToolStarted
from ion_core.ids import CallId
from ion_core.nursery import narrower
from ion_core.printer import Tally
from ion_core.runtime import Runtime
from ion_core.sanitize import sanitize

HITS: Final = 20
INSTRUCTIONS: Final = (
    "ion is a coding agent that works in one folder of this machine. Have it do a task with "
    "ask_ion; go on with the same session by its id. A result with the status approval_required "
    "names the calls that wait: ask again with these in approve, and without a prompt, to run them."
)
Progress = Callable[[int, str], Awaitable[None]]


class AsServer:
    """Serves one runtime. ``mode`` is the most that any session may do."""

    def __init__(self, runtime: Runtime, mode: Mode) -> None:
        self._runtime, self._mode = runtime, mode
        self._busy: set[str] = set()

    async def ask(
        self,
        prompt: str,
        session: str,
        mode: Literal["", "read", "plan", "write"],
        model: str,
        approve: list[str],
        progress: Progress,
    ) -> dict[str, Any]:
        """Do a task to its end; the result as ``ion run --output-format json`` has it. Raises
        ``IonError``. Cancelled, the turn is."""
        if not prompt.strip() and not approve:
            raise NotAsked("There is nothing to do: give a prompt, or calls to approve.")
        if approve and self._mode != "write":
            raise NotAsked(
                f"This server only goes as far as {self._mode.upper()} mode, so nobody here may "
                "allow what goes further. A person can: ion run --resume SESSION --approve CALL"
            )
        began = asyncio.get_running_loop().time()
        opened = await self._runtime.begin(session)
        try:
            async with self._alone(opened):
                if opened.reading_along:
                    raise NotAsked(opened.reading_along)
                await opened.set_mode(narrower(self._mode, mode))
                if model:
                    await opened.set_model(model)
                tally = Tally()
                tally.session = opened.id
                await self._converse(opened, prompt, approve, tally, progress)
                spent_ms = round((asyncio.get_running_loop().time() - began) * 1000)
                found: dict[str, Any] = msgspec.to_builtins(tally.result(spent_ms))
                names = {call.id: call for call in opened.waiting}
                found["waiting"] = [
                    {"call": call, "tool": one.name, "arguments": one.arguments}
                    for call, one in names.items()
                ]
                return found
        finally:
            if opened.id not in self._busy:
                await wholly(opened.aclose())

    @asynccontextmanager
    async def _alone(self, session: Session) -> AsyncIterator[None]:
        if session.id in self._busy:
            raise NotAsked(f"Session {session.id} is at work. Wait for its result.")
        self._busy.add(session.id)
        try:
            yield
        finally:
            self._busy.discard(session.id)

    async def _converse(
        self, session: Session, prompt: str, approve: list[str], tally: Tally, progress: Progress
    ) -> None:
        _, events = session.subscribe(lossless=True)
        listening = asyncio.ensure_future(_listen(events, tally, progress))
        session.bring(prompt)  # another program wrote it
        try:
            if approve:
                await session.resume(None if "all" in approve else [CallId(c) for c in approve])
                if prompt.strip():
                    await session.steer(prompt)
            else:
                await session.submit(prompt)
            await session.idle()
        finally:
            await wholly(session.cancel())
            await wholly(session.jobs.aclose())
            events.close()
            await wholly(_ended(listening))

    async def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """The best hits of all sessions. Raises ``StoreError``."""
        found = await self._runtime.store.search(query, limit=max(1, min(limit, HITS)))
        return [msgspec.to_builtins(hit) for hit in found]


async def _listen(events: Subscription, tally: Tally, progress: Progress) -> None:
    calls = 0
    async for emitted in events:
        tally.add(emitted.event)
        if isinstance(emitted.event, ToolStarted):
            calls += 1
            with suppress(Exception):  # whoever asked may not listen any more
                await progress(calls, sanitize(f"{emitted.event.name} {emitted.event.target}"))


async def _ended(task: asyncio.Future[None]) -> None:
    await task


async def serve(runtime: Runtime, mode: Mode) -> None:
    """Speak MCP on standard input and output until they are closed."""
    made, server = (
        AsServer(runtime, mode),
        MCPServer(
            "ion", title="ion", instructions=INSTRUCTIONS, version=__version__, log_level="ERROR"
        ),
    )

    @server.tool(
        description="Have ion, a coding agent, do a task in its folder; its answer and what it "
        "cost. session: go on with one; mode: read looks, write changes files; approve: calls "
        "that wait, or all.",
        annotations=ToolAnnotations(
            title="ion", read_only_hint=False, destructive_hint=mode == "write"
        ),
    )
    async def ask_ion(
        ctx: Context,
        prompt: str = "",
        session: str = "",
        mode: Literal["", "read", "plan", "write"] = "",
        model: str = "",
        approve: list[str] | None = None,
    ) -> dict[str, Any]:
        async def progress(done: int, message: str) -> None:
            await ctx.report_progress(done, None, message)

        try:
            return await made.ask(prompt, session, mode, model, approve or [], progress)
        except IonError as error:
            raise ToolError(str(error)) from error

    @server.tool(
        description="Search what people and models said and ran in ion's sessions.",
        annotations=ToolAnnotations(title="search ion's sessions", read_only_hint=True),
    )
    async def search_sessions(query: str, limit: int = 10) -> list[dict[str, Any]]:
        try:
            return await made.search(query, limit)
        except IonError as error:
            raise ToolError(str(error)) from error

    await server.run_stdio_async()
