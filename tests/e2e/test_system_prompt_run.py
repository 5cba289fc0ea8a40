"""A person's own system prompt, and words behind it, reach the model as they were written."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.chat_server import ChatServer, said

pytestmark = pytest.mark.slow


async def run(home: Path, folder: Path, *words: str) -> tuple[int, str, str]:
    """``ion run`` against a server; its exit code, what it said on the side, the system prompt."""
    async with ChatServer([said("ok")]) as server:
        home.mkdir(parents=True, exist_ok=True)
        (home / "config.toml").write_text(
            f'model = "work/fake"\n[providers.work]\nprotocol = "openai-chat"\n'
            f'base_url = "{server.base_url}"\n'
        )
        command = [sys.executable, "-m", "ion_core", "run", "--trust-once", "-q", *words, "hi"]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env={**os.environ, "ION_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _, errors = await process.communicate()
        system = server.chats[0]["messages"][0]["content"] if server.chats else ""
    assert process.returncode is not None
    return process.returncode, errors.decode(), str(system)


async def test_words_are_put_behind_the_prompt(tmp_path: Path) -> None:
    code, _, system = await run(tmp_path / "home", tmp_path, "--append-system-prompt", "Be terse.")
    assert code == 0
    assert system.startswith("You are ion")
    assert system.rstrip().endswith("Be terse.")


async def test_a_file_or_one_of_the_home_stands_in_the_place_of_the_prompt(tmp_path: Path) -> None:
    (tmp_path / "mine.j2").write_text("You work in {{ cwd }}.")
    own = tmp_path / "home" / "prompts" / "system.j2"
    own.parent.mkdir(parents=True)
    own.write_text("From home, on {{ platform }}.")
    _, _, of_home = await run(tmp_path / "home", tmp_path)
    assert of_home.startswith("From home, on ")
    words = ("--system-prompt", str(tmp_path / "mine.j2"), "--append-system-prompt", "Be terse.")
    _, _, named = await run(tmp_path / "home", tmp_path, *words)
    assert named == f"You work in {tmp_path}.\n\nBe terse.\n"


async def test_what_is_no_file_or_no_template_is_said_with_its_place(tmp_path: Path) -> None:
    code, errors, _ = await run(tmp_path / "home", tmp_path, "--system-prompt", "none.j2")
    assert (code, "none.j2 is no file" in errors) == (2, True)
    (tmp_path / "bad.j2").write_text("fine\n{% if %}")
    code, errors, _ = await run(tmp_path / "home", tmp_path, "--system-prompt", "bad.j2")
    assert (code, "bad.j2:2 is no template" in errors) == (2, True)
