"""Kinds of agents as ion, Claude Code and OpenCode write them down."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.ladder import Ladder
from ion_core.profiles.model import read
from ion_core.profiles.shelf import ProfileShelf


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def shelf(tmp_path: Path, *, trusted: bool = True) -> ProfileShelf:
    cwd = tmp_path / "repo"
    cwd.mkdir(exist_ok=True)
    person = tmp_path / "person"
    return ProfileShelf(Ladder(cwd=cwd, home=tmp_path / "ion", person=person, trusted=trusted))


CLAUDE = """---
name: code-reviewer
description: Reviews code. Use proactively.
tools: Read, Grep, Bash(git diff:*)
model: haiku
maxTurns: 7
permissionMode: plan
color: red
wibble: 1
---
You review.
"""


def test_one_of_claude_code_is_read_as_it_is(tmp_path: Path) -> None:
    profile = read(put(tmp_path / "a.md", CLAUDE), "project")
    assert (profile.name, profile.model, profile.mode) == ("code-reviewer", "small", "plan")
    assert profile.max_turns == 7
    assert [tool for tool in ("read", "grep", "bash", "edit", "task") if profile.may(tool)] == [
        "read",
        "grep",
        "bash",
    ]
    assert profile.complaints == ("The field 'wibble' means nothing to ion.",)
    assert profile.prompt == "You review."


def test_servers_skills_and_effort_are_obeyed_and_other_fields_told(tmp_path: Path) -> None:
    head = "name: a\ndescription: d\nskills: tea, coffee\neffort: high\ntemperature: 0.2\n"
    head += "mcpServers:\n  - docs\n  - my search:\n      command: x\n"
    profile = read(put(tmp_path / "a.md", f"---\n{head}---\nGo."), "project")
    assert (profile.skills, profile.effort) == (("tea", "coffee"), "high")
    names = ("read", "mcp__docs__find", "mcp__my_search__find", "mcp__mail__send")
    assert [name for name in names if profile.may(name)] == list(names[:3])
    assert profile.complaints == ("The field 'temperature' is not obeyed by ion.",)
    none = read(put(tmp_path / "b.md", "---\ndescription: d\nmcpServers: []\n---\nGo."), "project")
    assert not none.may("mcp__docs__find")


OPENCODE = """---
description: Writes docs
mode: subagent
model: work/big
tools:
  bash: false
permission:
  webfetch: deny
steps: 3
---
You write.
"""


def test_one_of_opencode_is_read_as_it_is(tmp_path: Path) -> None:
    profile = read(put(tmp_path / "docs.md", OPENCODE), "project")
    assert (profile.name, profile.model, profile.max_turns) == ("docs", "work/big", 3)
    assert not profile.may("bash")
    assert not profile.may("web_fetch")
    assert profile.may("edit")
    assert not profile.primary


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\nname: x\n---\nbody", "It has no description."),
        ("---\nname: x\ndescription: y\ntools: []\n---\nbody", "allows none"),
        ("---\nname: x\ndescription: y\ndisable: true\n---\nbody", "switched off"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in read(put(tmp_path / "x.md", text), "project").problem


def test_the_first_of_a_name_is_used_and_ion_s_own_can_be_replaced(tmp_path: Path) -> None:
    put(tmp_path / "repo/.ion/agents/a.md", "---\nname: Explorer\ndescription: Mine.\n---\nx")
    put(tmp_path / "repo/.opencode/agent/b.md", "---\ndescription: B.\n---\nx")
    put(tmp_path / "person/.claude/agents/b.md", "---\nname: b\ndescription: Other.\n---\nx")
    found = {(one.name, one.owner, one.shadowed) for one in shelf(tmp_path).profiles()}
    assert ("Explorer", "project", False) in found
    assert ("explorer", "ion", True) in found
    assert ("b", "person", True) in found
    assert "- b: B." in shelf(tmp_path).catalogue()["agents"]


def test_names_of_other_agents_are_understood(tmp_path: Path) -> None:
    for asked, name in (("Explore", "explorer"), ("general-purpose", "general"), ("Plan", "plan")):
        found = shelf(tmp_path).find(asked)
        assert found is not None
        assert found.name == name


def test_nothing_of_an_untrusted_project_is_read(tmp_path: Path) -> None:
    put(tmp_path / "repo/.ion/agents/a.md", "---\ndescription: A.\n---\nx")
    assert shelf(tmp_path, trusted=False).find("a") is None
    assert shelf(tmp_path, trusted=False).catalogue() == {}


def test_ion_s_own_reviewer_may_be_another_model(tmp_path: Path) -> None:
    ladder = Ladder(cwd=tmp_path, home=tmp_path / "ion", person=tmp_path / "person", trusted=True)
    found = ProfileShelf(ladder, "other/large").find("reviewer")
    assert found is not None
    assert found.model == "other/large"
    put(tmp_path / ".ion/agents/reviewer.md", "---\nname: reviewer\ndescription: d\n---\nLook.")
    own = ProfileShelf(ladder, "other/large").find("reviewer")
    assert own is not None
    assert own.model == ""
    assert ProfileShelf(ladder).find("explorer") != found
