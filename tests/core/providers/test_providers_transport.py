"""The way to a server: sockets, certificates, proxies, and everything that can break there."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from ion_core.errors import BadRequest, ConfigError, ConnectionFailed, ProviderError, StreamBroken
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.http import Http
from ion_core.providers.socket_transport import SocketTransport
from ion_core.providers.transport import tls_context
from tests.fakes.chat_server import Canned, ChatServer, refused, said

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def posted(http: Http, body: bytes = b"{}") -> bytes:
    async with http.post("chat/completions", body) as answer:
        return b"".join([piece async for piece in answer.pieces()])


@asynccontextmanager
async def raw_server(serve: Serve):  # type: ignore[no-untyped-def]  # an Http, used at once
    """An ``Http`` whose server is a plain function of a connection."""
    serving = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(tracked, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    http = Http(Endpoint(name="raw", base_url=f"http://127.0.0.1:{port}/v1"))
    try:
        yield http
    finally:
        await http.aclose()
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)
        await server.wait_closed()


async def asked(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)


def answering(*answers: bytes) -> Serve:
    """A connection's worth of raw answers, after which the server hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await asked(reader)
            writer.write(answer)
            await writer.drain()

    return serve


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


async def test_a_server_that_hung_up_meanwhile_is_called_again() -> None:
    async with raw_server(answering(WHOLE)) as http:
        assert [await posted(http) for _ in range(3)] == [b"hi"] * 3


async def test_a_server_that_hangs_up_on_a_new_connection_is_a_failure() -> None:
    async with raw_server(answering()) as http:
        with pytest.raises(ConnectionFailed) as failure:
            await posted(http)
        assert failure.value.retryable


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n",
    ],
)
async def test_a_body_that_stops_before_its_end_is_broken(answer: bytes) -> None:
    async with raw_server(answering(answer)) as http:
        with pytest.raises(StreamBroken) as failure:
            await posted(http)
        assert failure.value.retryable


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi",
        b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE,
    ],
)
async def test_old_and_cautious_servers_are_understood(answer: bytes) -> None:
    async with raw_server(answering(answer)) as http:
        assert [await posted(http) for _ in range(2)] == [b"hi"] * 2


async def test_what_is_no_http_at_all_is_a_failure() -> None:
    async with raw_server(answering(b"SSH-2.0-OpenSSH_9.9\r\n")) as http:
        with pytest.raises(ConnectionFailed):
            await posted(http)


async def test_a_server_that_refuses_before_it_read_everything_is_heard() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too large\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        while await reader.read(65_536):
            pass

    async with raw_server(serve) as http:
        with pytest.raises(ProviderError) as failure:
            await posted(http, b"x" * 5_000_000)
        assert failure.value.status == 413


async def test_many_requests_at_once_have_connections_of_their_own() -> None:
    gate, asked_for = asyncio.Event(), list[object]()

    def reply(body: object) -> Canned:
        asked_for.append(body)
        if len(asked_for) == 5:
            gate.set()
        return said("Hi.", gate=gate)

    async with ChatServer([reply]) as server:
        http = Http(Endpoint(name="many", base_url=server.base_url))
        assert len(set(await asyncio.gather(*(posted(http) for _ in range(5))))) == 1
        assert server.connections == 5
        await posted(http)
        assert server.connections == 5
        await http.aclose()


async def test_an_idle_connection_grows_old() -> None:
    async with ChatServer([said("Hi.")]) as server:
        transport = SocketTransport(None, keep_alive_s=0.0)
        http = Http(Endpoint(name="old", base_url=server.base_url), transport)
        for _ in range(2):
            await posted(http)
            await asyncio.sleep(0.002)
        await http.aclose()
        assert server.connections == 2


async def test_a_redirect_is_never_followed_with_the_key() -> None:
    async with ChatServer([said("Hi.")]) as thief:
        moved = refused(307, "moved", location=thief.base_url)
        async with ChatServer([moved]) as server:
            http = Http(Endpoint(name="moved", base_url=server.base_url, api_key="k-1234"))
            with pytest.raises(BadRequest, match="redirects"):
                await posted(http)
            await http.aclose()
        assert thief.requests == []


