"""The embedded model's own server: started when it is first needed, ended with ion.

It listens on a free port of loopback, under a path that only this process knows, and is watched
by a small process (``watch.py``), so that it does not outlive ion even when ion is killed.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

from ion_core import private
from ion_core.errors import ConnectionFailed
from ion_core.local.place import Binary, Place

CONTEXT = 8_192
"""Tokens of the window. The model knows 32,768; a small window keeps memory near 2.2 GB."""
START_S = 120.0
"""Seconds to load the weights: about 3 from memory, more from a slow disk."""
_POLL_S = 0.1
_CACHE_MB = 512


class LocalServer:
    """The ``llama-server`` of the model installed under ``home``; it serves one of them.

    ``model`` is the name under which the model is asked.
    """

    def __init__(self, home: Path, *, context: int = CONTEXT, start_s: float = START_S) -> None:
        place = Place(home)
        self.model, self._secret = place.model.id, f"/{secrets.token_urlsafe(18)}"
        self._place, self._context, self._start_s = place, context, start_s
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""
        self._starting = asyncio.Lock()

    def installed(self) -> bool:
        """Whether it can be started without fetching anything."""
        return self._place.ready()

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> str:
        """The root of its API (``http://127.0.0.1:PORT/SECRET/v1``), once it answers.

        Starts it when it does not run, also after it died. Raises ``ConnectionFailed``.
        """
        async with self._starting:
            if not self.running:
                self._url = await self._spawn()
            return self._url

    async def aclose(self) -> None:
        """End it and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(_end, process)

    async def _spawn(self) -> str:
        binary = self._place.binary()
        if binary is None or not self.installed():
            raise ConnectionFailed(
                "The embedded model is not installed. Run: ion local install", retryable=False
            )
        await self.aclose()
        port = _free_port()
        self._process = await asyncio.to_thread(self._run, binary, port)
        try:
            async with asyncio.timeout(self._start_s):
                await self._healthy(port)
        except BaseException as error:
            await self.aclose()
            if isinstance(error, TimeoutError):
                raise self._failed("did not answer in time") from None
            raise
        return f"http://127.0.0.1:{port}{self._secret}/v1"

    def _run(self, binary: Binary, port: int) -> subprocess.Popen[bytes]:
        log = self._place.log
        watch = [sys.executable, "-I", "-S", str(Path(__file__).with_name("watch.py"))]
        with private.file(log) as out:
            return subprocess.Popen(
                [*watch, *self._command(binary, port)],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self._environment(binary),
                cwd=self._place.root,
                start_new_session=True,
            )

    def _command(self, binary: Binary, port: int) -> list[str]:
        command = [str(binary.path), "-m", str(self._place.weights), "--alias", self.model]
        command += ["--host", "127.0.0.1", "--port", str(port), "--jinja"]
        command += ["-c", str(self._context), "-np", "1", "-t", str(_cores())]
        if binary.pinned:  # its flags are known; one on PATH may be older, and may have a GPU
            command += ["-ngl", "0", "--no-webui", "--cache-ram", str(_CACHE_MB)]
        return command

    def _environment(self, binary: Binary) -> dict[str, str]:
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env["LLAMA_ARG_API_PREFIX"] = self._secret  # not an argument: those can be seen by others
        if binary.pinned:
            env["LD_LIBRARY_PATH"] = str(binary.path.parent)
        return env

    async def _healthy(self, port: int) -> None:
        while not await _answers(port, f"{self._secret}/health"):
            if not self.running:
                raise self._failed("ended at once")
            await asyncio.sleep(_POLL_S)

    def _failed(self, how: str) -> ConnectionFailed:
        return ConnectionFailed(
            f"The embedded model's server {how}. Its log is {self._place.log}.", retryable=False
        )


async def _answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 200: health is 503 while the weights are loading."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2
