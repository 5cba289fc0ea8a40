"""The little web server that a browser comes back to after a login.

It listens on 127.0.0.1 alone, answers one address, and is gone with its block: its port is free
however the login ended. After it has a code, the person sees a page that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self

from ion_core.errors import ConfigError, Unauthorised
from ion_core.providers.auth.redirect import Redirect

REQUEST_S = 10.0
"""Browsers open connections that they never use."""
_DONE = "You are logged in. Close this page and go back to ion."
_DECLINED = "The login was declined. Close this page and go back to ion."
_WRONG = "This address belongs to no login that is under way."


class Callback:
    """Listens on the first of ``ports`` that is free; 0 is any."""

    def __init__(self, ports: Sequence[int], redirect: Redirect) -> None:
        self._ports, self._redirect = ports, redirect
        self._requests: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._server = await self._listening()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for request in self._requests:
            request.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)
        await self._server.wait_closed()
        if not self._code.cancel():
            self._code.exception()  # it may have come after the person gave up

    @property
    def uri(self) -> str:
        """Where the browser is to be sent. Servers know it by the name ``localhost``."""
        return f"http://localhost:{self.port}{self._redirect.path}"

    async def code(self) -> str:
        """The code, when the browser brings it. Raises ``Unauthorised`` for a login declined."""
        return await asyncio.shield(self._code)

    async def _listening(self) -> asyncio.Server:
        for port in self._ports:
            try:
                return await asyncio.start_server(self._serve, "127.0.0.1", port, limit=16_384)
            except OSError:
                continue
        ports = " and ".join(str(port) for port in self._ports)
        raise ConfigError(
            f"Port {ports} of this machine is taken, perhaps by another login that is under way. "
            "End it, or log in with a code: --way device"
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = asyncio.current_task()
        assert request is not None
        self._requests.add(request)
        try:
            async with asyncio.timeout(REQUEST_S):
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(head.decode("latin-1").split("\r\n")[0], writer)
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # the browser thought better of it; TimeoutError is an OSError
        finally:
            self._requests.discard(request)
            writer.close()

    async def _answer(self, line: str, writer: asyncio.StreamWriter) -> None:
        method, _, rest = line.partition(" ")
        code, declined = "", None
        try:
            code = self._redirect.code(rest.partition(" ")[0]) if method == "GET" else ""
        except Unauthorised as error:
            declined = error
        except ValueError:  # an address that is none
            code = ""
        known = bool(code or declined)
        writer.write(_page(_DONE if code else _DECLINED if declined else _WRONG, known=known))
        await writer.drain()
        self._settle(code, declined)

    def _settle(self, code: str, declined: Unauthorised | None) -> None:
        if self._code.done():
            return
        if declined is not None:
            self._code.set_exception(declined)
        elif code:
            self._code.set_result(code)


def _page(sentence: str, *, known: bool) -> bytes:
    body = f"<!doctype html><meta charset=utf-8><title>ion</title><p>{sentence}</p>".encode()
    head = [
        f"HTTP/1.1 {'200 OK' if known else '404 Not Found'}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
