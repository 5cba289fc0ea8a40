"""Agents in real runs: what they may, what they cost, and what their parent hears."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.chat_server import Canned, ChatServer, said

pytestmark = pytest.mark.slow

Chat = dict[str, Any]
Answer = Callable[[Chat], Canned]


def is_child(chat: Chat) -> bool:
    return "for another agent" in str(chat["messages"][0]) or "custom agent" in str(
        chat["messages"][0]
    )


def by_role(parent: Sequence[Canned], child: Sequence[Canned]) -> Answer:
    """Answers the parent and its agents from two lists, each in order."""
    parents, children = list(parent), list(child)

    def answer(chat: Chat) -> Canned:
        mine = children if is_child(chat) else parents
        return mine.pop(0) if len(mine) > 1 else mine[0]

    return answer


def in_order(replies: list[Canned]) -> Answer:
    """Answers whoever asks, one after another."""
    return lambda chat: replies.pop(0) if len(replies) > 1 else replies[0]


def task(agent: str, prompt: str = "look", **more: Any) -> Canned:
    return said(calls=[("task", {"agent": agent, "prompt": prompt, "description": "d", **more})])


class House:
    """A project with a home, and a model that answers as told."""

    def __init__(self, folder: Path) -> None:
        self.home, self.project = folder / "home", folder / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.chats: list[Chat] = []
        self.pid = 0

    async def run(self, answer: Answer, *words: str) -> tuple[dict[str, Any], list[Any]]:
        import asyncio

        async with ChatServer([lambda asked: answer(_json(asked))]) as server:
            (self.home / "config.toml").write_text(
                f'model = "work/fake"\n[providers.work]\nprotocol = "openai-chat"\n'
                f'base_url = "{server.base_url}"\n[providers.work.models.fake]\n'
                "context_window = 100000\n"
            )
            command = (sys.executable, "-m", "ion_core", "run", "--output-format", "stream-json")
            process = await asyncio.create_subprocess_exec(
                *(*command, "--trust-once", *words, "go"),
                cwd=self.project,
                env={**os.environ, "ION_HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                limit=1 << 24,
            )
            self.pid = process.pid
            output, _ = await process.communicate()
            self.chats = list(server.chats)
        lines = [json.loads(line) for line in output.decode().splitlines()]
        events = [line["event"] for line in lines if line["type"] == "event"]
        return next((line for line in lines if line["type"] == "result"), {}), events


def _json(asked: Any) -> Chat:
    found: Chat = asked if isinstance(asked, dict) else json.loads(asked.body)
    return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def ended(events: list[Any]) -> list[tuple[str, str]]:
    return [(e["status"], e["content"]) for e in events if e["kind"] == "tool_ended"]


async def test_an_agent_reports_and_is_paid_for(house: House) -> None:
    (house.project / "a.py").write_text("limit = 3\n")
    child = [said(calls=[("read", {"path": "a.py"})]), said("It is 3 (a.py:1).")]
    result, events = await house.run(by_role([task("explorer"), said("done")], child))
    [(status, content)] = ended(events)
    assert status == "ok"
    assert "It is 3 (a.py:1)." in content
    assert "Files read: a.py" in content
    kinds = [e["kind"] for e in events if e["kind"].startswith("subagent")]
    assert (kinds[0], kinds[-1]) == ("subagent_started", "subagent_ended")
    assert result["turns"] == 4
    assert result["usage"]["input"] == 400
    assert "limit = 3" not in str(house.chats[-1])


async def test_its_tools_and_its_mode_are_narrower(house: House) -> None:
    child = [said(calls=[("write", {"path": "made.txt", "content": "x"})]), said("refused")]
    await house.run(by_role([task("explorer"), said("done")], child))
    of_child = next(chat for chat in house.chats if is_child(chat))
    names = {tool["function"]["name"] for tool in of_child["tools"]}
    assert names.isdisjoint({"write", "edit", "task", "todo"})
    assert not (house.project / "made.txt").exists()


async def test_a_general_one_writes_and_says_what_it_changed(house: House) -> None:
    child = [said(calls=[("write", {"path": "made.txt", "content": "x"})]), said("made it")]
    _, events = await house.run(by_role([task("general"), said("done")], child))
    assert (house.project / "made.txt").read_text() == "x"
    assert "Files changed: made.txt" in ended(events)[0][1]


async def test_an_unknown_agent_is_answered_with_those_there_are(house: House) -> None:
    _, events = await house.run(by_role([task("wizard"), said("done")], [said("never")]))
    assert "explorer, plan, general, reviewer" in ended(events)[0][1]


async def test_one_of_a_project_s_own_is_used_and_told_of(house: House) -> None:
    (house.project / ".claude/agents").mkdir(parents=True)
    (house.project / ".claude/agents/poet.md").write_text(
        "---\nname: poet\ndescription: Writes poems.\ntools: Read\n---\nYou are a custom agent.\n"
    )
    _, events = await house.run(by_role([task("poet"), said("done")], [said("a rose")]))
    assert "a rose" in ended(events)[0][1]
    assert "- poet: Writes poems." in str(house.chats[0]["messages"])


async def test_at_the_limit_of_its_requests_it_reports(house: House) -> None:
    (house.project / ".ion/agents").mkdir(parents=True)
    (house.project / ".ion/agents/short.md").write_text(
        "---\ndescription: Short.\nmax_turns: 2\n---\nYou are a custom agent.\n"
    )
    look = said(calls=[("list", {})])
    child = [look, said(calls=[("list", {"path": "."})]), said("half of it")]
    _, events = await house.run(by_role([task("short"), said("done")], child))
    assert "half of it" in ended(events)[0][1]
    assert "partial" in ended(events)[0][1]


async def test_budgets_hold_for_agents_too(house: House) -> None:
    result, _ = await house.run(
        by_role([task("explorer"), said("done")], [said(calls=[("list", {})])]), "--max-turns", "4"
    )
    assert result["status"] == "max_turns"
    assert len(house.chats) <= 6


async def test_the_run_is_told_when_agents_have_used_most_of_its_budget(house: House) -> None:
    look = said(calls=[("list", {})])
    again = said(calls=[("list", {"path": "."})])
    child = [look, again, look, said("found")]
    _, events = await house.run(
        by_role([task("explorer"), said("done")], child), "--max-turns", "5"
    )
    notices = [e["text"] for e in events if e["kind"] == "notice"]
    assert len([text for text in notices if text.startswith("80 % of the run's")]) == 1


async def test_one_in_the_background_tells_when_it_is_done(house: House) -> None:
    parent = [
        task("explorer", background=True),
        said(calls=[("bash", {"command": "sleep 2"})]),
        said("done"),
    ]
    _, events = await house.run(by_role(parent, [said("found it")]))
    assert "still running in the background" in ended(events)[0][1]
    assert "found it" in str(house.chats[-1]["messages"])


async def test_a_working_tree_of_its_own_keeps_its_changes(house: House) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(house.project))
    subprocess.run([*git, "init", "-q"], check=True)  # noqa: ASYNC221
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)  # noqa: ASYNC221
    child = [said(calls=[("write", {"path": "made.txt", "content": "x"})]), said("made it")]
    parent = [task("general", isolation="worktree"), said("done")]
    _, events = await house.run(by_role(parent, child))
    assert "on the branch ion/" in ended(events)[0][1]
    assert not (house.project / "made.txt").exists()
    [made] = (house.project / ".ion/worktrees").glob("*/made.txt")
    assert made.read_text() == "x"


async def test_a_run_can_be_that_of_an_agent(house: House) -> None:
    result, _ = await house.run(by_role([said("never")], [said("reviewed")]), "--agent", "reviewer")
    assert result["text"] == "reviewed"
    names = {tool["function"]["name"] for tool in house.chats[0]["tools"]}
    assert names.isdisjoint({"write", "edit", "task"})


async def test_a_run_in_a_working_tree_of_its_own_leaves_nothing_when_nothing_happened(
    house: House,
) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(house.project))
    subprocess.run([*git, "init", "-q"], check=True)  # noqa: ASYNC221
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)  # noqa: ASYNC221
    writes = said(calls=[("write", {"path": "made.txt", "content": "x"})])
    await house.run(by_role([said("nothing to do")], []), "--worktree", "idle")
    assert list((house.project / ".ion/worktrees").iterdir()) == [
        house.project / ".ion/worktrees/.gitignore"
    ]
    await house.run(by_role([writes, said("done")], []), "--worktree", "busy")
    assert (house.project / ".ion/worktrees/busy/made.txt").read_text() == "x"
    assert not (house.project / "made.txt").exists()


def test_agents_are_listed(house: House) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ion_core", "agents", "list", "--json"],
        cwd=house.project,
        env={**os.environ, "ION_HOME": str(house.home), "HOME": str(house.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    names = [one["name"] for one in json.loads(done.stdout)]
    assert names == ["explorer", "plan", "general", "reviewer", "fork"]


async def test_a_fork_knows_the_conversation_and_begins_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    (house.project / "a.txt").write_text("the limit is 5")
    replies = [
        said(calls=[("read", {"path": "a.txt"})]),
        task("fork", "Name the limit."),
        said("It is 5, as we saw."),
        said("done"),
    ]
    result, _ = await house.run(in_order(replies))
    assert result["text"] == "done"
    _, read, forked, after = house.chats
    before = read["messages"]
    assert forked["messages"][: len(before)] == before
    assert forked["tools"] == read["tools"]
    assert [m["role"] for m in forked["messages"][len(before) :]] == ["user"]
    assert "Name the limit." in str(forked["messages"][-1])
    assert "It is 5, as we saw." in str(after["messages"][-1])
    assert "Name the limit." not in str(after["messages"][: len(before)])


async def test_a_fork_starts_no_agents(tmp_path: Path) -> None:
    house = House(tmp_path)
    replies = [task("fork"), task("explorer"), said("I cannot."), said("done")]
    result, _ = await house.run(in_order(replies))
    assert result["text"] == "done"
    assert "No agents can be started here." in str(house.chats[2]["messages"])


async def test_one_has_read_its_skills_and_thinks_as_hard_as_it_is_to(house: House) -> None:
    skills = house.project / ".claude/skills/rhyme/SKILL.md"
    skills.parent.mkdir(parents=True)
    skills.write_text("---\nname: rhyme\ndescription: Rhymes.\n---\nRhyme every line.\n")
    agents = house.project / ".claude/agents/poet.md"
    agents.parent.mkdir(parents=True)
    agents.write_text(
        "---\nname: poet\ndescription: Writes poems.\nskills: [rhyme, none]\neffort: high\n---\n"
        "You are a custom agent.\n"
    )
    await house.run(by_role([task("poet"), said("done")], [said("a rose")]))
    parent, child, _ = house.chats
    assert "Rhyme every line." in str(child["messages"][0])
    assert "Rhyme every line." not in str(parent["messages"])
    assert (parent.get("reasoning_effort"), child.get("reasoning_effort")) == (None, "high")


async def test_what_one_asks_for_where_nobody_is_can_be_allowed_later(house: House) -> None:
    asks = [said(calls=[("bash", {"command": "touch made.txt"})])]
    parent = [task("general"), said("It waits.")]
    result, events = await house.run(by_role(parent, asks), "--mode", "read")
    [(status, content)] = ended([e for e in events if e.get("name") != "bash"])
    child = next(e["child"] for e in events if e["kind"] == "subagent_started")
    assert (status, result["status"]) == ("error", "ok")
    assert content.startswith(f"[agent {child} general: waiting]\nbash needs an approval")
    assert content.count("bash needs an approval") == 1
    assert f"ion run --resume {child} --approve all" in content
    assert not (house.project / "made.txt").exists()
    await house.run(in_order([said("made it")]), "--resume", child, "--approve", "all")
    assert (house.project / "made.txt").exists()
    again = [task("general", resume=child), said("done")]
    told = await house.run(by_role(again, [said("It is there.")]), "--resume", result["session"])
    assert "It is there." in ended(told[1])[0][1]
