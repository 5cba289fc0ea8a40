"""How a server is reached: a program inside the sandbox, or an address.

A program gets a scrubbed environment and what was declared for it, writes nowhere but into a cache
of its own and the folders that were declared, and says what it has to say on standard error into a
log. It may reach the network unless that is switched off: most servers are clients of something.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from errno import ENOENT
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, Final

from ion_core import private
from ion_core.config.extension_schema import McpServerSettings
from ion_core.mcp.names import file_name
from ion_core.tools.environment import child_environment
from ion_core.tools.process import Access, Command, Launcher

if TYPE_CHECKING:
    from ion_core.mcp.declared import Declared

LOG_BYTES: Final = 1_000_000
"""Above this a log begins anew."""
_CACHES: Final = {
    "npm_config_cache": "npm",
    "npm_config_update_notifier": "",
    "UV_CACHE_DIR": "uv",
    "UV_TOOL_DIR": "uv-tools",
    "PIP_CACHE_DIR": "pip",
    "XDG_CACHE_HOME": "cache",
    "XDG_DATA_HOME": "data",
    "DENO_DIR": "deno",
}


class Reach:
    """``home`` is ion's own folder, ``cwd`` the one that the session works in. ``auth`` makes what
    logs in to an address, None where nothing does."""

    def __init__(
        self,
        launcher: Launcher,
        home: Path,
        cwd: Path,
        env: Mapping[str, str],
        auth: Callable[[Declared], Any] | None = None,
    ) -> None:
        self._launcher, self._home, self.cwd, self._env, self._auth = (
            launcher,
            home,
            cwd,
            env,
            auth,
        )

    def log(self, name: str) -> Path:
        """Where a server's words to people are kept."""
        return self._home / "logs" / f"mcp-{file_name(name)}.log"

    def note(self, name: str, text: str) -> None:
        """Keep words of a server's in its log; a log that cannot be written is none."""
        with suppress(OSError):
            log = self._opened_log(name)
            try:
                os.write(log, text.encode("utf-8", "replace") + b"\n")
            finally:
                os.close(log)

    def trim(self, name: str) -> None:
        """Let a log that grew too long begin anew."""
        with suppress(OSError):
            if self.log(name).stat().st_size > LOG_BYTES:
                os.truncate(self.log(name), 0)

    def last_words(self, name: str) -> str:
        """The end of a server's log, one line of at most 200 characters."""
        try:
            with self.log(name).open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 2_000))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")

    @asynccontextmanager
    async def streams(
        self, one: Declared, ended: Callable[[], None]
    ) -> AsyncIterator[tuple[Any, Any]]:
        """The streams of a connection; leaving ends the program, and what it started. Raises
        ``OSError`` for a program that cannot be started, and what the SDK raises."""
        if one.settings.command:
            async with self._program(one, ended) as streams:
                yield streams
        else:
            async with self._address(one) as streams:
                yield streams

    @asynccontextmanager
    async def _program(
        self, one: Declared, ended: Callable[[], None]
    ) -> AsyncIterator[tuple[Any, Any]]:
        from ion_core.mcp.pipe import piped  # start-up: with the first server

        log = self._opened_log(one.name)
        try:
            command = self._command(one, log)
            if which(command.argv[0], path=command.environment["PATH"]) is None:
                raise FileNotFoundError(ENOENT, "not installed", command.argv[0])
            child = await self._launcher.start(command)
            try:
                async with piped(child, lambda line: _note(log, line), ended) as streams:
                    yield streams
            finally:
                if child.input is not None:
                    child.input.close()
                await child.stop_all()
        finally:
            os.close(log)

    def _command(self, one: Declared, log: int) -> Command:
        server = one.settings
        cwd = str(self.cwd / Path(server.cwd).expanduser()) if server.cwd else str(self.cwd)
        cache = private.folder(self._home / "cache" / "mcp" / file_name(one.name))
        writable = [str(cache), *(self._folder(path) for path in server.writable)]
        caches = {name: str(cache / part) if part else "false" for name, part in _CACHES.items()}
        environment = child_environment(self._env, cwd=cwd, more={**caches, **server.env})
        if os.path.isabs(server.command):  # its own installation may be looked at
            folder = os.path.dirname(server.command)
            environment["PATH"] = f"{folder}:{environment['PATH']}"
        named = (os.path.realpath(arg) for arg in server.args if os.path.isabs(arg))
        return Command(
            argv=(server.command, *server.args),
            cwd=cwd,
            environment=environment,
            access=Access(
                profile="write",
                root=str(self.cwd),
                writable=tuple(writable),
                readable=tuple(path for path in named if os.path.isfile(path)),
                fixed=True,
                online=server.network,
            ),
            typed=True,
            errors=log,
        )

    def _folder(self, path: str) -> str:
        return os.path.realpath(self.cwd / Path(path).expanduser())

    def _opened_log(self, name: str) -> int:
        path = self.log(name)
        private.folder(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        opened = os.open(path, flags, 0o600)
        if os.fstat(opened).st_size > LOG_BYTES:
            os.ftruncate(opened, 0)
        return opened

    @asynccontextmanager
    async def _address(self, one: Declared) -> AsyncIterator[tuple[Any, Any]]:
        import httpx2  # start-up: with the first server

        server = one.settings
        auth = self._auth(one) if self._auth is not None else None
        if server.type == "sse":
            from mcp.client.sse import sse_client

            async with sse_client(server.url, headers=dict(server.headers), auth=auth) as streams:
                yield streams
            return
        from mcp.client.streamable_http import streamable_http_client

        timeout = httpx2.Timeout(30.0, read=_read_timeout(server))
        async with (
            httpx2.AsyncClient(
                headers=dict(server.headers), auth=auth, timeout=timeout, follow_redirects=True
            ) as http,
            streamable_http_client(server.url, http_client=http) as streams,
        ):
            yield streams[0], streams[1]


def _read_timeout(server: McpServerSettings) -> float:
    """Longer than a call may take, so that the call's own limit is what is told."""
    return max(300.0, server.timeout_s + 60.0)


def _note(log: int, line: bytes) -> None:
    os.write(log, b"(not MCP) " + line[:2000] + b"\n")
