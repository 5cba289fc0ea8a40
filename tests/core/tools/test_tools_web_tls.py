"""Over https a checked address is dialled in the name of its host, whose certificate must hold."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from tools_bench import Bench

from ion_core.tools.base import Outcome
from ion_core.tools.web import Destination, Web
from ion_core.tools.web_fetch import WebFetch, WebFetchArgs

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nsafe"
ONWARD = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://a.test/\r\n\r\n"


@dataclass
class Secure:
    """A server on loopback with a certificate for a.test; ``names`` are those asked for by SNI."""

    certificate: Path
    port: int = 0
    names: list[str | None] = field(default_factory=list)

    def lead(self, url: str) -> Destination:
        host, scheme = url.split("/")[2], url.partition(":")[0]
        return Destination(scheme=scheme, host=host, port=self.port, addresses=("127.0.0.1",))

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(ONWARD if b"GET /onward" in head else PAGE)
        await writer.drain()
        writer.close()

    def note(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        self.names.append(name)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for a.test, with its key beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, and nothing else here makes certificates")
    made = tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=a.test", "-addext", "subjectAltName=DNS:a.test"]
    command += ["-keyout", str(tmp_path / "key.pem"), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@pytest_asyncio.fixture
async def server(certificate: Path) -> AsyncIterator[Secure]:
    secure = Secure(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    context.sni_callback = secure.note  # type: ignore[assignment]  # it may also be an SSLSocket
    listening = await asyncio.start_server(secure.serve, "127.0.0.1", 0, ssl=context)
    secure.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield secure


async def fetch(bench: Bench, server: Secure, url: str) -> Outcome:
    return await WebFetch(Web(server.lead, server.trusting)).run(
        WebFetchArgs(url=url), bench.context
    )


async def test_the_host_is_named_to_the_server_and_checked(bench: Bench, server: Secure) -> None:
    outcome = await fetch(bench, server, "https://a.test/")
    assert "safe" in outcome.content
    assert server.names == ["a.test"]


async def test_a_certificate_of_another_host_is_refused(bench: Bench, server: Secure) -> None:
    outcome = await fetch(bench, server, "https://b.test/")
    assert outcome.status == "error"
    assert "safe" not in outcome.content
    assert "b.test" in outcome.content


async def test_a_redirect_out_of_https_is_refused(bench: Bench, server: Secure) -> None:
    outcome = await fetch(bench, server, "https://a.test/onward")
    assert outcome.content.startswith("Refused: ")
    assert "from https to http://a.test/" in outcome.content
