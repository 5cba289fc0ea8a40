"""The way out through a proxy: real programs in the sandbox, and an internet on loopback."""

from __future__ import annotations

import http.server
import os
import socket
import sys
import threading
from collections.abc import Iterator

import pytest
from sandbox_bash import outcome_of
from sandbox_cell import Cell

from ion_core.sandbox.proxy import Refused

CONNECT = (
    f"{sys.executable} -ISc 'import socket, sys;"
    ' s = socket.create_connection(("127.0.0.1", 3128));'
    ' s.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin-1"));'
    " print(s.recv(4096).decode())' "
)


class Page(http.server.BaseHTTPRequestHandler):
    """Says what it was asked for."""

    def do_GET(self) -> None:
        said = (
            f"{self.path} for {self.headers['Host']}, {self.headers['Proxy-Connection']}".encode()
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent[::-1])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """A server of the small internet."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxied(full: Cell) -> Cell:
    """A cell that may reach good.example and what is below more.example. ``asked`` are the URLs
    that were looked up."""

    def lead(url: str) -> tuple[str, ...]:
        asked.append(url)
        if "inside.more.example" in url:
            raise Refused("inside.more.example is refused: 10.0.0.1 is not a public address.")
        return ("127.0.0.1",)

    asked: list[str] = []
    full.lead = lead
    full.settings |= {
        "network": "proxy",
        "allow_domains": ("good.example", "*.more.example"),
    }
    full.asked = asked  # type: ignore[attr-defined]
    return full


async def test_a_listed_host_is_reached(proxied: Cell, port: int) -> None:
    ran = await proxied.run(f"curl -sS http://good.example:{port}/page?a=1")
    assert ran.output == f"/page?a=1 for good.example:{port}, None"
    assert (ran.code, ran.remarks) == (0, ())


async def test_a_tunnel_reaches_a_listed_host(proxied: Cell, port: int) -> None:
    ran = await proxied.run(f"curl -sS --proxytunnel -d abc http://a.more.example:{port}/")
    assert (ran.code, ran.output) == (0, "cba")


async def test_another_host_is_refused_and_never_looked_up(proxied: Cell, port: int) -> None:
    for way in ("", "--proxytunnel"):
        outcome = await outcome_of(proxied, f"curl -sSf {way} http://evil.example:{port}/")
        assert outcome.status == "error"
        assert "403" in outcome.content
        assert "evil.example is not in sandbox.allow_domains." in outcome.content
    assert proxied.asked == []  # type: ignore[attr-defined]


async def test_a_listed_host_that_leads_inside_is_refused(proxied: Cell, port: int) -> None:
    ran = await proxied.run(f"curl -sS http://inside.more.example:{port}/")
    assert ran.output == "inside.more.example is refused: 10.0.0.1 is not a public address.\n"
    assert ran.remarks == (ran.output.strip(),)


async def test_this_machine_is_refused_by_default(proxied: Cell, port: int) -> None:
    proxied.lead = None
    proxied.settings["allow_domains"] = ("127.0.0.1", "localhost", "localtest.localhost")
    ran = await proxied.run(f"curl -sS --noproxy '' http://localtest.localhost:{port}/")
    assert "Port" in ran.output or "inside of networks" in ran.output or "refused" in ran.output
    assert "for localtest" not in ran.output


@pytest.mark.parametrize(
    "request_line",
    [
        "GET /page HTTP/1.1",
        "CONNECT good.example\\0.evil.example:80 HTTP/1.1",
        "CONNECT 127.0.0.1:{port} HTTP/1.1",
        "CONNECT 2130706433:{port} HTTP/1.1",
        "CONNECT [::1]:{port} HTTP/1.1",
        "CONNECT good.example.:{port} HTTP/1.1",
        "CONNECT good.example:{port}:80 HTTP/1.1",
        "CONNECT good.example:99999 HTTP/1.1",
        "GET http://user@good.example:{port}/ HTTP/1.1",
        "GET http://evil.example\\\\@good.example:{port}/ HTTP/1.1",
        "GET https://good.example:{port}/ HTTP/1.1",
        "GET ftp://good.example/ HTTP/1.1",
    ],
)
async def test_odd_requests_are_refused(proxied: Cell, port: int, request_line: str) -> None:
    line = request_line.format(port=port)
    ran = await proxied.run(f"{CONNECT} '{line}\\r\\nHost: good.example\\r\\n\\r\\n'")
    assert ran.output.startswith("HTTP/1.1 403 "), ran.output
    assert proxied.asked == []  # type: ignore[attr-defined]


async def test_nothing_goes_past_the_proxy(proxied: Cell, port: int) -> None:
    for script in (
        f"curl -sS --max-time 3 --noproxy '*' http://127.0.0.1:{port}/",
        f"exec 3<>/dev/tcp/127.0.0.1/{port}",
        "exec 3<>/dev/tcp/1.1.1.1/443",
        "getent ahosts good.example",
        f"{sys.executable} -ISc 'import socket;"
        ' socket.socket(2, 2).sendto(b"", ("1.1.1.1", 53))\'',
        "ping -c 1 -W 1 1.1.1.1",
    ):
        assert (await proxied.run(script)).code != 0, script
    assert proxied.asked == []  # type: ignore[attr-defined]


async def test_sockets_of_other_programs_stay_out_of_reach(proxied: Cell) -> None:
    path, name = str(proxied.home / "docker.sock"), f"\0ion-proxy-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as by_path, socket.socket(socket.AF_UNIX) as by_name:
        for end, address in ((by_path, path), (by_name, name)):
            end.bind(address)
            end.listen()
            ran = await proxied.python(
                f"import socket; socket.socket(socket.AF_UNIX).connect({address!r})"
            )
            assert ran.code != 0


async def test_a_command_is_left_no_way_of_its_own(proxied: Cell) -> None:
    ran = await proxied.run("ls -l /proc/self/fd | grep -c socket; echo $HTTPS_PROXY")
    assert ran.output == "0\nhttp://127.0.0.1:3128\n"


async def test_a_server_of_the_command_itself_is_reached(proxied: Cell) -> None:
    ran = await proxied.python(
        "import socket\nhere = ('127.0.0.1', 8000)\n"
        "s = socket.create_server(here); c = socket.create_connection(here)\n"
        "a, _ = s.accept(); a.send(b'hi'); print(c.recv(2))"
    )
    assert ran.output == "b'hi'\n"


async def test_nothing_is_left_open(proxied: Cell, port: int) -> None:
    await proxied.run("true")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        await proxied.run(f"curl -sS http://good.example:{port}/ & sleep 0.2; true")
        await proxied.run("no-such-program-at-all")
    assert len(os.listdir("/proc/self/fd")) <= before


async def test_when_reading_there_is_no_way_out(proxied: Cell, port: int) -> None:
    ran = await proxied.run(f"curl -sS --max-time 3 http://good.example:{port}/", "read")
    assert ran.code != 0
    assert proxied.asked == []  # type: ignore[attr-defined]


async def test_the_exit_code_and_the_words_of_the_command_stay(proxied: Cell) -> None:
    ran = await proxied.run("echo $0 $1; exit 7", "write", "a b", "c")
    assert (ran.code, ran.output) == (7, "a b c\n")
    assert (await proxied.start(("no-such-program",), "write")).output == (
        "no-such-program: No such file or directory\n"
    )


async def test_without_bubblewrap_there_is_no_proxy_and_it_is_said(reduced: Cell) -> None:
    reduced.settings |= {"network": "proxy", "allow_domains": ("good.example",)}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        script = f"exec 3<>/dev/tcp/127.0.0.1/{listening.getsockname()[1]}"
        outcome = await outcome_of(reduced, script)
    assert outcome.status == "error"
    assert 'network = "proxy" needs bubblewrap, so the network is off' in outcome.content


async def test_a_list_that_names_nothing_means_no_network(proxied: Cell, port: int) -> None:
    proxied.settings["allow_domains"] = ()
    assert (await proxied.run(f"curl -sS http://good.example:{port}/")).code != 0
