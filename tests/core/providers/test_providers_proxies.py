"""Proxies and certificates of the environment, with a real proxy and a real authority."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ion_core.errors import ConnectionFailed, ProviderError
from ion_core.messages import user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.proxies import proxy_for
from ion_core.providers.transport import tls_context
from tests.fakes.chat_server import ChatServer, said
from tests.fakes.connect_proxy import ConnectProxy
from tests.fakes.speakers import openai_chat

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
ASK = Request(model="m", system="", messages=(user("x"),))


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``ca.pem``, and ``host.pem``: key and certificate of model.test by it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, and nothing else here makes certificates")
    folder = tmp_path_factory.mktemp("authority")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)

    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-sha256"]
    run(*made, "-subj", "/CN=a test authority", "-keyout", "ca.key", "-out", "ca.pem")
    run("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=model.test", "-keyout", "host.key",
        "-out", "host.csr")  # fmt: skip
    (folder / "names").write_text("subjectAltName=DNS:model.test\nbasicConstraints=CA:FALSE\n")
    run("x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-sha256", "-extfile", "names", "-out", "host.crt")  # fmt: skip
    both = (folder / "host.key").read_text() + (folder / "host.crt").read_text()
    (folder / "host.pem").write_text(both)
    return folder


def speaking_tls(authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "host.pem")
    return context


def port_of(server: ChatServer) -> int:
    port = urlsplit(server.base_url).port
    assert port is not None
    return port


async def said_at(url: str) -> str:
    provider = openai_chat(Endpoint(name="far", base_url=url, api_key="k-12345678"))
    assembly = Assembly()
    try:
        async with provider.stream(ASK) as chunks:
            async for chunk in chunks:
                assembly.add(chunk)
    finally:
        await provider.aclose()
    return assembly.message(provider.origin("m")).text


async def failure_at(url: str) -> ProviderError:
    with pytest.raises(ProviderError) as failure:
        await said_at(url)
    return failure.value


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_https_goes_through_a_tunnel_that_sees_nothing(
    name: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    async with ChatServer([said("Hi.")], tls=speaking_tls(authority)) as server:
        async with ConnectProxy(port_of(server)) as proxy:
            monkeypatch.setenv(name, f"http://{proxy.address}")
            assert await said_at("https://model.test/v1") == "Hi."
        assert proxy.asked == ["CONNECT model.test:443 HTTP/1.1"]
        assert "k-12345678" not in "".join(proxy.headers)
        assert server.requests[0].headers["authorization"] == "Bearer k-12345678"


async def test_http_goes_through_its_own_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ChatServer([said("Hi.")]) as server, ConnectProxy(port_of(server)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        assert await said_at("http://model.test/v1") == "Hi."
    assert proxy.asked == ["POST http://model.test/v1/chat/completions HTTP/1.1"]


async def test_a_host_of_no_proxy_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ChatServer([said("Hi.")]) as server, ConnectProxy(port_of(server)) as proxy:
        url = f"http://0.0.0.0:{port_of(server)}/v1"
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        assert await said_at(url) == "Hi."
        assert len(proxy.asked) == 1
        monkeypatch.setenv("NO_PROXY", "example.com, 0.0.0.0/8")
        assert await said_at(url) == "Hi."
        assert len(proxy.asked) == 1


async def test_this_machine_is_never_reached_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with ChatServer([said("Hi.")]) as server:
        assert await said_at(server.base_url) == "Hi."


async def test_an_authority_that_nobody_knows_is_refused_through_a_proxy_too(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ChatServer([said("Hi.")], tls=speaking_tls(authority)) as server:
        async with ConnectProxy(port_of(server)) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
            error = await failure_at("https://model.test/v1")
        assert server.requests == []
    assert type(error) is ConnectionFailed
    assert not error.retryable
    assert "SSL_CERT_FILE" in str(error)


async def test_a_certificate_of_another_host_is_refused(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    async with ChatServer([said("Hi.")], tls=speaking_tls(authority)) as server:
        async with ConnectProxy(port_of(server)) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
            error = await failure_at("https://other.test/v1")
        assert server.requests == []
    assert not error.retryable


@pytest.mark.parametrize(
    ("refusal", "retryable"),
    [("407 Proxy Authentication Required", False), ("403 Forbidden", False), ("502 Bad", True)],
)
async def test_what_a_proxy_says_is_shown_with_its_address_and_without_its_password(
    refusal: str, retryable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ConnectProxy(9, refusal) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter22@{proxy.address}")
        error = await failure_at("https://model.test/v1")
    assert type(error) is ConnectionFailed
    assert error.retryable is retryable
    assert f"proxy {proxy.address}: {refusal}" in str(error)
    assert "hunter22" not in str(error)
    assert "proxy-authorization" in proxy.headers[0].lower()


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ConnectProxy(9) as proxy:
        address = proxy.address
    monkeypatch.setenv("HTTPS_PROXY", f"http://{address}")
    error = await failure_at("https://model.test/v1")
    assert type(error) is ConnectionFailed
    assert error.retryable
    assert f"through the proxy {address}" in str(error)


@pytest.mark.parametrize(
    ("url", "spared", "direct"),
    [
        ("https://api.example.com/v1", "", False),
        ("https://api.example.com/v1", "*", True),
        ("https://api.example.com/v1", "example.com", True),
        ("https://api.example.com/v1", ".example.com", True),
        ("https://example.com/v1", ".example.com", True),
        ("https://api.example.com/v1", "*.example.com", True),
        ("https://badexample.com/v1", "example.com", False),
        ("https://api.example.com/v1", "other.com,API.Example.COM", True),
        ("https://api.example.com/v1", "other.com api.example.com", True),
        ("https://api.example.com:8443/v1", "api.example.com:8443", True),
        ("https://api.example.com/v1", "api.example.com:8443", False),
        ("https://10.1.2.3/v1", "10.0.0.0/8", True),
        ("https://11.1.2.3/v1", "10.0.0.0/8", False),
        ("https://api.example.com/v1", "10.0.0.0/8", False),
        ("https://[fd00::1]/v1", "fd00::/8", True),
        ("https://[fd00::1]/v1", "fd00::1", True),
        ("https://[fd00::1]/v1", "[fd00::1]", True),
        ("http://127.0.0.1:8080/v1", "", True),
        ("http://127.9.9.9:8080/v1", "", True),
        ("http://localhost:8080/v1", "", True),
        ("http://me.localhost:8080/v1", "", True),
        ("http://[::1]:8080/v1", "", True),
    ],
)
def test_no_proxy_is_understood_as_other_tools_do(url: str, spared: str, direct: bool) -> None:
    env = {"ALL_PROXY": "proxy.example:3128", "NO_PROXY": spared}
    assert proxy_for(url, env) == ("" if direct else "http://proxy.example:3128")


def test_the_variable_of_the_scheme_wins_and_small_letters_before_large() -> None:
    env = {"https_proxy": "http://a", "HTTPS_PROXY": "http://b", "all_proxy": "http://c"}
    assert proxy_for("https://x.example/", env) == "http://a"
    assert proxy_for("http://x.example/", env) == "http://c"
    assert proxy_for("https://x.example/", {"HTTPS_PROXY": " "}) == ""
