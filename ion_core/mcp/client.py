"""A connection to one server, while it lasts: what it offers, and what can be asked of it.

The SDK is imported here alone, when the first server is connected, and off the loop, since that
takes about a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ion_core import __version__
from ion_core.mcp.faults import is_broken
from ion_core.mcp.results import outcome_of, prompt_text, resource_text
from ion_core.sanitize import sanitize
from ion_core.tools.base import Outcome, ToolContext

if TYPE_CHECKING:
    from ion_core.mcp.answering import Answering

Hear = Callable[[str], Awaitable[None]]
"""Hears which list changed: "tools", "prompts" or "resources"."""

_PAGES = 50


class Client:
    """Everything of one connection. ``made`` is the SDK's ``mcp.Client``."""

    def __init__(self, made: Any, answering: Answering) -> None:
        self._made, self._answering = made, answering

    @property
    def version(self) -> str:
        """The server's own name and version, as far as it says them."""
        info = self._made.server_info
        return "" if info is None else sanitize(f"{info.name} {info.version}".strip())[:200]

    @property
    def protocol(self) -> str:
        """The version of the protocol that is spoken."""
        return str(self._made.protocol_version)

    async def tools(self) -> list[Any]:
        """Its tools (``mcp_types.Tool``)."""
        return await self._all("tools", self._made.list_tools)

    async def prompts(self) -> list[Any]:
        """Its prompts; none of a server without any."""
        return await self._all("prompts", self._made.list_prompts)

    async def resources(self) -> list[Any]:
        """Its resources; none of a server without any."""
        return await self._all("resources", self._made.list_resources)

    async def _all(self, kind: str, ask: Callable[..., Awaitable[Any]]) -> list[Any]:
        if getattr(self._made.server_capabilities, kind) is None:
            return []
        found: list[Any] = []
        cursor = None
        for _ in range(_PAGES):
            page = await ask(cursor=cursor, cache_mode="bypass")
            found += getattr(page, kind)
            cursor = page.next_cursor
            if not cursor:
                break
        return found

    async def call(
        self, title: str, arguments: dict[str, Any], ctx: ToolContext, timeout_s: float
    ) -> Outcome:
        """What a tool answers. Raises what the SDK raises."""

        async def progress(done: float, total: float | None, said: str | None) -> None:
            share = f"{done:g}" if total is None else f"{done:g}/{total:g}"
            await ctx.progress(f"[{share}] {said or ''}".rstrip() + "\n")

        if self._answering.visit((ctx.workspace.root, *ctx.workspace.extra)):
            await self.roots_changed()
        with self._answering.during(ctx):
            result = await self._made.call_tool(
                title, arguments, read_timeout_seconds=timeout_s or None, progress_callback=progress
            )
        target = f"{title} {' '.join(f'{k}={v}' for k, v in arguments.items())}"[:200]
        return await asyncio.to_thread(outcome_of, result, target, ctx.spill, ctx.picture)

    async def resource(self, uri: str, spill: Path) -> str:
        """What a resource says. Raises what the SDK raises."""
        result = await self._made.read_resource(uri)
        return await asyncio.to_thread(resource_text, result.contents, spill)

    async def prompt(self, name: str, arguments: dict[str, str]) -> str:
        """What a prompt says. Raises what the SDK raises."""
        result = await self._made.get_prompt(name, arguments)
        return prompt_text(result.messages)

    async def answers(self, within_s: float) -> bool:
        """Whether it says anything at all, within a time."""
        try:
            async with asyncio.timeout(within_s):
                await self._made.list_tools(cache_mode="bypass")
        except Exception as error:  # one that says that it will not has answered
            return not (isinstance(error, TimeoutError) or is_broken(error))
        return True

    async def roots_changed(self) -> None:
        """Tell the server that the folders of the session are others."""
        from mcp_types import RootsListChangedNotification

        with suppress(Exception):  # servers of the newest protocol ask by themselves
            await self._made.session.send_notification(RootsListChangedNotification())


@asynccontextmanager
async def connected(transport: Any, answering: Answering, hear: Hear) -> AsyncIterator[Client]:
    """A client over an opened transport (a pair of streams). Raises what the SDK raises."""
    await asyncio.to_thread(__import__, "mcp")
    import logging

    import mcp
    from mcp import types

    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # what counts is told by its error

    @asynccontextmanager
    async def given() -> AsyncIterator[Any]:
        yield transport

    async def heard(message: Any) -> None:
        kinds: dict[Any, str] = {
            types.ToolListChangedNotification: "tools",
            types.PromptListChangedNotification: "prompts",
            types.ResourceListChangedNotification: "resources",
        }
        if (kind := kinds.get(type(message))) is not None:
            await hear(kind)

    client = mcp.Client(
        given(),
        message_handler=heard,
        list_roots_callback=answering.roots,
        logging_callback=answering.log,
        elicitation_callback=answering.elicit if answering.can_ask else None,
        sampling_callback=answering.sample if answering.can_sample else None,
        client_info=types.Implementation(name="ion", version=__version__),
    )
    async with client as made:
        listening = asyncio.create_task(_listen(made, hear))
        try:
            yield Client(made, answering)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(made: Any, hear: Hear) -> None:
    """Hear of changes from servers of the newest protocol, which say them on a stream."""
    with suppress(Exception):  # older ones send notifications, and others none at all
        capabilities = made.server_capabilities
        if capabilities.tools is None or not capabilities.tools.list_changed:
            return
        async with made.listen(tools_list_changed=True) as changes:
            async for _ in changes:
                await hear("tools")