async def test_ion_s_own_transport_and_httpx_s_give_the_same_answer() -> None:
    async with ChatServer([said("Hello there.")]) as server:
        endpoint = Endpoint(name="same", base_url=server.base_url)
        ours, theirs = Http(endpoint), Http(endpoint, httpx.AsyncHTTPTransport())
        assert await posted(ours) == await posted(theirs)
        await ours.aclose()
        await theirs.aclose()


async def test_get_is_limited_as_a_whole() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(silent) as http:
        with pytest.raises(ConnectionFailed, match=r"within 0\.05 s"):
            await http.get("models", timeout_s=0.05)


async def test_cancelling_a_request_hangs_up() -> None:
    asked_for, hung_up = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        asked_for.set()
        await reader.read()
        hung_up.set()

    async with raw_server(silent) as http:
        task = asyncio.ensure_future(posted(http))
        await asked_for.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(hung_up.wait(), 5)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, and nothing else here makes certificates")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_text(key.read_text() + cert.read_text())
    return both


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_certificate_that_nobody_knows_is_refused_with_advice(certificate: Path) -> None:
    tls_context.cache_clear()
    async with ChatServer([said("Hi.")], tls=serving(certificate)) as server:
        http = Http(Endpoint(name="tls", base_url=server.base_url))
        with pytest.raises(ConnectionFailed, match="SSL_CERT_FILE") as failure:
            await posted(http)
        await http.aclose()
        assert not failure.value.retryable
        assert server.requests == []


async def test_a_certificate_of_ssl_cert_file_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls_context.cache_clear()
    async with ChatServer([said("Hi.")], tls=serving(certificate)) as server:
        http = Http(Endpoint(name="tls", base_url=server.base_url))
        for _ in range(2):
            assert b"Hi." in await posted(http)
        await http.aclose()
        assert server.connections == 1
    tls_context.cache_clear()


@pytest.mark.parametrize("words", [None, "no certificate"])
async def test_certificates_that_cannot_be_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str | None
) -> None:
    file = tmp_path / "company.pem"
    if words is not None:
        file.write_text(words)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    tls_context.cache_clear()
    http = Http(Endpoint(name="tls", base_url="https://127.0.0.1:1"))
    with pytest.raises(ConfigError, match=r"SSL_CERT_FILE .*company\.pem"):
        await posted(http)
    await http.aclose()
    tls_context.cache_clear()


async def test_a_proxy_of_the_environment_carries_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ChatServer([said("Hi.")]) as proxy:
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
        http = Http(Endpoint(name="far", base_url="http://model.invalid/v1"))
        assert b"Hi." in await posted(http)
        await http.aclose()
        assert proxy.requests[0].path == "http://model.invalid/v1/chat/completions"


@pytest.mark.skipif(find_spec("socksio") is not None, reason="the package for SOCKS is installed")
async def test_a_proxy_that_needs_a_missing_package_is_a_setting_that_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    http = Http(Endpoint(name="far", base_url="http://model.invalid/v1"))
    with pytest.raises(ConfigError, match="socksio"):
        await posted(http)


async def test_an_answer_in_one_piece_of_json_keeps_its_bytes() -> None:
    body = "é\u2028".encode() * 1000
    async with ChatServer([Canned(pieces=[body[:1001], body[1001:]])]) as server:
        http = Http(Endpoint(name="bytes", base_url=server.base_url))
        assert await posted(http) == body
        await http.aclose()


def test_the_way_to_a_request_imports_nothing_it_does_not_use() -> None:
    program = """
import sys
assert "httpx" not in sys.modules
from ion_core.providers.transport import warm
warm("http://127.0.0.1/v1")
print(sorted({"rich", "click", "anyio", "httpcore", "certifi", "pydantic"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
