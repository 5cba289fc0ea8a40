"""What every tool promises, run against every tool."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from ion_core.ids import CallId
from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, Tool, ToolContext
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.paths import Workspace
from ion_core.tools.schema import schema_of, validate
from ion_core.tools.toolbox import standard_tools

NAMES = ["apply_patch", "bash", "edit", "glob", "grep", "list", "read", "todo", "write"]

PATCH = "*** Begin Patch\n*** Update File: {}\n-a\n+b\n*** End Patch"

OUTSIDE: dict[str, dict[str, Any]] = {
    "apply_patch": {"patch": PATCH.format("../outside/a")},
    "bash": {"command": "true", "cwd": "../outside"},
    "edit": {"path": "../outside/a", "edits": [{"old_string": "a", "new_string": "b"}]},
    "glob": {"pattern": "*", "path": "../outside"},
    "grep": {"pattern": "a", "path": "../outside"},
    "list": {"path": "../outside"},
    "read": {"path": "../outside/a"},
    "write": {"path": "../outside/a", "content": "b"},
}


@pytest.fixture
def tools() -> Iterator[dict[str, Tool]]:
    launcher = ThreadLauncher()
    yield {tool.name: tool for tool in standard_tools(launcher)}
    launcher.close()


@pytest.fixture(params=NAMES)
def tool(request: pytest.FixtureRequest, tools: dict[str, Tool]) -> Tool:
    return tools[request.param]


@pytest.fixture(params=sorted(OUTSIDE))
def toucher(request: pytest.FixtureRequest, tools: dict[str, Tool]) -> Tool:
    """A tool that works on files."""
    return tools[request.param]


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    for name in ("ws", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside/a").write_text("a")

    async def unseen(text: str) -> None:
        del text

    return ToolContext(
        call=CallId("call-1"),
        workspace=Workspace(tmp_path / "ws"),
        progress=unseen,
        spill=tmp_path / "spill.txt",
    )


def test_its_name_is_one_that_every_provider_takes(tool: Tool) -> None:
    assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}", tool.name)


def test_its_description_is_a_short_prompt(tool: Tool) -> None:
    assert 15 <= len(tool.description.split()) <= 40
    assert tool.description.endswith(".")


def test_its_effect_is_known(tool: Tool) -> None:
    assert tool.effect in get_args(Effect)


def test_its_schema_is_an_inlined_object(tool: Tool) -> None:
    schema = schema_of(tool.args)
    assert schema["type"] == "object"
    assert "$ref" not in str(schema)
    assert set(schema["required"]) <= set(schema["properties"])


def test_its_example_is_valid(tool: Tool) -> None:
    args = validate(tool.name, tool.args, getattr(tool.args, "example"))  # noqa: B009 (not in Struct)
    assert tool.target(args)
    assert tool.timeout_s(args) > 0


async def test_a_path_outside_is_an_error_in_words(toucher: Tool, context: ToolContext) -> None:
    args = validate(toucher.name, toucher.args, OUTSIDE[toucher.name])
    outcome = await toucher.run(args, context)
    assert outcome.status == "error"
    assert "outside the workspace" in outcome.content
    assert (context.workspace.root.parent / "outside/a").read_text() == "a"


async def test_a_vanished_workspace_is_an_outcome(tool: Tool, context: ToolContext) -> None:
    context.workspace.root.rmdir()
    args = validate(tool.name, tool.args, getattr(tool.args, "example"))  # noqa: B009 (not in Struct)
    outcome = await tool.run(args, context)
    assert isinstance(outcome, Outcome)
    assert outcome.content


async def test_its_result_has_a_target_and_a_summary(toucher: Tool, context: ToolContext) -> None:
    (context.workspace.root / "a.txt").write_text("a")
    inside = {"path": "a.txt" if toucher.name in ("edit", "read", "write") else "."}
    arguments = {**OUTSIDE[toucher.name], **inside, "cwd": ".", "patch": PATCH.format("a.txt")}
    outcome = await toucher.run(validate(toucher.name, toucher.args, arguments), context)
    assert outcome.status == "ok", outcome.content
    assert outcome.display != Display()
    assert outcome.display.target
    assert outcome.display.summary


async def test_a_cancel_is_not_swallowed(toucher: Tool, context: ToolContext) -> None:
    args = validate(toucher.name, toucher.args, {**OUTSIDE[toucher.name], "path": ".", "cwd": "."})
    running = asyncio.ensure_future(toucher.run(args, context))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
