"""A proxy on loopback that tunnels and forwards, and answers for every name itself.

Use it as ``async with ConnectProxy(port) as proxy``: whatever host is asked for, the connection
goes to ``port`` of this machine. ``address`` is its own ``host:port``; ``asked`` keeps the request
lines, ``headers`` what came with them; ``refusal`` is a status line that it answers instead.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self


class ConnectProxy:
    """An HTTP/1.1 proxy for one test."""

    def __init__(self, port: int, refusal: str = "") -> None:
        self._target, self._refusal = port, refusal
        self.address = ""
        self.asked: list[str] = []
        self.headers: list[str] = []
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._tunnel(reader, writer)
        writer.transport.abort()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.asked.append(head.split("\r\n")[0])
        self.headers.append(head)
        if self._refusal:
            writer.write(f"HTTP/1.1 {self._refusal}\r\ncontent-length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        there_reads, there_writes = await asyncio.open_connection("127.0.0.1", self._target)
        if head.startswith("CONNECT "):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            there_writes.write(head.encode("latin-1"))
        try:
            await asyncio.gather(_copy(reader, there_writes), _copy(there_reads, writer))
        finally:
            there_writes.transport.abort()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        target.write(data)
        await target.drain()
    target.write_eof()
