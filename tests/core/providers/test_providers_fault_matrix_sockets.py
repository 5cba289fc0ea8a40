"""Connections that fail: resets, silence, machines that slept, and servers that never end."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from ion_core.errors import ConnectionFailed, ProviderError, StreamBroken
from ion_core.providers.connection import failing
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.http import Http
from ion_core.providers.transport import httpx_module
from ion_core.providers.transport_faults import transport_fault
from ion_core.providers.wake import Vigil, slept_s

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
PIECE = b"5\r\n: hi\n\r\n"
END = b"0\r\n\r\n"


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[str]:
    """The base URL of a server that is one function of a connection."""
    serving: set[asyncio.Task[None]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(tracked, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await server.wait_closed()


async def asked(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))


async def posted(http: Http) -> bytes:
    try:
        async with http.post("chat/completions", b"{}") as answer:
            return b"".join([piece async for piece in answer.pieces()])
    finally:
        await http.aclose()


async def failure_at(url: str, **endpoint: float) -> ProviderError:
    with pytest.raises(ProviderError) as failure:
        await posted(Http(Endpoint(name="bad", base_url=url, **endpoint)))  # type: ignore[arg-type]
    return failure.value


def reset(writer: asyncio.StreamWriter) -> None:
    """Hang up with a RST, as a machine that restarted does."""
    own = writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_reset_before_the_answer_is_a_connection_that_failed() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        reset(writer)

    async with served(serve) as url:
        error = await failure_at(url)
    assert type(error) is ConnectionFailed
    assert error.retryable


async def test_a_reset_within_the_answer_is_a_stream_that_broke() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(HEAD + PIECE)
        await writer.drain()
        reset(writer)

    async with served(serve) as url:
        error = await failure_at(url)
    assert type(error) is StreamBroken
    assert error.retryable


async def test_a_server_that_does_not_accept_is_not_waited_for_long() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        host, port = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex((host, port))
        error = await failure_at(f"http://{host}:{port}/v1", connect_timeout_s=0.2)
        for each in waiting:
            each.close()
    assert type(error) is ConnectionFailed
    assert error.retryable
    assert "0.2 s" in str(error)


async def test_a_port_that_nobody_listens_on_is_a_connection_that_failed() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await failure_at(f"http://127.0.0.1:{port}/v1")
    assert type(error) is ConnectionFailed
    assert error.retryable


async def test_a_password_in_an_address_is_not_shown() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await failure_at(f"http://me:hunter22@127.0.0.1:{port}/v1")
    assert f"127.0.0.1:{port}" in str(error)
    assert "hunter22" not in str(error)


def test_a_name_that_nobody_knows_is_a_connection_that_failed() -> None:
    httpx = httpx_module()
    endpoint = Endpoint(name="far", base_url="https://model.invalid/v1")
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    with (
        pytest.raises(httpx.ConnectError) as raised,
        failing(httpx.ConnectError, httpx.ConnectTimeout),
    ):
        raise unknown
    error = transport_fault(raised.value, endpoint, answered=False)
    assert type(error) is ConnectionFailed
    assert error.retryable
    assert "model.invalid" in str(error)


async def test_a_first_byte_that_does_not_come_is_not_waited_for_for_ever() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with served(serve) as url:
        error = await failure_at(url, idle_timeout_s=0.2)
    assert type(error) is ConnectionFailed
    assert error.retryable
    assert "0.2 s" in str(error)


async def test_silence_after_the_first_byte_breaks_the_stream() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(HEAD + PIECE)
        await reader.read()

    async with served(serve) as url:
        error = await failure_at(url, idle_timeout_s=0.2)
    assert type(error) is StreamBroken
    assert error.retryable


async def test_comments_are_signs_of_life() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(HEAD)
        for _ in range(8):
            writer.write(PIECE)
            await writer.drain()
            await asyncio.sleep(0.1)
        writer.write(END)
        await reader.read()

    async with served(serve) as url:
        body = await posted(Http(Endpoint(name="busy", base_url=url, idle_timeout_s=0.5)))
    assert body == b": hi\n" * 8


async def test_an_answer_without_end_is_cut_at_32_megabytes() -> None:
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await asked(reader)
        writer.write(HEAD)
        while True:
            writer.write(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
            await writer.drain()
            sent += 0x100000

    async with served(serve) as url:
        error = await failure_at(url)
    assert not error.retryable
    assert "32 MB" in str(error)
    assert sent < 40 * 2**20


class Machine:
    """A machine that can be put to sleep: its clock of sleep jumps."""

    def __init__(self) -> None:
        self.slept = 0.0

    def __call__(self) -> float:
        return self.slept

    def http(self, url: str) -> Http:
        vigil = partial(Vigil, self, look_s=0.02, grace_s=0.4)
        return Http(Endpoint(name="far", base_url=url), vigil=vigil)


@pytest.mark.parametrize(("answered", "kind"), [(True, StreamBroken), (False, ConnectionFailed)])
async def test_a_connection_that_died_in_sleep_is_noticed_soon_after_waking(
    answered: bool, kind: type[ProviderError]
) -> None:
    machine = Machine()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        if answered:
            writer.write(HEAD + PIECE)
            await writer.drain()
        machine.slept += 3600.0
        await reader.read()

    async with served(serve) as url, asyncio.timeout(10):
        with pytest.raises(kind, match="slept") as failure:
            await posted(machine.http(url))
    assert failure.value.retryable


async def test_a_server_that_goes_on_after_sleep_is_heard_to_its_end() -> None:
    machine = Machine()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(HEAD + PIECE)
        await writer.drain()
        machine.slept += 3600.0
        await asyncio.sleep(0.05)
        writer.write(PIECE)
        await writer.drain()
        # Silence after a sign of life is ordinary silence again.
        await asyncio.sleep(0.7)
        writer.write(PIECE + END)
        await reader.read()

    async with served(serve) as url:
        assert await posted(machine.http(url)) == b": hi\n" * 3


async def test_a_machine_that_did_not_sleep_is_not_watched_more_strictly() -> None:
    machine = Machine()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        machine.slept += 0.5
        await asyncio.sleep(0.6)
        writer.write(HEAD + PIECE + END)
        await reader.read()

    async with served(serve) as url:
        assert await posted(machine.http(url)) == b": hi\n"


def test_the_clocks_of_this_machine_agree_on_its_sleep() -> None:
    assert abs(slept_s() - slept_s()) < 1.0
