"""A model on loopback that speaks chat completions: ``python -m tests.bench.server LOG``.

What it answers depends on the first word of the path: ``/answer`` a sentence, ``/tools/N`` N calls
of ``bash`` and then a sentence, ``/lines`` the long answer a line at a time, ``/tokens`` the same
sixteen characters at a time. It writes one JSON line to LOG when it listens, when the first byte
of a request arrives and when the last byte of an answer was handed to the kernel.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import Any, TextIO

from tests.bench.answer import long_answer

TOKEN_CHARS = 16
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Log:
    """One JSON object a line, with the time of the monotonic clock."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __call__(self, what: str, at: float | None = None, **more: Any) -> None:
        line = {"what": what, "at": time.monotonic() if at is None else at, **more}
        print(json.dumps(line), file=self._file, flush=True)


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """One server-sent event of a streamed chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1764000000,
        "model": "test-model",
        "choices": [choice],
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def ending(finish: str) -> bytes:
    """The last events: why it stopped, what it used, and the end."""
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    told = {"id": "chatcmpl-bench", "model": "test-model", "choices": [], "usage": usage}
    return chunk({}, finish) + b"data: " + json.dumps(told).encode() + b"\n\ndata: [DONE]\n\n"


def spoken(pieces: Iterator[str]) -> bytes:
    """A whole answer of text."""
    return b"".join(chunk({"content": piece}) for piece in pieces) + ending("stop")


def called(number: int) -> bytes:
    """A whole answer of one call."""
    function = {"name": "bash", "arguments": json.dumps({"command": f"true {number}"})}
    call = {"index": 0, "id": f"call_{number}", "type": "function", "function": function}
    return chunk({"role": "assistant", "tool_calls": [call]}) + ending("tool_calls")


def tokens(text: str) -> Iterator[str]:
    """The text in pieces of :data:`TOKEN_CHARS`."""
    return (text[at : at + TOKEN_CHARS] for at in range(0, len(text), TOKEN_CHARS))


class Model:
    """The answers, made before anybody asks, so that sending them is all that is left."""

    def __init__(self) -> None:
        text = long_answer()
        self._short = spoken(iter(["Done."]))
        self._long = {
            "lines": spoken(iter(text.splitlines(keepends=True))),
            "tokens": spoken(tokens(text)),
        }

    def answer(self, path: str, body: bytes) -> bytes:
        """The events that answer a request."""
        words = path.split("/")
        done = body.count(b'"role":"tool"') + body.count(b'"role": "tool"')
        if words[1] == "tools" and done < int(words[2]):
            return called(done + 1)
        return self._long.get(words[1], self._short)


class Server:
    """Answers on keep-alive connections until the process ends."""

    def __init__(self, model: Model, log: Log) -> None:
        self._model, self._log = model, log

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self._log("listening", port=server.sockets[0].getsockname()[1])
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while first := await reader.read(1):
                arrived = time.monotonic()
                head = first + await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                body = await reader.readexactly(_length(head))
                self._log("request", arrived, path=path, bytes=len(head) + len(body))
                await self._reply(writer, self._model.answer(path, body))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _reply(self, writer: asyncio.StreamWriter, events: bytes) -> None:
        writer.write(HEAD + f"{len(events):x}\r\n".encode())
        writer.write(events + b"\r\n0\r\n\r\n")
        await _all_sent(writer)
        self._log("sent", bytes=len(events))


async def _all_sent(writer: asyncio.StreamWriter) -> None:
    """Wait until the kernel has every byte."""
    writer.transport.set_write_buffer_limits(high=0)
    await writer.drain()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def main() -> None:
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        asyncio.run(Server(Model(), Log(file)).serve())


if __name__ == "__main__":
    main()
