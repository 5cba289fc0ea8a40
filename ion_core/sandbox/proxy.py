"""The way out for sandboxed programs: an HTTP proxy that lets through the hosts of a list.

It understands ``CONNECT`` and plain ``http://`` requests. A name is looked up once, and nothing is
connected to but the addresses that were judged; what is encrypted stays so.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from ion_core.sandbox.domains import Domains, canonical

Lead: TypeAlias = Callable[[str], tuple[str, ...]]
"""The addresses that a URL leads to, all of them judged. Blocking. Raises :class:`Refused`."""

_HEAD_WITHIN_S = 30.0
_DIAL_WITHIN_S = 10.0
_CHUNK_BYTES = 65_536
_MOST_TOLD = 10
_LAST_PORT = 65_535

_REQUEST = re.compile(r"([A-Z]{1,20}) (\S+) HTTP/1\.[01]")
_AUTHORITY = re.compile(r"([^:/?#@\s]+)(?::([0-9]{1,5}))?")
_PLAIN = re.compile(r"http://([^/?#]*)(/[^#]*)?(?:#.*)?", re.IGNORECASE)
_OF_THE_WAY = ("connection", "proxy-", "keep-alive", "host", "upgrade", "te")


class Refused(Exception):
    """Nothing is let through. ``str(error)`` is a sentence that says why."""


class _Asked:
    """What a program asked for: where to, and what is sent on first."""

    def __init__(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        request = _REQUEST.fullmatch(lines[0])
        if request is None or "\0" in lines[0]:
            raise Refused("This is no request that the proxy understands.")
        method, target = request[1], request[2]
        self.is_tunnel = method == "CONNECT"
        plain = None if self.is_tunnel else _PLAIN.fullmatch(target)
        if not self.is_tunnel and plain is None:
            raise Refused("The proxy takes CONNECT and http:// requests alone.")
        self.host, self.port = _destination(plain[1] if plain else target, self.is_tunnel)
        scheme = "https" if self.is_tunnel else "http"
        self.url = f"{scheme}://{self.host}:{self.port}/"
        path = (plain[2] or "/") if plain else ""
        self.first = b"" if self.is_tunnel else self._onwards(method, path, lines[1:])

    def _onwards(self, method: str, path: str, lines: list[str]) -> bytes:
        """The request as the server is to see it, one for a connection."""
        kept = [line for line in lines if line and not line.lower().startswith(_OF_THE_WAY)]
        named = self.host if self.port == 80 else f"{self.host}:{self.port}"
        head = [f"{method} {path} HTTP/1.1", f"Host: {named}", "Connection: close", *kept]
        return "\r\n".join([*head, "", ""]).encode("latin-1")


def _destination(authority: str, is_tunnel: bool) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(authority)
    host = canonical(found[1]) if found else ""
    port = int(found[2] or (443 if is_tunnel else 80)) if found else 0
    if not host or not 0 < port <= _LAST_PORT:
        raise Refused(f"{authority[:80]!r} is no name of a host.")
    return host, port


class Proxy:
    """``lead`` judges what ``domains`` let through. ``refused`` are sentences for whoever reads
    the result of the command."""

    def __init__(self, domains: Domains, lead: Lead) -> None:
        self._domains, self._lead = domains, lead
        self.refused: dict[str, None] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a program, to its end."""
        try:
            async with asyncio.timeout(_HEAD_WITHIN_S):
                head = await reader.readuntil(b"\r\n\r\n")
            asked = _Asked(head.removesuffix(b"\r\n\r\n"))
            there = await self._dialled(asked)
        except Refused as error:
            await self._refuse(writer, str(error))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a program that goes away, or says too much, is owed nothing
        else:
            await _join(asked, (reader, writer), there)
        finally:
            writer.close()

    async def _dialled(self, asked: _Asked) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if not self._domains.has(asked.host):
            raise Refused(f"{asked.host} is not in sandbox.allow_domains.")
        for address in await asyncio.to_thread(self._lead, asked.url):
            with suppress(OSError):
                async with asyncio.timeout(_DIAL_WITHIN_S):
                    return await asyncio.open_connection(address, asked.port)
        raise Refused(f"{asked.host} cannot be reached on port {asked.port}.")

    async def _refuse(self, writer: asyncio.StreamWriter, why: str) -> None:
        if len(self.refused) < _MOST_TOLD:
            self.refused[why] = None
        body = f"{why}\n".encode("ascii", "backslashreplace")
        head = (
            "HTTP/1.1 403 Refused by ion's sandbox\r\nContent-Type: text/plain\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        with suppress(OSError):
            await writer.drain()


_Ends: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _join(asked: _Asked, here: _Ends, there: _Ends) -> None:
    """Carry bytes both ways until both ends are done."""
    if asked.is_tunnel:
        here[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        there[1].write(asked.first)
    try:
        with suppress(OSError):
            await asyncio.gather(_carry(here[0], there[1]), _carry(there[0], here[1]))
    finally:
        there[1].close()


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while batch := await source.read(_CHUNK_BYTES):
        sink.write(batch)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()
