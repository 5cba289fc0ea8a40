"""``kill -9`` while a model answers: what had arrived is kept as interrupted, and waits no more."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

from ion_core.context.projector import project
from ion_core.entries import SystemEvent
from ion_core.messages import Message
from ion_core.providers.base import ModelInfo
from ion_core.runtime import Runtime
from tests.fakes.scripted_home import ION, scripted_home

WORDS = " ".join(f"word{number}" for number in range(2_000))


def killed_after(env: dict[str, str], cwd: Path, characters: int) -> str:
    """Run a prompt and kill it when so much text was shown; that text."""
    child = subprocess.Popen(
        [*ION, "run", "--output-format", "stream-json", "count"],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    shown = ""
    while len(shown) < characters:
        event = json.loads(child.stdout.readline())["event"]
        if event["kind"] == "delta" and event["channel"] == "text":
            shown += event["text"]
    child.kill()
    child.communicate()
    return shown


async def reopened(env: dict[str, str], cwd: Path) -> list[Message | SystemEvent]:
    async with Runtime(cwd, env=env) as runtime:
        session = await runtime.open_latest()
        bodies = [entry.body for entry in session.view.entries]
    return [body for body in bodies if isinstance(body, Message | SystemEvent)]


def test_text_that_was_streamed_is_kept_as_interrupted(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": WORDS, "delay_s": 0.01}])
    (tmp_path / "ws").mkdir()
    shown = killed_after(env, tmp_path / "ws", 4_000)
    asked, answer, recovered = asyncio.run(reopened(env, tmp_path / "ws"))
    assert isinstance(answer, Message)
    assert isinstance(recovered, SystemEvent)
    assert answer.stop == "interrupted"
    assert answer.origin is not None
    assert WORDS.startswith(answer.text)
    assert len(answer.text) >= len(shown) - 2_500
    again = asyncio.run(reopened(env, tmp_path / "ws"))
    assert again == [asked, answer, recovered]


def test_a_kept_answer_is_not_told_to_a_model_as_if_it_were_whole(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": WORDS, "delay_s": 0.01}])
    (tmp_path / "ws").mkdir()
    killed_after(env, tmp_path / "ws", 3_000)

    async def projected() -> tuple[Message, ...]:
        async with Runtime(tmp_path / "ws", env=env) as runtime:
            session = await runtime.open_latest()
            model = ModelInfo(provider="p", id="m")
            entries = session.view.entries
            return tuple(project(entries, system="", tools=(), model=model).messages)

    last = asyncio.run(projected())[-1]
    assert last.role == "assistant"
    assert last.text.startswith("word0 word1 ")
    assert not WORDS.startswith(last.text)


def test_a_message_that_waits_survives_kill_minus_nine(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "Soon.", "delay_s": 30}, {"text": "Later."}])
    (tmp_path / "ws").mkdir()
    program = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from ion_core.runtime import Runtime\n"
        "async def main():\n"
        "    async with Runtime(Path.cwd()) as runtime:\n"
        "        session = await runtime.open()\n"
        "        await session.submit('now')\n"
        "        await session.follow_up('and then this')\n"
        "        os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [ION[0], "-c", program], cwd=tmp_path / "ws", env=env, check=False, timeout=60
    )
    assert done.returncode == -9

    async def waiting() -> list[str]:
        async with Runtime(tmp_path / "ws", env=env) as runtime:
            session = await runtime.open_latest()
            return [item.text for item in session.view.queue]

    assert asyncio.run(waiting()) == ["and then this"]
