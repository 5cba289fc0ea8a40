"""A rule about a path holds for what a search finds, not only for the path that is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from ion_core.config.schema import Decision, PermissionRule
from ion_core.ids import CallId
from ion_core.policy.found import hidden_from
from ion_core.policy.policy import Policy
from ion_core.policy.rules import Rules
from ion_core.tools.base import ToolContext
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.paths import Workspace
from ion_core.tools.toolbox import Toolbox, standard_tools

Search = Callable[..., Awaitable[str]]


@pytest.fixture
async def search(project: Path) -> AsyncIterator[Search]:
    """Runs a search below the rules ``(tool, pattern, decision)`` and gives what a model reads."""
    for name in ("private/a.txt", "private/deep/b.txt", "private/deep/c.txt"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("needle\nmore\nneedle\n\n\n\n\nneedle\n")
    (project / "notes.txt").write_text("needle\n")
    launcher = ThreadLauncher()
    toolbox = Toolbox(standard_tools(launcher))

    async def run(tool: str, *rules: tuple[str, str, Decision], **arguments: object) -> str:
        made = tuple(PermissionRule(tool=t, pattern=p, decision=d) for t, p, d in rules)
        policy = Policy(Workspace(root=project), project.parent / "home", Rules(made))
        found = toolbox.find(tool)
        assert found is not None

        async def quiet(text: str) -> None: ...

        context = ToolContext(
            call=CallId("c"),
            workspace=policy.workspace,
            progress=quiet,
            spill=project.parent / "spill",
            hides=hidden_from(tool, policy),
        )
        return (await found.run(found.args(**arguments), context)).content

    yield run
    launcher.close()


@pytest.mark.parametrize("pattern", ["private/*", "private", "private/", "*/private/*"])
@pytest.mark.parametrize("decision", ["deny", "ask"])
async def test_grep_tells_nothing_of_files_that_may_not_be_read(
    search: Search, pattern: str, decision: Decision
) -> None:
    for mode in ("content", "files", "count"):
        found = await search(
            "grep", ("read", pattern, decision), pattern="needle", output_mode=mode
        )
        assert "notes.txt" in found
        assert "private/" not in found
        assert "[3 files are left out" in found


@pytest.mark.parametrize("tool", ["glob", "list"])
async def test_names_are_left_out_by_rules_about_them(search: Search, tool: str) -> None:
    arguments = {"pattern": "**/*.txt"} if tool == "glob" else {"depth": 3}
    found = await search(tool, (tool, "private/deep", "deny"), **arguments)
    assert "a.txt" in found
    assert "notes.txt" in found
    assert "b.txt" not in found
    assert "[2 files are left out" in found


async def test_a_rule_for_every_tool_hides_a_folder_from_every_search(search: Search) -> None:
    rule: tuple[str, str, Decision] = ("*", "private/*", "deny")
    assert "private/a" not in await search("grep", rule, pattern="needle")
    assert "private/a" not in await search("glob", rule, pattern="**/*.txt")
    assert "a.txt" not in await search("list", rule, path="private", depth=3)


async def test_nothing_is_said_where_no_rule_is_about_it(search: Search) -> None:
    found = await search("grep", ("write", "private/*", "deny"), pattern="needle")
    assert "private/a.txt" in found
    assert "left out" not in found


async def test_grep_keeps_the_contents_of_key_files_back(search: Search, project: Path) -> None:
    (project / ".env").write_text("needle=1\n")
    found = await search("grep", pattern="needle", glob=".env*")
    assert "needle=1" not in found
    assert "[1 file is left out" in found
    allowed = await search("grep", ("read", ".env", "allow"), pattern="needle", glob=".env*")
    assert "needle=1" in allowed


async def test_a_key_file_that_is_named_was_judged_before(search: Search, project: Path) -> None:
    (project / ".env").write_text("needle=1\n")
    assert "needle=1" in await search("grep", pattern="needle", path=".env")


def test_a_rule_about_a_folder_is_about_what_is_in_it(project: Path) -> None:
    rules = (PermissionRule(tool="read", pattern="src/", decision="deny"),)
    policy = Policy(Workspace(root=project), project.parent / "home", Rules(rules))
    assert policy.path("src/app.py", "read", "write").decision == "deny"
    assert policy.path("README.md", "read", "write").decision == "allow"
