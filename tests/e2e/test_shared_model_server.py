"""The same task against the shared model server, a process of its own that fails when it is told
to. Skipped where it is absent; ``test_four_protocols`` needs nothing but this repository."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.e2e.protocol_house import ANSWER, RUNS, WRITES, House, assert_done, by_protocol
from tests.fakes.rules import assert_obeys

pytestmark = pytest.mark.skipif(
    os.environ.get("ALL_TESTS") != "1", reason="make test-e2e plays the four protocols here too"
)
MOCK = Path(__file__).parents[3] / "shared" / "tools" / "mockllm"


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
    """One below those that the kernel gives to whoever asks for any, as other tests do."""
    while True:
        port = 20_000 + int.from_bytes(os.urandom(2)) % 10_000
        try:
            async with await asyncio.start_server(lambda *_: None, "127.0.0.1", port):
                return port
        except OSError:
            continue


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


@by_protocol
async def test_what_no_waiting_cures_ends_the_run_with_its_name(
    protocol: str, tmp_path: Path
) -> None:
    ends = {"auth": "unauthorised", "context_length": "context_overflow"}
    async with mock(tmp_path) as server:
        at = House(tmp_path, {protocol: server.address(protocol)})
        for fault, kind in ends.items():
            server.load([{"text": "Never said.", "faults": [{"kind": fault}] * 9}])
            run = await at.run(protocol, "greet me")
            assert (run.code, run.result["status"]) == (1, "error")
            assert run.result["error"]["kind"] == kind
            assert not run.of("step_retrying")
            assert f"k-{protocol}" not in json.dumps([run.events, run.result])
