"""httpx's transport over asyncio's own sockets, without httpcore and anyio.

It saves their imports at start-up and most of their work per turn. It does what ion needs
(HTTP/1.1, keep-alive, TLS, timeouts, cancellation) and no more; behind a proxy httpx's own
transport is used.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import TypeAlias

import h11
import httpx

from ion_core.providers.connection import Connection, connect

Place: TypeAlias = tuple[str, str, int | None]


class SocketTransport(httpx.AsyncBaseTransport):
    """Connections by host, kept for ``keep_alive_s`` after their last answer."""

    def __init__(self, context: ssl.SSLContext | None, keep_alive_s: float) -> None:
        self._context, self._keep_alive_s = context, keep_alive_s
        self._idle: dict[Place, list[Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; its answer, whose body is still to be read."""
        limits: Mapping[str, float | None] = request.extensions.get("timeout", {})
        if request.url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"{request.url.scheme}: is neither http nor https")
        connection, head = await self._answered(request, limits)
        return httpx.Response(
            status_code=head.status_code,
            headers=head.headers.raw_items(),
            stream=_Body(self, _place(request.url), connection, limits),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": head.reason},
        )

    async def aclose(self) -> None:
        """Close every connection that is idle; those in use close with their answers."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
        # The loop closes aborted sockets in its next round.
        await asyncio.sleep(0)

    def give_back(self, place: Place, connection: Connection) -> None:
        """Keep a connection for the next request, if it can carry one."""
        if connection.recycle(asyncio.get_running_loop().time()):
            self._idle.setdefault(place, []).append(connection)
        else:
            connection.close()

    async def _answered(
        self, request: httpx.Request, limits: Mapping[str, float | None]
    ) -> tuple[Connection, h11.Response]:
        while True:
            connection = self._taken(_place(request.url))
            if connection is None:
                connection = await connect(request.url, self._context, limits.get("connect"))
            try:
                return connection, await connection.send(request, limits)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                connection.close()
                # The server hung up on an idle connection while we were writing: not our request's
                # fault, so it goes out once more, on another connection.
                if connection.fresh:
                    raise
            except BaseException:
                connection.close()
                raise

    def _taken(self, place: Place) -> Connection | None:
        idle = self._idle.get(place, [])
        oldest = asyncio.get_running_loop().time() - self._keep_alive_s
        while idle:
            connection = idle.pop()
            if connection.usable and connection.idle_since >= oldest:
                return connection
            connection.close()
        return None


class _Body(httpx.AsyncByteStream):
    def __init__(
        self,
        transport: SocketTransport,
        place: Place,
        connection: Connection,
        limits: Mapping[str, float | None],
    ) -> None:
        self._transport, self._place = transport, place
        self._connection, self._limits = connection, limits
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._connection.body(self._limits):
            yield piece

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._transport.give_back(self._place, self._connection)


def _place(url: httpx.URL) -> Place:
    return url.scheme, url.host, url.port
