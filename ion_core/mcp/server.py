"""One server through its life: starting, connected, restarted when it falls over, given up.

It is connected in a task of its own, since the SDK wants to be entered and left in one; everything
else asks through that connection and waits while it is being made.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ion_core.mcp.answering import Answering
from ion_core.mcp.client import Client, connected
from ion_core.mcp.declared import Declared
from ion_core.mcp.faults import NotConnected, explained, is_broken, is_final, is_late, needs_login
from ion_core.mcp.pins import Pins, key_of
from ion_core.mcp.reach import Reach
from ion_core.sanitize import sanitize
from ion_core.tools.base import Outcome, ToolContext

State: TypeAlias = Literal["idle", "starting", "connected", "failed", "needs_login", "disabled"]
Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]

START_S: Final = 30.0
RESTARTS: Final = 3
WITHIN_S: Final = 300.0
BACKOFF_S: Final = 0.5
CLOSE_S: Final = 1.0
PING_S: Final = 3.0
"""Seconds in which a server that was late with a call must say which tools it has."""


class Server:
    """``changed`` is called whenever its state or its tools are others."""

    def __init__(
        self,
        one: Declared,
        reach: Reach,
        answering: Answering,
        pins: Pins,
        spawn: Spawn,
        changed: Callable[[], None],
    ) -> None:
        self.declared, self._reach, self._answering = one, reach, answering
        self._pins, self._spawn, self._changed = pins, spawn, changed
        self.state: State = "idle" if one.usable else "disabled"
        self.problem, self.version, self.protocol = one.problem, "", ""
        self.tools: tuple[Any, ...] = ()
        self.held: Mapping[str, str] = {}
        self.prompts: tuple[Any, ...] = ()
        self.patience_s = START_S
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._settled, self._over = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._falls: list[float] = []

    @property
    def name(self) -> str:
        return self.declared.name

    @property
    def log(self) -> Path:
        """Where its words to people are kept."""
        return self._reach.log(self.name)

    def start(self) -> None:
        """Begin to connect, unless that was begun already or the server is not used."""
        if self._task is None and self.declared.usable:
            self._stopping, self._falls = False, []
            self._set("starting")
            self._task = self._spawn(self._live())

    async def settled(self) -> None:
        """Wait until it is connected or given up."""
        await self._settled.wait()

    async def stop(self) -> None:
        """End it; within a second it is gone."""
        task, self._task = self._task, None
        self._stopping = True
        self._over.set()
        if task is None:
            return
        _, late = await asyncio.wait({task}, timeout=CLOSE_S)
        if late:
            task.cancel()
            await asyncio.wait({task}, timeout=CLOSE_S)
        self._client = None
        self._set("idle")

    async def restart(self) -> None:
        """End it and begin anew."""
        await self.stop()
        self.start()

    async def call(self, title: str, arguments: dict[str, Any], ctx: ToolContext) -> Outcome:
        """What a tool answers. Raises ``NotConnected`` and what the SDK raises."""
        client = self._connected()
        try:
            return await client.call(title, arguments, ctx, self.declared.settings.timeout_s)
        except Exception as error:
            if is_broken(error):
                self._over.set()
            elif is_late(error):
                self._spawn(self._end_if_hung(client))
            raise
        finally:
            self._reach.trim(self.name)

    async def _end_if_hung(self, client: Client) -> None:
        """A call took too long. A server that does not even say which tools it has is ended,
        and begun anew like one that fell over."""
        if not await client.answers(PING_S) and self._client is client:
            self._over.set()

    async def resource(self, uri: str, spill: Path) -> str:
        """What a resource says. Raises like :meth:`call`."""
        return await self._connected().resource(uri, spill)

    async def resources(self) -> list[Any]:
        """Its resources. Raises like :meth:`call`."""
        return await self._connected().resources()

    async def prompt(self, name: str, arguments: dict[str, str]) -> str:
        """What a prompt says. Raises like :meth:`call`."""
        return await self._connected().prompt(name, arguments)

    async def accept(self) -> None:
        """Use its tools as they are now. Raises ``OSError``."""
        await asyncio.to_thread(self._pins.accept, key_of(self.declared), self.tools)
        self.held = {}
        self._changed()

    def _connected(self) -> Client:
        if self._client is None:
            why = f" {self.problem}" if self.problem else ""
            raise NotConnected(f"The MCP server {self.name} is {self.state}.{why}")
        return self._client

    async def _live(self) -> None:
        while not self._stopping:
            self._over.clear()
            final = await self._once()
            if self._stopping:
                return
            now = time.monotonic()
            self._falls = [at for at in self._falls if now - at < WITHIN_S] + [now]
            if final or len(self._falls) > RESTARTS:
                self._set("needs_login" if final == "login" else "failed")
                await self._over.wait()
                return
            self._set("starting")
            await asyncio.sleep(BACKOFF_S * 2 ** (len(self._falls) - 1))

    async def _once(self) -> str:
        """Connect, and stay so until it is over; whether another attempt would be in vain."""
        final = ""
        try:
            async with (
                asyncio.timeout(self.patience_s) as limit,
                self._reach.streams(self.declared, self._over.set) as streams,
                connected(streams, self._answering, self._hear) as client,
            ):
                await self._learn(client)
                limit.reschedule(None)
                self._client = client
                self._set("connected")
                await self._over.wait()
            self.problem = "It ended by itself."
        except Exception as error:  # whatever a server does ends no more than itself
            self.problem = self._why(error)
            final = "login" if needs_login(error) else "final" if is_final(error) else ""
        finally:
            self._client = None
        return final

    def _why(self, error: BaseException) -> str:
        """What went wrong, with the last words of a program that just ended."""
        said = explained(error)
        if not (self.declared.settings.command and is_broken(error)):
            return said
        words = sanitize(self._reach.last_words(self.name))
        return f"It ended. Its last words: {words}" if words else "It ended without a word."

    async def _learn(self, client: Client) -> None:
        tools = await client.tools()
        self.held = await asyncio.to_thread(self._pins.changed, key_of(self.declared), tools)
        self.tools, self.prompts = tuple(tools), tuple(await client.prompts())
        self.version, self.protocol, self.problem = client.version, client.protocol, ""

    async def _hear(self, kind: str) -> None:
        if (client := self._client) is not None and kind in ("tools", "prompts"):
            self._spawn(self._again(client))

    async def _again(self, client: Client) -> None:
        try:
            await self._learn(client)
            self._changed()
        except Exception as error:  # a list that cannot be had leaves the last one
            self.problem = explained(error)

    def _set(self, state: State) -> None:
        self.state = state
        if state == "starting":
            self._settled.clear()
        else:
            self._settled.set()
        self._changed()
