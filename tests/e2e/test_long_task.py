"""Hundreds of steps in a window for a few dozen come to their end, and nothing that was asked for
is forgotten on the way.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from ion_core.config.trust import trust
from tests.e2e.long_task import CONSTRAINTS, NOTED, PROMPT, STEPS, LongTask, make_log
from tests.e2e.test_tmux_conversation import ION, home, pytestmark, terminal
from tests.fakes.chat_server import ChatServer

__all__ = ["pytestmark"]
EVERY = os.environ.get("ALL_TESTS") == "1"
"""All the steps; the ordinary run has some of them."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    make_log(made)
    (made / "notes.md").write_text("a\n")
    return made


def windowed(path: Path, server: ChatServer) -> dict[str, str]:
    """A home whose only model has the small window."""
    env = home(path, server)
    with (path / "config.toml").open("a") as file:
        file.write("[providers.work.models.fake]\ncontext_window = 32000\nmax_output = 4000\n")
    return env


def check(task: LongTask) -> None:
    """Every constraint, the decision and the changed file are in the last request."""
    last = json.dumps(task.requests[-1]["messages"], ensure_ascii=False)
    missing = [each for each in (*CONSTRAINTS, NOTED, "notes.md") if each not in last]
    assert missing == []
    assert task.done == task.steps + 1
    assert task.summaries >= task.steps // 50
    assert task.refusals <= 1


async def test_headless_it_comes_to_its_end(tmp_path: Path, ion_home: Path, folder: Path) -> None:
    task = LongTask(STEPS if EVERY else 150)
    async with ChatServer([task]) as server:
        env = windowed(ion_home, server)
        trust(folder, ion_home, below=True)
        process = await asyncio.create_subprocess_exec(
            str(ION),
            *("run", "--output-format", "json", PROMPT),
            cwd=folder,
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await asyncio.wait_for(process.communicate(), 150)
        assert process.returncode == 0, errors.decode()
        result = json.loads(out)
    assert result["text"] == "All of it was read. Done."
    assert result["turns"] == task.done
    assert result["usage"]["output"] == 40 * task.done + 60 * task.summaries
    check(task)


async def test_in_the_app_it_comes_to_its_end(tmp_path: Path, ion_home: Path, folder: Path) -> None:
    task = LongTask(STEPS if EVERY else 100)
    async with ChatServer([task]) as server, terminal() as tty:
        await tty.start((200, 50), folder, windowed(ion_home, server))
        await tty.shows("work/fake")
        for line in PROMPT.splitlines():
            await tty.type(line)
            await tty.press("C-j")
        await tty.press("Enter")
        tty.patience_s = 150.0
        await tty.shows("All of it was read. Done.")
        assert "┃" in await tty.screen()
        check(task)
        await tty.press("C-c")
        await tty.shows("again to leave")
        await tty.press("C-c")
        await tty.shows("LEFT 0")
