"""The stdio transport of MCP over a child that ion's own launcher started.

One JSON-RPC message a line. A line that is none (noise of the server or of what started it) is
passed over and kept in the log; one that is longer than the limit is passed over too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from ion_core.tools.process import Child

LONGEST: Final = 64 * 1024 * 1024
"""Bytes of one line that are waited for."""


@asynccontextmanager
async def piped(
    child: Child, noise: Callable[[bytes], None], ended: Callable[[], None]
) -> AsyncIterator[tuple[Any, Any]]:
    """The streams that a client reads messages from and writes them to. ``ended`` is called when
    the server says nothing more."""
    import anyio  # start-up: with the first server
    from mcp.shared.message import SessionMessage

    told, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](64)
    outgoing, wishes = anyio.create_memory_object_stream[SessionMessage](0)

    async def listen() -> None:
        try:
            async with told:
                async for line in _lines(child, noise):
                    if (message := _message(line)) is None:
                        noise(line)
                        continue
                    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                        await told.send(SessionMessage(message))
        finally:
            ended()

    async def speak() -> None:
        async with wishes:
            async for wish in wishes:
                said = wish.message.model_dump_json(by_alias=True, exclude_unset=True)
                try:
                    await child.input.send(said.encode() + b"\n")  # type: ignore[union-attr]
                except OSError:  # nobody reads: the listener tells that it is over
                    return

    tasks = [asyncio.create_task(listen()), asyncio.create_task(speak())]
    try:
        yield incoming, outgoing
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for stream in (incoming, outgoing, told, wishes):
            stream.close()


async def _lines(child: Child, noise: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    """Each line that the child says, without its end."""
    held = bytearray()
    is_lost = False
    while chunk := await child.read():
        first, *others = chunk.split(b"\n")
        held += first
        if others:
            if not is_lost:
                yield bytes(held)
            for line in others[:-1]:
                yield line
            held, is_lost = bytearray(others[-1]), False
        if len(held) > LONGEST:
            noise(b"(a line of more than 64 MiB was passed over)")
            held, is_lost = bytearray(), True


def _message(line: bytes) -> Any:
    """A message of JSON-RPC, None for what is none."""
    if not line.lstrip().startswith(b"{"):
        return None
    import mcp_types

    try:
        return mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        return None
