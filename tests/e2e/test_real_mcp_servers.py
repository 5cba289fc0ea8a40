"""The MCP servers that people use, as they are published: ``make test-e2e``.

They are fetched by npx, so that these tests belong to no ordinary run; those in Python are
installed with the tests. Each runs in ion's sandbox where there is one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ion_core.config.load import load
from ion_core.confined import ConfinedLauncher
from ion_core.extensions import Extensions
from ion_core.ids import CallId
from ion_core.mcp.servers import Servers
from ion_core.messages import Image
from ion_core.tools.base import Outcome, ToolContext
from ion_core.tools.guests import Foreign
from ion_core.tools.paths import Workspace
from ion_core.tools.ranking import ranked
from tests.e2e.tool_queries import EVERYTHING, PLAYWRIGHT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("ALL_TESTS" not in os.environ, reason="make test-e2e fetches real servers"),
]
npm = pytest.mark.skipif(shutil.which("npx") is None, reason="npm is not installed")

NPX = {
    "everything": ("@modelcontextprotocol/server-everything",),
    "playwright": ("@playwright/mcp@latest",),
    "filesystem": ("@modelcontextprotocol/server-filesystem", "."),
}


@asynccontextmanager
async def serving(folder: Path, servers: Mapping[str, tuple[str, ...]]) -> AsyncIterator[Servers]:
    """Servers by their commands, connected, in a project."""
    home, project = folder / "home", folder / "project"
    home.mkdir()
    project.mkdir(exist_ok=True)
    tables = (
        f'[mcp_servers.{name}]\ncommand = "{command}"\nargs = {list(args)!r}\nwritable = ["."]\n'
        for name, (command, *args) in servers.items()
    )
    (home / "config.toml").write_text("\n".join(tables))
    loaded = load(project, home=home, env={}, trusted=True)
    launcher = ConfinedLauncher(loaded.settings.sandbox, home, os.environ)
    extensions = Extensions(lambda: loaded, launcher, home, project, os.environ, interactive=True)
    assert extensions.servers is not None
    try:
        assert await extensions.servers.settled(120) == ()
        problems = [f"{s.name}: {s.problem}" for s in extensions.servers if s.state != "connected"]
        assert problems == []
        yield extensions.servers
    finally:
        await extensions.aclose()
        launcher.close()


def by_npx(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: ("npx", "-y", *NPX[name]) for name in names}


def context(folder: Path, shown: list[str]) -> ToolContext:
    async def progress(text: str) -> None:
        shown.append(text)

    return ToolContext(
        call=CallId("c1"),
        workspace=Workspace(root=folder / "project"),
        progress=progress,
        spill=folder / "spill.txt",
        picture=lambda data: Image(media_type="image/png", sha256=str(len(data))),
    )


async def called(
    servers: Servers, name: str, folder: Path, shown: list[str] | None = None, **arguments: object
) -> Outcome:
    ctx = context(folder, [] if shown is None else shown)
    return await servers.known()[name].run(Foreign(arguments=arguments), ctx)


@npm
async def test_everything_answers_shows_progress_and_pictures(tmp_path: Path) -> None:
    async with serving(tmp_path, by_npx("everything")) as servers:
        shown: list[str] = []
        added = await called(servers, "mcp__everything__get-sum", tmp_path, a=3, b=4)
        picture = await called(servers, "mcp__everything__get-tiny-image", tmp_path)
        await called(
            servers,
            "mcp__everything__trigger-long-running-operation",
            tmp_path,
            shown,
            duration=1,
            steps=2,
        )
        wrong = await called(servers, "mcp__everything__get-sum", tmp_path, a="x")
        prompt = await servers.find("everything").prompt("simple-prompt", {})
    assert "7" in added.content
    assert len(picture.images) == 1
    assert len(shown) == 2
    assert wrong.status == "error"
    assert prompt


@npm
async def test_filesystem_writes_where_it_may_and_nowhere_else(tmp_path: Path) -> None:
    async with serving(tmp_path, by_npx("filesystem")) as servers:
        project = tmp_path / "project"
        name = "mcp__filesystem__write_file"
        inside = await called(servers, name, tmp_path, path=str(project / "a.txt"), content="hi")
        outside = await called(servers, name, tmp_path, path=str(tmp_path / "b.txt"), content="no")
    assert inside.status == "ok"
    assert (project / "a.txt").read_text() == "hi"
    assert outside.status == "error", outside.content
    assert not (tmp_path / "b.txt").exists()


async def test_time_says_what_time_it_is(tmp_path: Path) -> None:
    pytest.importorskip("mcp_server_time")
    command = {"time": (sys.executable, "-m", "mcp_server_time")}
    async with serving(tmp_path, command) as servers:
        said = await called(servers, "mcp__time__get_current_time", tmp_path, timezone="Etc/UTC")
    assert "UTC" in said.content


async def test_git_tells_of_a_repository(tmp_path: Path) -> None:
    pytest.importorskip("mcp_server_git")
    project = tmp_path / "project"
    project.mkdir()
    init = ["git", "init", "-q", str(project)]
    await asyncio.to_thread(subprocess.run, init, check=True)
    (project / "new.txt").write_text("x")
    async with serving(tmp_path, {"git": (sys.executable, "-m", "mcp_server_git")}) as servers:
        said = await called(servers, "mcp__git__git_status", tmp_path, repo_path=str(project))
    assert "new.txt" in said.content


@npm
async def test_plain_words_find_the_right_tool_among_the_first_five(tmp_path: Path) -> None:
    async with serving(tmp_path, by_npx("everything", "playwright")) as servers:
        tools = list(servers.known().values())
    wanted = {q: f"mcp__everything__{name}" for q, name in EVERYTHING.items()}
    wanted |= {q: f"mcp__playwright__{name}" for q, name in PLAYWRIGHT.items()}
    missed = {
        query: name
        for query, name in wanted.items()
        if name not in [tool.name for tool in ranked(tools, query)[:5]]
    }
    assert len(wanted) == 60
    assert len(missed) <= 3, missed
