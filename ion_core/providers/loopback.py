"""One question to a server on this machine, in a few lines of HTTP/1.0.

For finding out what is there: it needs no client and costs nothing where no port is open. It can
reach no other host than 127.0.0.1.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

LIMIT_BYTES = 4_000_000


async def ask(port: int, path: str, body: Any = None) -> Any:
    """The JSON that answers ``GET path``, or ``POST`` with a body; None for any other answer.

    Raises ``OSError`` when nothing listens. The caller limits the time.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_request(port, path, body))
        return _json(await _all(reader))
    finally:
        writer.close()


async def _all(reader: asyncio.StreamReader) -> bytes:
    pieces = bytearray()
    while len(pieces) < LIMIT_BYTES and (piece := await reader.read(1 << 16)):
        pieces += piece
    return bytes(pieces)


def _request(port: int, path: str, body: Any) -> bytes:
    content = b"" if body is None else msgspec.json.encode(body)
    head = [f"{'POST' if content else 'GET'} {path} HTTP/1.0", f"Host: 127.0.0.1:{port}"]
    head += ["Accept: application/json", "Connection: close"]
    if content:
        head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*head, "", ""]).encode() + content


def _json(answer: bytes) -> Any:
    head, _, content = answer.partition(b"\r\n\r\n")
    status = head.split(b"\r\n", maxsplit=1)[0].split()
    if len(status) < 2 or status[1] != b"200":
        return None
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return None
