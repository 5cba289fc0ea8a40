"""The client that the conformance suite of the protocol starts: ion's own connections.

``npx @modelcontextprotocol/conformance client --command "python -m tests.e2e.mcp_conformance"``
gives the address of its server as the last word, and the scenario by ``MCP_CONFORMANCE_SCENARIO``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import httpx

from ion_core.asking import Answer, Question
from ion_core.config.extension_schema import McpServerSettings
from ion_core.ids import CallId
from ion_core.mcp.answering import Answering
from ion_core.mcp.auth import login
from ion_core.mcp.declared import Declared
from ion_core.mcp.pins import Pins
from ion_core.mcp.reach import Reach
from ion_core.mcp.server import Server
from ion_core.mcp.servers import Servers
from ion_core.tools.base import ToolContext
from ion_core.tools.guests import Foreign
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.paths import Workspace


class Client:
    """Connects as ion does, with nobody but this script in front of it."""

    def __init__(self, url: str, folder: Path) -> None:
        said = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
        self._env = {**os.environ, "SECRET": said.get("client_secret", "")}
        settings = McpServerSettings(
            url=url,
            client_id=said.get("client_id", ""),
            client_secret_env="SECRET" if said.get("client_secret") else "",
        )
        self.declared = Declared(name="suite", settings=settings, source="suite")
        self._folder, self._launcher = folder, ThreadLauncher()

    def servers(self, auth: object = None) -> Servers:
        def make(one: Declared, changed: object) -> Server:
            reach = Reach(
                self._launcher,
                self._folder,
                self._folder,
                self._env,
                (lambda declared: auth) if auth is not None else None,
            )
            answering = Answering(one.name, [self._folder], print, interactive=True)
            spawn = asyncio.get_running_loop().create_task
            return Server(one, reach, answering, Pins(self._folder), spawn, changed)  # type: ignore[arg-type]

        return Servers([self.declared], make)

    async def talk(self, auth: object = None) -> None:
        """Connect, list the tools and call each once."""
        servers = self.servers(auth)
        try:
            await servers.settled(30)
            server = servers.find("suite")
            if server.state != "connected":
                raise SystemExit(f"not connected: {server.problem}")
            for guest in servers.known().values():
                await guest.run(Foreign(arguments=_example(guest.schema)), self._context())
        finally:
            await servers.aclose()

    def _context(self) -> ToolContext:
        async def progress(text: str) -> None:
            print(text, file=sys.stderr)

        async def ask(questions: list[Question]) -> tuple[Answer, ...]:
            return tuple(Answer() for _ in questions)

        return ToolContext(
            call=CallId("c1"),
            workspace=Workspace(root=self._folder),
            progress=progress,
            spill=self._folder / "spill",
            ask=ask,  # type: ignore[arg-type]
        )

    async def log_in(self) -> None:
        """With this process as the browser."""

        async def visit(url: str) -> None:
            async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
                await browser.get(url)

        await login(self.declared, self._folder, self._env, visit, self.talk)


def _example(schema: dict[str, object]) -> dict[str, object]:
    kinds: dict[str, object] = {"number": 2, "integer": 2, "string": "a", "boolean": True}
    fields = schema.get("properties")
    named = fields.items() if isinstance(fields, dict) else ()
    return {name: kinds.get(str(field.get("type"))) for name, field in named}


async def main() -> None:
    url, scenario = sys.argv[-1], os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
    with tempfile.TemporaryDirectory() as folder:
        client = Client(url, Path(folder))
        await (client.log_in() if scenario.startswith("auth/") else client.talk())


if __name__ == "__main__":
    asyncio.run(main())
