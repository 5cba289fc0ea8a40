"""A home on the servers of some protocols, the real ``ion run`` in it, and the task it is given:
write a script, run it, say what came out."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.chat_server import ChatServer
from tests.fakes.tongues import TONGUES, Tongue

ION = (sys.executable, "-m", "ion_core", "run", "--output-format", "stream-json", "--trust-once")
WRITES = ("write", {"path": "greet.sh", "content": "echo hello from ion > out.txt\ncat out.txt\n"})
RUNS = ("bash", {"command": "sh greet.sh"})
READS = ("read", {"path": "out.txt"})
ANSWER = "It said: hello from ion."

by_protocol = pytest.mark.parametrize("protocol", TONGUES)


@dataclass
class Run:
    """What a run printed, and how it ended."""

    code: int
    events: list[dict[str, Any]]
    result: dict[str, Any]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]


class House:
    """A home that knows the servers of some protocols, each by its name."""

    def __init__(self, tmp_path: Path, addresses: Mapping[str, str]) -> None:
        self.cwd, self.home = tmp_path / "work", tmp_path / "home"
        self.cwd.mkdir()
        self.home.mkdir()
        tables = [
            f'[providers.{name}]\nprotocol = "{name}"\nbase_url = "{url}"\napi_key = "k-{name}"\n'
            f"[providers.{name}.models.fake]\ncontext_window = 64000\n"
            for name, url in addresses.items()
        ]
        (self.home / "config.toml").write_text("\n".join(tables))

    async def run(self, protocol: str, *args: str) -> Run:
        env = {**os.environ, "ION_HOME": str(self.home), "PYTHONPATH": os.getcwd()}
        child = await asyncio.create_subprocess_exec(
            *(*ION, "-m", f"{protocol}/fake", *args),
            cwd=self.cwd,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, _ = await child.communicate()
        lines = [json.loads(line) for line in out.splitlines()]
        assert child.returncode is not None
        return Run(child.returncode, [line["event"] for line in lines[:-1]], lines[-1])

    def stored(self) -> list[tuple[Any, ...]]:
        """Every entry there is, as its row."""
        with sqlite3.connect(self.home / "sessions.db") as database:
            return database.execute("SELECT * FROM entry ORDER BY id").fetchall()


@asynccontextmanager
async def house(tmp_path: Path, *tongues: Tongue) -> AsyncIterator[tuple[House, list[ChatServer]]]:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(tongue.server([])) for tongue in tongues]
        addresses = {t.protocol: s.base_url for t, s in zip(tongues, servers, strict=True)}
        yield House(tmp_path, addresses), servers


def assert_done(at: House, run: Run, steps: int) -> None:
    """The file was written and run, and everything is counted once."""
    assert (run.code, run.result["status"], run.result["text"]) == (0, "ok", ANSWER)
    assert (at.cwd / "out.txt").read_text() == "hello from ion\n"
    assert [(e["name"], e["status"]) for e in run.of("tool_ended")] == [
        ("write", "ok"),
        ("bash", "ok"),
    ]
    assert "hello from ion" in run.of("tool_ended")[1]["content"]
    assert (run.result["turns"], run.result["tool_calls"]) == (steps, 2)
    assert len(run.of("turn_ended")) == 1
