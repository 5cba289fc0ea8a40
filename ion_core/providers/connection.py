"""One HTTP/1.1 connection: bytes of a socket, framed by h11.

It carries one request after the other. Every failure leaves as an exception of httpx; after one,
and after an answer that was not read to its end, the connection is closed.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress

import h11
import httpx

READ_BYTES = 65_536


class Connection:
    """An open connection. ``fresh`` until it has carried its first request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT)
        self.fresh, self.idle_since = True, 0.0

    @property
    def usable(self) -> bool:
        """Whether it can carry another request: nothing is under way and nobody hung up."""
        return self._http.our_state is h11.IDLE and not self._reader.at_eof()

    async def send(
        self, request: httpx.Request, limits: Mapping[str, float | None]
    ) -> h11.Response:
        """Send a request; the head of its answer."""
        # A server may refuse a large request, and hang up, before it has read all of it; its
        # answer is still to be had.
        with suppress(httpx.WriteError), failing(httpx.WriteError, httpx.WriteTimeout):
            await self._write(request, limits.get("write"))
        while True:
            event = await self._event(limits.get("read"))
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError(
                    "the server closed the connection without an answer"
                )

    async def body(self, limits: Mapping[str, float | None]) -> AsyncIterator[bytes]:
        """The body of the answer, in the pieces in which it comes."""
        while True:
            event = await self._event(limits.get("read"))
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            else:
                return

    def recycle(self, now: float) -> bool:
        """Make it ready for another request, if its answer was read to the end."""
        self.fresh, self.idle_since = False, now
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        return self.usable

    def close(self) -> None:
        """Hang up, now."""
        self._writer.transport.abort()

    async def _write(self, request: httpx.Request, limit_s: float | None) -> None:
        head = h11.Request(
            method=request.method, target=request.url.raw_path, headers=request.headers.raw
        )
        pieces = [self._http.send(head), self._http.send(h11.Data(data=await request.aread()))]
        pieces.append(self._http.send(h11.EndOfMessage()))
        async with asyncio.timeout(limit_s):
            self._writer.write(b"".join(piece for piece in pieces if piece))
            await self._writer.drain()

    async def _event(self, limit_s: float | None) -> h11.Event | type[h11.PAUSED]:
        with failing(httpx.ReadError, httpx.ReadTimeout):
            while (event := self._http.next_event()) is h11.NEED_DATA:
                async with asyncio.timeout(limit_s):
                    data = await self._reader.read(READ_BYTES)
                self._http.receive_data(data)
        return event  # type: ignore[return-value]  # NEED_DATA has been dealt with


async def connect(
    url: httpx.URL, context: ssl.SSLContext | None, limit_s: float | None
) -> Connection:
    """A connection to the host of ``url``, encrypted for https."""
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 80)
    with failing(httpx.ConnectError, httpx.ConnectTimeout):
        async with asyncio.timeout(limit_s):
            reader, writer = await asyncio.open_connection(
                url.raw_host.decode("ascii"),
                port,
                ssl=context if secure else None,
                happy_eyeballs_delay=0.25,
                limit=4 * READ_BYTES,
            )
    return Connection(reader, writer)


@contextmanager
def failing(broken: type[httpx.TransportError], late: type[httpx.TransportError]) -> Iterator[None]:
    """Turns what sockets and h11 raise into what httpx raises."""
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except (OSError, asyncio.IncompleteReadError) as error:
        raise broken(_said(error)) from error
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from error
    except h11.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error


def _said(error: Exception) -> str:
    """What the system says of it, without numbers and addresses."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None:  # asyncio tried several addresses and tells of each
        found = re.findall(r"\[Errno (\d+)\]", str(error))
        number = int(found[-1]) if found else 0
    if number > 0:
        return os.strerror(number)
    # Numbers below zero are those of the resolver.
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
