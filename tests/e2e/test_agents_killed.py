"""Agents at work when ion was killed: their session says so, and goes on with them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_agents_run import Chat, House, is_child, said, task
from tests.fakes.chat_server import Canned

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def killing(house: House, first: Canned) -> Any:
    """Answers the parent with ``first``, and kills ion at the first request of an agent."""

    def answer(chat: Chat) -> Canned:
        if is_child(chat):
            os.kill(house.pid, signal.SIGKILL)
        return first if len(chat["messages"]) == 2 else said("and then", finish="length")

    return answer


def listed(house: House) -> list[dict[str, Any]]:
    words = (sys.executable, "-m", "ion_core", "sessions", "list", "--json")
    env = {**os.environ, "ION_HOME": str(house.home)}
    done = subprocess.run(words, cwd=house.project, env=env, capture_output=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


async def test_one_that_was_waited_for_is_told_of_and_resumed(house: House) -> None:
    await house.run(killing(house, task("general")))
    [agent] = [each["session"] for each in listed(house) if each["kind"] == "subagent"]
    replies = [task("general", "go on", resume=agent), said("I am done."), said("good")]
    result, _ = await house.run(lambda chat: replies.pop(0), "--continue")
    first = house.chats[0]["messages"]
    told = [message for message in first if message["role"] == "tool"]
    assert f"[agent {agent} general: indeterminate]" in told[0]["content"]
    assert f"task with resume={agent} goes on with it" in told[0]["content"]
    assert "I am done." in str(house.chats[-1])
    assert result["text"] == "good"


async def test_one_in_the_background_is_told_of_once(house: House) -> None:
    await house.run(killing(house, task("general", background=True)))
    [agent] = [each["session"] for each in listed(house) if each["kind"] == "subagent"]
    control = said(calls=[("task_control", {"action": "status"})])
    replies = [control, said("I see."), said("Still here.")]
    await house.run(lambda chat: replies.pop(0), "--continue")
    reports = [
        message
        for message in house.chats[0]["messages"]
        if message["role"] == "user" and "[Agent" in str(message["content"])
    ]
    assert len(reports) == 1
    assert f"[Agent {agent} general: indeterminate]" in str(reports[0])
    assert f"{agent} general: indeterminate, before" in str(house.chats[1]["messages"][-1])
    await house.run(lambda chat: replies.pop(0), "--continue")
    assert str(house.chats[0]["messages"]).count(f"[Agent {agent}") == 1
