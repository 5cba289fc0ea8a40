"""The embedded model's server: on demand, on loopback, and never longer than ion."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ion_core.config.load import load
from ion_core.errors import ConnectionFailed
from ion_core.local.place import Place
from ion_core.local.server import LocalServer
from ion_core.providers.loopback import ask
from ion_core.roster import Roster

FAKE = """\
#!{python}
import http.server, os, sys
flags = dict(zip(sys.argv[1::1], sys.argv[2::1]))
prefix = os.environ["LLAMA_ARG_API_PREFIX"]
print("model", flags["-m"], flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.path in (prefix + "/health", prefix + "/v1/models")
        model = '{{"id": "%s", "pid": %d}}' % (flags["--alias"], os.getpid())
        body = ('{{"data": [%s]}}' % model).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
assert flags["--host"] == "127.0.0.1"
http.server.HTTPServer(("127.0.0.1", int(flags["--port"])), Handler).serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with weights (of the right size, and empty) and a llama-server on PATH."""
    place = Place(tmp_path / "home")
    place.root.mkdir(parents=True)
    with place.weights.open("wb") as weights:
        weights.truncate(place.model.bytes)
    server = tmp_path / "bin" / "llama-server"
    server.parent.mkdir()
    server.write_text(FAKE.format(python=sys.executable))
    server.chmod(0o755)
    monkeypatch.setenv("PATH", f"{server.parent}:{os.environ['PATH']}")
    return place.home


def _port(url: str) -> int:
    return int(url.split(":")[2].split("/", maxsplit=1)[0])


async def _pid(url: str) -> int:
    answer = await ask(_port(url), "/" + url.split("/", 3)[3] + "/models")
    return int(answer["data"][0]["pid"])


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _gone(pid: int) -> bool:
    return await asyncio.to_thread(_comes_true, lambda: not _lives(pid))


def _comes_true(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


async def test_it_answers_under_a_path_of_its_own(home: Path) -> None:
    server = LocalServer(home)
    try:
        url = await server.start()
        models = await ask(_port(url), "/" + url.split("/", 3)[3] + "/models")
        assert models["data"][0]["id"] == server.model
        assert await ask(_port(url), "/v1/models") is None
        assert str(Place(home).weights) in Place(home).log.read_text()
    finally:
        await server.aclose()


async def test_it_stays_warm_and_is_gone_afterwards(home: Path) -> None:
    server = LocalServer(home)
    url = await server.start()
    pid = await _pid(url)

    assert await server.start() == url
    assert await _pid(url) == pid
    await server.aclose()

    assert await _gone(pid)


async def test_two_that_want_it_at_once_start_one(home: Path) -> None:
    server = LocalServer(home)
    try:
        urls = await asyncio.gather(server.start(), server.start())
        assert urls[0] == urls[1]
    finally:
        await server.aclose()


async def test_one_that_died_is_started_again(home: Path) -> None:
    server = LocalServer(home)
    try:
        pid = await _pid(await server.start())
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.to_thread(_comes_true, lambda: not server.running)
        assert await _pid(await server.start()) != pid
    finally:
        await server.aclose()


async def test_the_next_turn_is_asked_of_the_server_that_was_started_again(home: Path) -> None:
    roster = Roster(load(home.parent, home=home, env={}).settings, os.environ, home)
    ref = f"local/{roster.embedded.info.id}"
    try:
        first = (await roster.resolve(ref)).provider.origin("m").base_url
        os.kill(await _pid(first), signal.SIGKILL)
        assert await asyncio.to_thread(_comes_true, lambda: not roster.embedded.server.running)
        second = (await roster.resolve(ref)).provider.origin("m").base_url
        assert await _pid(second)
        assert (await roster.resolve(ref)).provider.origin("m").base_url == second
    finally:
        await roster.aclose()


async def test_it_does_not_outlive_an_ion_that_is_killed(home: Path) -> None:
    script = (
        "import asyncio, sys, pathlib\n"
        "from ion_core.local.server import LocalServer\n"
        "async def main():\n"
        "    print(await LocalServer(pathlib.Path(sys.argv[1])).start(), flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    ion = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(home), stdout=asyncio.subprocess.PIPE
    )
    assert ion.stdout is not None
    pid = await _pid((await ion.stdout.readline()).decode().strip())
    ion.kill()
    await ion.wait()

    assert await _gone(pid)


async def test_one_that_ends_at_once_is_an_error_that_names_the_log(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "bin" / "llama-server").write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    server = LocalServer(home)

    with pytest.raises(ConnectionFailed, match=r"llama-server\.log") as failed:
        await server.start()

    assert not failed.value.retryable
    assert "broken" in Place(home).log.read_text()
    await server.aclose()


async def test_one_that_never_answers_is_ended(home: Path, tmp_path: Path) -> None:
    script = f'#!/bin/sh\necho $$ > "{tmp_path}/pid"\nexec sleep 60\n'
    (tmp_path / "bin" / "llama-server").write_text(script)

    with pytest.raises(ConnectionFailed, match="in time"):
        await LocalServer(home, start_s=1.0).start()

    assert await _gone(int((tmp_path / "pid").read_text()))


async def test_without_weights_it_says_how_to_get_them(tmp_path: Path) -> None:
    server = LocalServer(tmp_path)

    assert not server.installed()
    with pytest.raises(ConnectionFailed, match="ion local install"):
        await server.start()
