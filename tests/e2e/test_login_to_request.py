"""From where a key is kept to the header of a real run's request."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.e2e.ion_run import Run, ion_run
from tests.fakes.chat_server import ChatServer, refused, said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    return place


async def run(folder: Path, home: Path, server: ChatServer, settings: str = "") -> Run:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(
        f'model = "groq/fake"\n[providers.groq]\nbase_url = "{server.base_url}"\n{settings}'
    )
    return await asyncio.to_thread(ion_run, "Hello", folder, env=os.environ)


def keys(server: ChatServer) -> list[str]:
    return [asked.headers["authorization"] for asked in server.requests if asked.method == "POST"]


async def test_a_pasted_key_is_what_the_server_sees(folder, ion_home):
    async with ChatServer([said("Hi.")]) as server:
        before = await run(folder, ion_home, server)
        assert "ion login groq" in before.error
        login = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ion_core", "login", "groq"),
            stdin=asyncio.subprocess.PIPE,
            cwd=folder,
        )
        await login.communicate(b"gsk_pasted99\n")
        after = await run(folder, ion_home, server)
        assert (after.code, after.answer) == (0, "Hi.")
        assert keys(server) == ["Bearer gsk_pasted99"]


async def test_a_command_is_run_again_when_its_token_has_ended(folder, ion_home):
    async with ChatServer([refused(401, "expired"), said("Hi.")]) as server:
        count = folder / "count"
        command = f"echo x >> {count}; echo token-$(grep -c x {count})"
        done = await run(folder, ion_home, server, f"api_key = '$({command})'")
        assert (done.code, done.answer) == (0, "Hi.")
        assert keys(server) == ["Bearer token-1", "Bearer token-2"]
