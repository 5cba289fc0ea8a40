"""How a sandboxed program without a network reaches the proxy outside.

Its network namespace holds a loopback device alone. The program that starts the command listens
there, hands the listening socket out through a descriptor it was left, and becomes the command:
whoever accepts on that socket sits outside, and nothing of ion's stays inside.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress

from ion_core.sandbox.proxy import Proxy

PORT = 3128
"""The port inside; the namespace is the command's own, so that it is always free."""

_STARTER = f"""\
import os, socket, sys
out = socket.socket(fileno=int(sys.argv[1]))
listening = socket.create_server(("127.0.0.1", {PORT}))
socket.send_fds(out, [b"."], [listening.fileno()])
listening.close()
out.close()
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as error:
    sys.exit(f"{{sys.argv[2]}}: {{error.strerror}}")
"""


def interpreter() -> tuple[str, str]:
    """The program that starts commands, and the folder that it needs to look at."""
    return os.path.realpath(sys.executable), os.path.realpath(sys.base_prefix)


def variables() -> dict[str, str]:
    """What tells programs of the proxy."""
    url = f"http://127.0.0.1:{PORT}"
    ways = ("http_proxy", "https_proxy", "all_proxy")
    named = {name: url for way in ways for name in (way, way.upper())}
    own = "localhost,127.0.0.1,::1"
    return {**named, "no_proxy": own, "NO_PROXY": own, "NODE_USE_ENV_PROXY": "1"}


class Inlet:
    """The way from one child to a proxy. ``descriptor`` is for the child alone. Raises
    ``OSError``."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._inner, self._outer = socket.socketpair()
        self._outer.setblocking(False)
        self._open: set[asyncio.Task[None]] = set()
        self._listening: socket.socket | None = None

    @property
    def descriptor(self) -> int:
        return self._inner.fileno()

    def front(self) -> tuple[str, ...]:
        """What is put before the command."""
        return (interpreter()[0], "-I", "-S", "-c", _STARTER, str(self.descriptor))

    def serve(self) -> None:
        """The child has its descriptor: wait for what it hands out, on the running loop."""
        self._inner.close()
        asyncio.get_running_loop().add_reader(self._outer, self._received)

    def _received(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._outer)
        with suppress(OSError):
            _, found, _, _ = socket.recv_fds(self._outer, 1, 1)
            if found:
                self._listening = socket.socket(fileno=found[0])
                self._listening.setblocking(False)
                self._keep(loop.create_task(self._accept(self._listening)))

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while True:
                connection, _ = await loop.sock_accept(listening)
                self._keep(loop.create_task(self._served(connection)))

    async def _served(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        await self._proxy.serve(reader, writer)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    def close(self) -> tuple[str, ...]:
        """End what is still open; sentences of what was refused. Also where nothing began."""
        for task in tuple(self._open):
            task.cancel()
        if self._outer.fileno() >= 0:
            with suppress(RuntimeError):  # no loop runs any more
                asyncio.get_running_loop().remove_reader(self._outer)
        for end in (self._inner, self._outer, self._listening):
            if end is not None:
                end.close()
        return tuple(self._proxy.refused)
