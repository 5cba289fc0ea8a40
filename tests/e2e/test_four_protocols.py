"""Each protocol does a whole task through the real ``ion run``, with everything going wrong once.

The servers are ours; the same tasks are done against the shared model server where it is at hand.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.fakes.chat_server import ChatServer
from tests.fakes.rules import CONVERSATION, assert_obeys
from tests.fakes.tongues import TONGUES, Tongue

MOCK = Path(__file__).parents[3] / "shared" / "tools" / "mockllm"
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


def assert_legal(protocol: str, server: ChatServer) -> None:
    assert server.chats
    for body in server.chats:
        assert_obeys(protocol, body)


@by_protocol
async def test_a_file_is_written_and_run_and_the_answer_is_right(
    protocol: str, tmp_path: Path
) -> None:
    tongue = TONGUES[protocol]
    replies = [
        tongue.said("First the script.", thoughts="A script will do.", calls=[WRITES]),
        tongue.said(calls=[RUNS]),
        tongue.said(ANSWER),
    ]
    async with house(tmp_path, tongue) as (at, [server]):
        server.say(replies)
        run = await at.run(protocol, "greet me")
        assert_done(at, run, steps=3)
        assert_legal(protocol, server)
        counted = {"input": 300, "output": 30, "cache_read": 0, "cache_write": 0}
        assert run.result["usage"] == run.result["usage"] | counted
        assert "A script will do." in "".join(e["text"] for e in run.of("delta"))


@by_protocol
async def test_calls_that_are_made_together_are_answered_together(
    protocol: str, tmp_path: Path
) -> None:
    tongue = TONGUES[protocol]
    async with house(tmp_path, tongue) as (at, [server]):
        server.say([tongue.said(calls=[WRITES, RUNS]), tongue.said(ANSWER)])
        assert_done(at, await at.run(protocol, "greet me"), steps=2)
        assert_legal(protocol, server)


@by_protocol
async def test_every_fault_on_the_way_is_survived_and_nothing_is_done_twice(
    protocol: str, tmp_path: Path
) -> None:
    tongue = TONGUES[protocol]
    first = tongue.said("First the script.", thoughts="A script will do.", calls=[WRITES])
    second, last = tongue.said("And now run it.", calls=[RUNS]), tongue.said(ANSWER)
    replies = [
        *(tongue.busy(), first),
        *(tongue.failing(second), tongue.cut(second, 4), second),
        *(tongue.truncated(last), last),
    ]
    async with house(tmp_path, tongue) as (at, [server]):
        server.say(replies)
        run = await at.run(protocol, "greet me")
        assert_done(at, run, steps=3)
        assert_legal(protocol, server)
        assert len(server.chats) == len(replies)
        assert run.result["usage"]["input"] == 300
        assert all("And now run it.And" not in json.dumps(body) for body in server.chats)


@by_protocol
async def test_a_call_of_a_broken_answer_is_never_run(protocol: str, tmp_path: Path) -> None:
    tongue = TONGUES[protocol]
    for number, breaks in enumerate((tongue.failing, tongue.truncated)):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with house(folder, tongue) as (at, [server]):
            server.say([breaks(tongue.said("Now.", calls=[WRITES])), tongue.said("Done.")])
            run = await at.run(protocol, "greet me")
            assert (run.code, run.result["text"]) == (0, "Done.")
            assert not run.of("tool_started")
            assert not (at.cwd / "greet.sh").exists()
            assert_legal(protocol, server)


@pytest.mark.parametrize(("before", "after"), permutations(TONGUES, 2))
async def test_a_session_goes_on_with_another_provider_and_comes_back(
    before: str, after: str, tmp_path: Path
) -> None:
    """What was said reaches the other one, its thoughts and signatures do not; the first one is
    then sent its own again, and nothing that is stored was rewritten."""
    one, other = TONGUES[before], TONGUES[after]
    async with house(tmp_path, one, other) as (at, [first, second]):
        task = one.said("First the script.", thoughts="My own thought.", calls=[WRITES, RUNS])
        first.say([task, one.said(ANSWER)])
        assert_done(at, await at.run(before, "greet me"), steps=2)
        kept = at.stored()

        second.say([other.said("Let me look.", calls=[READS]), other.said("It is there.")])
        run = await at.run(after, "-c", "look again")
        assert (run.code, run.result["text"]) == (0, "It is there.")
        assert_legal(after, second)
        assert_converted(second.chats[0][CONVERSATION[after]])
        assert at.stored()[: len(kept)] == kept

        again = at.stored()
        first.say([one.said("Fine.")])
        run = await at.run(before, "-c", "thanks")
        assert (run.code, run.result["text"]) == (0, "Fine.")
        assert_legal(before, first)
        assert at.stored()[: len(again)] == again
        own, whole = (first.chats[at_][CONVERSATION[before]] for at_ in (1, 2))
        assert bare(whole)[: len(own)] == bare(own)


def assert_converted(conversation: Sequence[Any]) -> None:
    text = json.dumps(conversation)
    for said in ("greet me", "First the script.", "greet.sh", "hello from ion", "look again"):
        assert said in text
    for foreign in ("My own thought.", "c2lnbg==", "c2VhbGVk"):
        assert foreign not in text


def bare(value: Any) -> Any:
    """Without the marks of caching, which move on."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k != "cache_control"}
    return [bare(each) for each in value] if isinstance(value, list) else value


