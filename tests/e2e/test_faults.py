"""A model server that fails, and the real ``ion run`` in front of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ion_core.config.trust import trust
from tests.fakes.chat_server import Canned, ChatServer, Reply, delta, event, refused, said

ION = (sys.executable, "-m", "ion_core", "run", "--output-format", "stream-json")
READS = ("read", {"path": "a.txt"})


@dataclass
class Run:
    """What a run printed, and how it ended."""

    code: int
    events: list[dict[str, Any]]
    result: dict[str, Any]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]


class House:
    """A home and a folder, on a server that says what the test wrote."""

    def __init__(self, tmp_path: Path, server: ChatServer) -> None:
        self.cwd, self.server = tmp_path / "ws", server
        self.cwd.mkdir()
        (self.cwd / "a.txt").write_text("one\n")
        home = tmp_path / "home"
        home.mkdir()
        (home / "config.toml").write_text(
            f'model = "fake/fake"\n[providers.fake]\nprotocol = "openai-chat"\n'
            f'base_url = "{server.base_url}"\nidle_timeout_s = 30\n'
            "[providers.fake.models.fake]\ncontext_window = 32000\n"
        )
        trust(self.cwd, home)
        self.env = {**os.environ, "ION_HOME": str(home), "PYTHONPATH": os.getcwd()}

    async def start(self, *args: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *ION,
            *args,
            cwd=self.cwd,
            env=self.env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )

    async def run(self, *args: str) -> Run:
        return await ended(await self.start(*args))

    async def goes_on(self) -> None:
        """The next prompt is answered, and its request is one that every server accepts."""
        self.server.say([said("Fine.")])
        run = await self.run("-c", "go on")
        assert (run.code, run.result["text"]) == (0, "Fine.")
        assert_legal(self.server.chats[-1]["messages"])


async def ended(child: asyncio.subprocess.Process, first: bytes = b"") -> Run:
    async with asyncio.timeout(60):
        out, _ = await child.communicate()
    lines = [json.loads(line) for line in (first + out).splitlines()]
    assert child.returncode is not None
    return Run(child.returncode, [line["event"] for line in lines[:-1]], lines[-1])


def assert_legal(messages: Sequence[dict[str, Any]]) -> None:
    """Each call has one result, in order, directly after it; nothing is empty."""
    for index, message in enumerate(messages):
        calls = [call["id"] for call in message.get("tool_calls", ())]
        after = messages[index + 1 : index + 1 + len(calls)]
        assert [each.get("tool_call_id") for each in after] == calls
        assert calls or message["content"]
    assert [m["role"] for m in messages].count("tool") == sum(
        len(m.get("tool_calls", ())) for m in messages
    )


def cut(answer: Canned, pieces: int) -> Canned:
    """The answer, with the connection lost after so many of its pieces."""
    return Canned(pieces=answer.pieces[:pieces], cut=True)


async def test_a_busy_server_is_asked_again_after_a_countdown(tmp_path: Path) -> None:
    replies: list[Reply] = [refused(429, "Slow down.", retry_after="0.1"), said("Here I am.")]
    async with ChatServer(replies) as server:
        at = House(tmp_path, server)
        run = await at.run("hi")
        assert (run.code, run.result["text"]) == (0, "Here I am.")
        assert [each["attempt"] for each in run.of("step_retrying")] == [2, 2]
        assert run.result["turns"] == 1
        await at.goes_on()


async def test_an_answer_cut_within_a_call_is_discarded_and_its_call_not_run(
    tmp_path: Path,
) -> None:
    halves = [
        delta(content="Writing."),
        delta(tool_calls=[{"index": 0, "id": "c1", "function": {"name": "write"}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": '{"path": "b.txt", "cont'}}]),
    ]
    replies: list[Reply] = [Canned(pieces=halves, cut=True), said(calls=[READS]), said("Done.")]
    async with ChatServer(replies) as server:
        at = House(tmp_path, server)
        run = await at.run("write b.txt")
        assert run.code == 0
        assert [each["name"] for each in run.of("tool_started")] == ["read"]
        assert not (at.cwd / "b.txt").exists()
        assert all("Writing." not in str(m) for m in server.chats[-1]["messages"])
        await at.goes_on()


async def test_a_server_that_always_breaks_leaves_what_was_said_and_code_75(
    tmp_path: Path,
) -> None:
    async with ChatServer([cut(said("One two three."), 2)]) as server:
        at = House(tmp_path, server)
        run = await at.run("hi")
        assert (run.code, run.result["status"]) == (75, "error")
        assert run.result["error"]["kind"] == "stream_broken"
        assert run.result["text"] == "One two "
        assert len(run.of("turn_ended")) == 1
        await at.goes_on()


async def test_calls_that_make_no_sense_are_answered_and_the_turn_goes_on(tmp_path: Path) -> None:
    wishes = [
        {"index": 0, "id": "x", "function": {"name": "frobnicate", "arguments": "{}"}},
        {"index": 1, "id": "x", "function": {"name": "read", "arguments": '{"path": "a.t'}},
        {"index": 2, "id": "", "function": {"name": "read", "arguments": '{"path": 5}'}},
        {"index": 3, "id": "y", "function": {"name": "bash", "arguments": "[" * 20_000}},
        {"index": 4, "id": "x", "function": {"name": "read", "arguments": '{"path": "a.txt"}'}},
    ]
    odd = Canned(
        pieces=[
            *(delta(tool_calls=[wish]) for wish in wishes),
            event(choices=[{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]),
            b"data: [DONE]\n\n",
        ]
    )
    async with ChatServer([odd, said("Done.")]) as server:
        at = House(tmp_path, server)
        run = await at.run("go")
        assert (run.code, run.result["text"]) == (0, "Done.")
        assert sorted(each["status"] for each in run.of("tool_ended")) == ["error"] * 4 + ["ok"]
        assert_legal(server.chats[-1]["messages"])
        await at.goes_on()


async def test_interrupts_end_a_silent_answer_at_once_and_lose_nothing(tmp_path: Path) -> None:
    hangs = Canned(pieces=[delta(content="Let me"), b": wait\n\n"], gate=asyncio.Event())
    async with ChatServer([hangs]) as server:
        at = House(tmp_path, server)
        child = await at.start("hi")
        assert child.stdout is not None
        seen = b""
        while b"Let me" not in seen:
            seen += await child.stdout.readline()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            child.send_signal(number)
        run = await ended(child, seen)
        assert (run.code, run.result["status"]) == (130, "interrupted")
        assert len(run.of("turn_ended")) == 1
        assert run.result["text"] == "Let me"
        await at.goes_on()


async def test_a_web_page_in_place_of_an_answer_is_named(tmp_path: Path) -> None:
    page = Canned(pieces=[b"<html><body>Sign in</body></html>"])
    async with ChatServer([page, page, refused(401, "Bad key")]) as server:
        at = House(tmp_path, server)
        run = await at.run("hi")
        assert run.code == 1
        reasons = {each["reason"] for each in run.of("step_retrying")}
        assert all("web page" in reason for reason in reasons)
        assert "Check the key" in run.result["error"]["message"]
