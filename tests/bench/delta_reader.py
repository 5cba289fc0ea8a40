"""The process that reads deltas: ``python -m tests.bench.delta_reader PROTOCOL URL RUNS DELTAS``.

It asks the same again and again, and prints the processor seconds that each answer took it, as a
JSON list; the first one, which also imports and connects, is left out. With the protocol ``bare``
nothing of ion reads: a socket, the ends of events, and a JSON decoder.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec

from ion_core.messages import user
from ion_core.providers.base import PartDelta, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import wire
from ion_core.providers.wired import Wired

REQUEST = Request(model="bench", system="", messages=(user("Speak."),))


async def bare(url: str) -> int:
    """Read as little as possible; how many events came."""
    parts, count = urlsplit(url), 0
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"POST {parts.path} HTTP/1.1\r\ncontent-length: 2\r\n\r\n{{}}".encode())
    async with asyncio.timeout(60):
        await reader.readuntil(b"\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"data: {"):
                msgspec.json.decode(line[6:])
                count += 1
            if line == b"0\r\n":
                break
    writer.close()
    return count


class Spoken:
    """The same through a provider."""

    def __init__(self, protocol: str, url: str) -> None:
        endpoint = Endpoint(name="bench", base_url=url, protocol=protocol)
        self._provider = Wired(endpoint, wire(endpoint))

    async def __call__(self, _: str) -> int:
        async with self._provider.stream(REQUEST) as chunks:
            return sum([isinstance(chunk, PartDelta) async for chunk in chunks])


async def main(protocol: str, url: str, runs: int, deltas: int) -> None:
    ask: Callable[[str], Awaitable[int]] = bare if protocol == "bare" else Spoken(protocol, url)
    samples = []
    for _ in range(runs + 1):
        gc.collect()
        began = time.process_time()
        came = await ask(url)
        samples.append(time.process_time() - began)
        if came < deltas:
            raise RuntimeError(f"{came} of {deltas} deltas came")
    print(json.dumps(samples[1:]))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
