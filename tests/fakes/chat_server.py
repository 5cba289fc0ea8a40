"""A model server on loopback that says what a test wrote, over a real socket.

Use it as ``from tests.fakes.chat_server import ChatServer, said``::

    async with ChatServer([said("Hello."), refused(429, "slow")]) as server:
        endpoint = Endpoint(name="fake", base_url=server.base_url)

It speaks HTTP/1.1 with keep-alive, answers ``GET /v1/models``, and keeps what it was asked in
``requests``. A reply may be a function of the request's JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Canned:
    """An answer. Its pieces are sent one by one, ``gap_s`` apart; ``gate`` holds it open before
    the last piece; ``cut`` drops the connection instead of ending the body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes] = ()
    gap_s: float = 0.0
    gate: asyncio.Event | None = None
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request: header names in lower case, ``body`` parsed (None for a GET)."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


Reply = Canned | Callable[[Any], Canned]


def event(**chunk: Any) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def delta(**fields: Any) -> bytes:
    """An event that adds to the answer."""
    return event(id="r1", model="fake", choices=[{"index": 0, "delta": fields}])


def said(
    text: str = "",
    *,
    reasoning: str = "",
    calls: Sequence[tuple[str, dict[str, Any]]] = (),
    usage: tuple[int, int] | None = (100, 10),
    finish: str = "",
    **canned: Any,
) -> Canned:
    """A complete streamed answer: its words one by one, then its calls as ``(name, arguments)``."""
    pieces = [delta(reasoning_content=reasoning)] if reasoning else []
    pieces += [delta(content=word) for word in _words(text)]
    for index, (name, arguments) in enumerate(calls):
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"index": index, "id": f"call_{id(arguments):x}", "function": function}
        pieces.append(delta(tool_calls=[call]))
    reason = finish or ("tool_calls" if calls else "stop")
    pieces.append(event(choices=[{"index": 0, "delta": {}, "finish_reason": reason}]))
    if usage is not None:
        counts = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
        pieces.append(event(choices=[], usage=counts))
    return Canned(pieces=[*pieces, b"data: [DONE]\n\n"], **canned)


def refused(status: int, message: str = "no", **headers: str) -> Canned:
    """An error answer in OpenAI's form."""
    body = json.dumps({"error": {"message": message}}).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Canned(status=status, headers=named, pieces=[body])


class ChatServer:
    """Gives reply after reply; the last one again and again. ``connections`` counts those made;
    with ``tls`` it speaks https."""

    def __init__(
        self,
        replies: Sequence[Reply] = (),
        models: Sequence[str] = ("fake",),
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._replies, self._models = list(replies), list(models)
        self.requests: list[Asked] = []
        self.connections, self._tls = 0, tls
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        assert self._server is not None
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    def say(self, replies: Sequence[Reply]) -> None:
        """From now on, give these."""
        self._replies = list(replies)

    @property
    def chats(self) -> list[Any]:
        """The bodies of the chat requests, in order."""
        return [asked.body for asked in self.requests if asked.method == "POST"]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        # asyncio would log a cancelled connection as an error.
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while (asked := await _read(reader)) is not None:
                self.requests.append(asked)
                await self._answer(asked, writer)
        writer.transport.abort()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.method == "GET":
            rows = [{"id": name, "object": "model"} for name in self._models]
            await _send(Canned(pieces=[json.dumps({"data": rows}).encode()]), writer)
            return
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        await _send(reply if isinstance(reply, Canned) else reply(asked.body), writer)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method=method, path=path, headers=headers, body=json.loads(body) if body else None)


async def _send(canned: Canned, writer: asyncio.StreamWriter) -> None:
    headers = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
    head = "".join(f"{name}: {text}\r\n" for name, text in {**headers, **canned.headers}.items())
    writer.write(f"HTTP/1.1 {canned.status} Said\r\n{head}\r\n".encode())
    for number, piece in enumerate(canned.pieces):
        if canned.gate is not None and number == len(canned.pieces) - 1:
            await canned.gate.wait()
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
        if canned.gap_s:
            await asyncio.sleep(canned.gap_s)
    if canned.cut:
        writer.transport.abort()
        raise ConnectionError("cut, as the test wants")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _words(text: str) -> list[str]:
    return re.findall(r"\S*\s+|\S+", text)
