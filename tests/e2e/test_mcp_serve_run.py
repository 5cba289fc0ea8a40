"""``ion mcp serve``: another program has tasks done, over the official client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home

WRITE = {"calls": [{"name": "write", "arguments": {"path": "made.txt", "content": "made\n"}}]}


@asynccontextmanager
async def served(tmp_path: Path, steps: Sequence[dict[str, Any]], *args: str) -> AsyncIterator[Any]:
    from mcp import Client, StdioServerParameters

    (tmp_path / "ws").mkdir(exist_ok=True)
    env = scripted_home(tmp_path / "home", steps)
    command = [*ION, "mcp", "serve", "--trust-once", *args]
    how = StdioServerParameters(command=command[0], args=command[1:], env=env, cwd=tmp_path / "ws")
    async with Client(how, read_timeout_seconds=60) as client:
        yield client


def told(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    found: dict[str, Any] = json.loads(result.content[0].text)
    return found


async def test_a_task_and_what_follows_in_the_same_session(tmp_path: Path) -> None:
    heard: list[str] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    steps = [WRITE, {"text": "Made it."}, {"text": "You are welcome."}]
    async with served(tmp_path, steps, "--mode", "write", "--sandbox", "off") as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        assert listed == {"ask_ion", "search_sessions"}
        first = told(
            await client.call_tool(
                "ask_ion", {"prompt": "make the file"}, progress_callback=progress
            )
        )
        assert (first["status"], first["text"]) == ("ok", "Made it.")
        assert (first["tool_calls"], first["waiting"]) == (1, [])
        assert (tmp_path / "ws/made.txt").read_text() == "made\n"
        assert heard == ["write made.txt"]
        again = {"prompt": "thanks", "session": first["session"]}
        second = told(await client.call_tool("ask_ion", again))
        assert second["text"] == "You are welcome."
        assert second["session"] == first["session"]
        found = await client.call_tool("search_sessions", {"query": "make the file"})
        assert first["session"] in found.content[0].text


async def test_no_session_may_more_than_the_person_allowed(tmp_path: Path) -> None:
    steps = [WRITE, {"text": "No."}]
    async with served(tmp_path, steps, "--mode", "read") as client:
        asked = {"prompt": "make the file", "mode": "write"}
        assert told(await client.call_tool("ask_ion", asked))["text"] == "No."
        assert not (tmp_path / "ws/made.txt").exists()


async def test_nobody_there_may_allow_what_the_mode_does_not(tmp_path: Path) -> None:
    touch = {"calls": [{"name": "bash", "arguments": {"command": "touch made.txt"}}]}
    async with served(tmp_path, [touch, {"text": "Done."}], "--mode", "read") as client:
        asked = told(await client.call_tool("ask_ion", {"prompt": "touch it"}))
        [waiting] = asked["waiting"]
        allow = {"session": asked["session"], "approve": [waiting["call"]]}
        refused = await client.call_tool("ask_ion", allow)
        assert "nobody here may allow" in refused.content[0].text
        assert not (tmp_path / "ws/made.txt").exists()


async def test_what_would_be_asked_about_waits_for_an_approval(tmp_path: Path) -> None:
    call = {"calls": [{"name": "bash", "arguments": {"command": "touch made.txt"}}]}
    steps = [call, {"text": "Done."}]
    (tmp_path / "ws/.ion").mkdir(parents=True)
    rule = '{ tool = "bash", pattern = "touch *", decision = "ask" }'
    (tmp_path / "ws/.ion/config.toml").write_text(f"[permissions]\nrules = [{rule}]\n")
    async with served(tmp_path, steps, "--mode", "write") as client:
        first = told(await client.call_tool("ask_ion", {"prompt": "go"}))
        assert first["status"] == "approval_required"
        (waiting,) = first["waiting"]
        assert waiting["arguments"] == {"command": "touch made.txt"}
        again = {"session": first["session"], "approve": [waiting["call"]]}
        assert told(await client.call_tool("ask_ion", again))["text"] == "Done."
        assert (tmp_path / "ws/made.txt").exists()


@pytest.mark.parametrize(
    ("asked", "why"),
    [({}, "nothing to do"), ({"prompt": "x", "session": "nope"}, "no session")],
)
async def test_a_call_that_cannot_be(tmp_path: Path, asked: dict[str, str], why: str) -> None:
    async with served(tmp_path, [{"text": "x"}]) as client:
        result = await client.call_tool("ask_ion", asked)
        assert result.is_error
        assert why in result.content[0].text
