"""Processor time per 1,000 streamed deltas of each protocol, of the reading process alone.

The server is this process, the reader a child. *One by one* is how models speak: each delta comes
by itself, so that every layer of the reader is passed for each. *In a burst* is how a proxy
delivers: as many as fit a read.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence

from tests.bench.delta_framing import FRAMINGS
from tests.bench.row import Floor, Row
from tests.bench.scratch import ROOT

DELTAS = 1_000
PACE_S = 0.0006
"""Between two deltas: longer than a reader takes for one."""
FLOOR = "openai-chat"
"""Whose framing the floor reads too; those of the others differ little."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def measure(runs: int) -> list[Row]:
    """The rows of reading deltas."""
    return asyncio.run(_rows(runs))


async def _rows(runs: int) -> list[Row]:
    rows = []
    for protocol, framing in FRAMINGS.items():
        events = [_chunk(event) for event in framing(DELTAS)]
        for manner, pace_s in (("one by one", PACE_S), ("in a burst", 0.0)):
            async with await asyncio.start_server(
                _Speaker(events, pace_s), "127.0.0.1", 0
            ) as server:
                port = server.sockets[0].getsockname()[1]
                read = await _read(protocol, port, runs)
                floor = await _read("bare", port, runs) if protocol == FLOOR else ()
            rows.append(_row(f"{protocol}: 1,000 deltas {manner}", read, floor))
    return rows


def _row(name: str, read: Sequence[float], floor: Sequence[float]) -> Row:
    bare = Floor(name="a socket, lines and a JSON decoder", samples=_ms(floor))
    return Row(name=name, unit="ms", samples=_ms(read), floors=(bare,) if floor else ())


def _ms(seconds: Sequence[float]) -> tuple[float, ...]:
    return tuple(1000 * each * 1000 / DELTAS for each in seconds)


async def _read(protocol: str, port: int, runs: int) -> list[float]:
    """The processor seconds of each answer. Raises ``RuntimeError``."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.delta_reader"),
        *(protocol, f"http://127.0.0.1:{port}/v1", str(runs), str(DELTAS)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the reader of {protocol} ended with {child.returncode}")
    samples: list[float] = json.loads(out)
    return samples


class _Speaker:
    """Answers every request of a connection with the same chunks, ``pace_s`` apart."""

    def __init__(self, chunks: Sequence[bytes], pace_s: float) -> None:
        self._chunks, self._pace_s = chunks, pace_s

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_length(head))
                await self._speak(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _speak(self, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        if not self._pace_s:
            writer.write(b"".join(self._chunks))
        for chunk in self._chunks if self._pace_s else ():
            writer.write(chunk)
            await asyncio.sleep(self._pace_s)
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def _chunk(event: bytes) -> bytes:
    return f"{len(event):x}\r\n".encode() + event + b"\r\n"


def _length(head: bytes) -> int:
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return next((int(text) for name, _, text in lines if name == b"content-length"), 0)
