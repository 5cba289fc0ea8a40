"""Commands and skills of one's own in real runs, and nothing of them before trust."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.chat_server import ChatServer, said

pytestmark = pytest.mark.slow


class Ran:
    """What a run sent to its model, and how it ended."""

    def __init__(self, code: int, errors: str, chats: list[dict[str, Any]]) -> None:
        self.code, self.errors, self.chats = code, errors, chats

    @property
    def prompt(self) -> str:
        """Everything that the last request says as the person."""
        said = [m["content"] for m in self.chats[-1]["messages"] if m["role"] == "user"]
        return "\n".join(map(str, said))

    @property
    def tools(self) -> list[str]:
        return [tool["function"]["name"] for tool in self.chats[0]["tools"]]


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def run(
    tmp_path: Path, prompt: str, *words: str, replies: Any = None, settings: str = ""
) -> Ran:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    async with ChatServer(replies or [said("ok")]) as server:
        (home / "config.toml").write_text(
            f'model = "work/fake"\n[providers.work]\nprotocol = "openai-chat"\n'
            f'base_url = "{server.base_url}"\n{settings}'
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ion_core", "run", "-q", *(words or ("--trust-once",)), prompt),
            cwd=tmp_path / "project",
            env={**os.environ, "ION_HOME": str(home), "HOME": str(tmp_path / "person")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _, errors = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, errors.decode(), list(server.chats))


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


COMMAND = """---
description: Fix an issue
allowed-tools: Bash(git status:*)
---
Fix issue $1 with priority $2. State: !`echo from-the-shell`. Read @notes.txt first.
"""


async def test_a_command_is_filled_in_run_and_read(tmp_path: Path, project: Path) -> None:
    put(project / ".claude/commands/fix.md", COMMAND)
    put(project / "notes.txt", "what was noted")
    ran = await run(tmp_path, "/fix 12 high")
    assert "/fix 12 high" in ran.prompt
    assert "Fix issue 12 with priority high." in ran.prompt
    assert "State: from-the-shell." in ran.prompt or "sandbox" in ran.prompt
    assert "what was noted" in ran.prompt


async def test_a_skill_is_told_by_name_and_read_when_it_is_called(
    tmp_path: Path, project: Path
) -> None:
    put(
        project / ".claude/skills/tea/SKILL.md",
        "---\nname: tea\ndescription: Makes tea.\n---\nBoil $ARGUMENTS.\n",
    )
    replies = [said(calls=[("skill", {"name": "tea", "args": "water"})]), said("ok")]
    ran = await run(tmp_path, "make tea", replies=replies)
    assert "- tea: Makes tea." in str(ran.chats[0]["messages"])
    assert "Boil" not in str(ran.chats[0]["messages"])
    assert "skill" in ran.tools
    assert "Boil water." in str(ran.chats[1]["messages"])


async def test_a_person_calls_a_skill_by_a_slash(tmp_path: Path, project: Path) -> None:
    put(
        project / ".ion/skills/tea/SKILL.md",
        "---\nname: tea\ndescription: Makes tea.\n---\nBoil $0.\n",
    )
    for prompt in ("/skill:tea water", "/tea water"):
        ran = await run(tmp_path, prompt)
        assert "Boil water." in ran.prompt


async def test_a_skill_that_is_not_there_is_said(tmp_path: Path) -> None:
    ran = await run(tmp_path, "/skill:none")
    assert ran.code == 2
    assert "There is no such skill as /skill:none. There are: ion" in ran.errors
    assert ran.chats == []


async def test_a_path_is_an_ordinary_prompt(tmp_path: Path) -> None:
    ran = await run(tmp_path, "/etc/hosts is what?")
    assert ran.code == 0
    assert "/etc/hosts is what?" in ran.prompt


async def test_without_any_skill_the_tool_waits_behind_the_search(tmp_path: Path) -> None:
    ran = await run(tmp_path, "hello")
    assert "skill" not in ran.tools
    replies = [said(calls=[("skill", {"name": "ion"})]), said("ok")]
    ran = await run(tmp_path, "how are you configured?", replies=replies)
    assert "references/configuration.md" in str(ran.chats[1]["messages"])


async def test_nothing_is_obeyed_before_the_folder_is_trusted(
    tmp_path: Path, project: Path
) -> None:
    put(project / ".ion/commands/fix.md", "Fix it.")
    refused = await run(tmp_path, "/fix", "--mode", "read")
    assert (refused.code, refused.chats) == (3, [])


def listed(tmp_path: Path, word: str, *more: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "ion_core", word, "list", *more],
        cwd=tmp_path / "project",
        env={
            **os.environ,
            "ION_HOME": str(tmp_path / "home"),
            "HOME": str(tmp_path / "person"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout) if "--json" in more else done.stdout


def test_what_is_loaded_shadowed_and_broken_is_listed(tmp_path: Path, project: Path) -> None:
    put(tmp_path / "home/skills/tea/SKILL.md", "---\nname: tea\ndescription: Tea.\n---\nx")
    put(tmp_path / "home/skills/bad/SKILL.md", "---\nname: bad\n---\nx")
    put(tmp_path / "person/.claude/skills/tea/SKILL.md", "---\ndescription: Other.\n---\nx")
    put(tmp_path / "home/commands/fix.md", "Fix it.")
    states = {(one["name"], one["state"]) for one in listed(tmp_path, "skills", "--json")}
    assert states == {("tea", "on"), ("tea", "shadowed"), ("bad", "broken"), ("ion", "on")}
    assert "It has no description." in listed(tmp_path, "skills")
    [command] = listed(tmp_path, "commands", "--json")
    assert (command["name"], command["state"], command["description"]) == ("fix", "on", "Fix it.")


HELD = "---\nname: look\ndescription: Looks.\n{}\n---\nLook around.\n"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("allowed-tools: Read", "Refused: look may only use read."),
        ("disallowed-tools: Write", "Refused: look may not use write for this."),
    ],
)
@pytest.mark.parametrize("by_person", [True, False])
async def test_a_skill_is_held_to_its_tools(
    tmp_path: Path, project: Path, head: str, told: str, by_person: bool
) -> None:
    put(project / ".ion/skills/look/SKILL.md", HELD.format(head))
    calls = [said(calls=[("write", {"path": "a.txt", "content": "x"})]), said("ok")]
    first = [] if by_person else [said(calls=[("skill", {"name": "look"})])]
    prompt, strict = "/look" if by_person else "look", '[skills]\nallowed_tools = "restrict"\n'
    ran = await run(tmp_path, prompt, replies=[*first, *calls], settings=strict)
    assert told in str(ran.chats[-1]["messages"])
    assert not (project / "a.txt").exists()


async def test_without_that_wish_its_tools_are_only_approved(tmp_path: Path, project: Path) -> None:
    put(project / ".ion/skills/look/SKILL.md", HELD.format("allowed-tools: Read"))
    calls = [said(calls=[("write", {"path": "a.txt", "content": "x"})]), said("ok")]
    await run(tmp_path, "/look", "--trust-once", "--mode", "write", replies=calls)
    assert (project / "a.txt").exists()


FORKED = """---
name: audit
description: Audits a file.
context: fork
agent: explorer
disable-model-invocation: true
---
Audit $ARGUMENTS and report.
"""


async def test_a_skill_with_a_context_of_its_own_is_done_by_an_agent(
    tmp_path: Path, project: Path
) -> None:
    put(project / ".claude/skills/audit/SKILL.md", FORKED)
    call = said(calls=[("skill", {"name": "audit", "args": "a.py"})])
    replies = [call, said("It is clean."), said("The audit says: clean.")]
    ran = await run(tmp_path, "/audit a.py", replies=replies)
    parent, child, last = ran.chats
    assert "Call the tool skill" in str(parent["messages"][-1])
    assert "Audit a.py and report." in str(child["messages"][-1])
    assert "/audit a.py" not in str(child["messages"])
    assert {tool["function"]["name"] for tool in child["tools"]}.isdisjoint({"write", "edit"})
    assert "explorer: done]" in str(last["messages"][-1])
    assert "It is clean." in str(last["messages"][-1])


async def test_one_that_only_the_person_may_call_is_closed_to_models(
    tmp_path: Path, project: Path
) -> None:
    put(project / ".claude/skills/audit/SKILL.md", FORKED)
    call = said(calls=[("skill", {"name": "audit", "args": "a.py"})])
    ran = await run(tmp_path, "look at a.py", replies=[call, said("no")])
    assert "There is no skill" in str(ran.chats[-1]["messages"][-1])


@pytest.mark.parametrize(
    ("models", "answers"),
    [("other, work/second", "second"), ("work/second, fake", "fake"), ("inherit", "fake")],
)
async def test_a_skill_is_answered_by_a_model_that_it_is_for(
    tmp_path: Path, project: Path, models: str, answers: str
) -> None:
    skill = f"---\nname: tea\ndescription: Tea.\nmodels: [{models}]\n---\nBoil.\n"
    put(project / ".claude/skills/tea/SKILL.md", skill)
    both = "[providers.work.models.fake]\n[providers.work.models.second]\n"
    ran = await run(tmp_path, "/tea", settings=both)
    assert ran.chats[0]["model"] == answers
