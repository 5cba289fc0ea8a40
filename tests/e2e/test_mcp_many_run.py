"""Ten servers with 300 tools: what they cost the requests of a run, and that the right one is
found."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ion_core.context.counter import Counter
from tests.fakes.chat_server import ChatServer, said

pytestmark = pytest.mark.slow

MANY = Path(__file__).parents[1] / "fakes" / "mcp" / "many.py"
SERVERS, MOST = 10, 600
"""MCP servers of 30 tools, and the tokens that they may add to a first request."""


async def asked(folder: Path, servers: int) -> list[Any]:
    """The requests of a run that looks for a tool, calls it and ends."""
    home, project = folder / f"home{servers}", folder / "project"
    home.mkdir()
    project.mkdir(exist_ok=True)
    searching = [("tool_search", {"query": "archive a shipment in shop 7", "limit": 3})]
    calling = [("mcp__shop-7__archive_shipment", {"id": "s1"})]
    replies = [said(calls=searching), said(calls=calling), said("Done.")]
    async with ChatServer(replies if servers else replies[2:]) as server:
        tables = [
            f'[mcp_servers.shop-{n}]\ncommand = "{sys.executable}"\nargs = ["{MANY}", "{n}"]\n'
            for n in range(servers)
        ]
        (home / "config.toml").write_text(
            'model = "work/fake"\n[providers.work]\nprotocol = "openai-chat"\n'
            f'base_url = "{server.base_url}"\n' + "".join(tables)
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ion_core", "run", "--trust-once", "-q", "go"),
            cwd=project,
            env={**os.environ, "ION_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        return server.chats


async def test_ten_servers_with_300_tools(tmp_path: Path) -> None:
    [plain] = await asked(tmp_path, 0)
    first, second, third = await asked(tmp_path, SERVERS)
    counter = Counter(tmp_path)
    sizes = [await counter.count(json.dumps(one), patience_s=60) for one in (plain, first)]
    await counter.aclose()
    assert None not in sizes
    assert 0 < sizes[1] - sizes[0] <= MOST
    names = [tool["function"]["name"] for tool in first["tools"]]
    found = [tool["function"]["name"] for tool in second["tools"]]
    assert found[: len(names)] == names  # append-only
    assert "mcp__shop-7__archive_shipment" in found[len(names) :]
    assert len(found) == len(names) + 3
    assert third["tools"] == second["tools"]
    assert third["messages"][-1]["content"] == "done in shop 7"