class Mock:
    """The shared model server, as a process of its own."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"

    def address(self, protocol: str) -> str:
        path = {"anthropic-messages": "", "google-generate": "/v1beta"}.get(protocol, "/v1")
        return f"{self._root}{path}"

    def load(self, turns: Sequence[Mapping[str, Any]]) -> None:
        self._asked("/_mock/load", json.dumps({"script": {"turns": turns}}).encode())

    def bodies(self) -> list[dict[str, Any]]:
        """The requests that were a part of the task."""
        return [each["body"] for each in self._asked("/_mock/records") if each["kind"] == "main"]

    def _asked(self, path: str, body: bytes | None = None) -> Any:
        headers = {"content-type": "application/json"}
        with urlopen(Request(self._root + path, body, headers), timeout=10) as answer:
            return json.loads(answer.read())


@asynccontextmanager
async def mock(tmp_path: Path) -> AsyncIterator[Mock]:
    if not MOCK.is_dir():
        pytest.skip("the shared model server is absent")
    (tmp_path / "script.json").write_text('{"turns": [{"text": "x"}]}')
    port = await free_port()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mockllm", "--port", str(port)),
        *("--script", str(tmp_path / "script.json"), "--record", str(tmp_path / "asked.jsonl")),
        cwd=MOCK,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await listening(port)
        yield Mock(port)
    finally:
        child.kill()
        await child.wait()


async def free_port() -> int:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        return port


async def listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def faulty(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "after": 2, **more}


@by_protocol
async def test_the_shared_server_is_done_a_task_for_with_faults(
    protocol: str, tmp_path: Path
) -> None:
    usage = {"input": 100, "output": 10, "cache_read": 40}
    faults = [faulty("rate_limit", retry_after=0.05), faulty("stream_error"), faulty("malformed")]
    turns = [
        {"tools": [{"name": WRITES[0], "args": WRITES[1]}], "thinking": "A script will do."},
        {"tools": [{"name": RUNS[0], "args": RUNS[1]}], "text": "And now run it.", "chunk": 4},
        {"text": ANSWER, "chunk": 5},
    ]
    ways = ([faults[0], faulty("disconnect")], [faults[1]], [faulty("truncate"), faults[2]])
    async with mock(tmp_path) as server:
        server.load(
            [turn | {"usage": usage, "faults": way} for turn, way in zip(turns, ways, strict=True)]
        )
        at = House(tmp_path, {protocol: server.address(protocol)})
        run = await at.run(protocol, "greet me")
        assert_done(at, run, steps=3)
        told = run.result["usage"]
        assert (told["input"], told["output"], told["cache_read"]) == (300, 30, 120)
        for body in server.bodies():
            assert_obeys(protocol, body)
