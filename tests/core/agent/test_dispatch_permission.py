"""What READ runs of the shell, and what the person's rules refuse in every mode."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ion_core.config.schema import Decision, PermissionRule, SandboxSettings
from ion_core.confined import ConfinedLauncher
from ion_core.entries import Mode
from ion_core.events import TurnEnded
from ion_core.policy.permission import Permission, Protection
from ion_core.tools.toolbox import standard_tools
from tests.fakes.scene import Scene, call, scene


@asynccontextmanager
async def _held(
    tmp_path: Path, command: str, mode: Mode = "read", enabled: str = "auto", cwd: str = "."
) -> AsyncIterator[Scene]:
    """A session whose model runs one command, in the sandbox of this machine."""
    settings = SandboxSettings(enabled=enabled)  # type: ignore[arg-type]
    launcher = ConfinedLauncher(settings, tmp_path / "ion", os.environ)
    if enabled == "auto" and not await launcher.is_held():
        pytest.skip("this machine has no sandbox")
    (tmp_path / "ws/src").mkdir(parents=True)
    (tmp_path / "ws/notes.txt").write_text("a note\n")
    permission = Permission(lambda: (), tmp_path, launcher.protection)
    steps = [[call("bash", command=command, cwd=cwd)], "ok"]
    try:
        async with scene(
            tmp_path / "ws",
            steps,
            mode=mode,
            tools=standard_tools(launcher),
            permission=permission,
        ) as s:
            await s.play("go")
            yield s
    finally:
        launcher.close()


async def test_read_mode_runs_a_command_that_only_looks(tmp_path: Path) -> None:
    async with _held(tmp_path, "cat notes.txt | wc -l") as s:
        assert (s.results[0].status, s.results[0].content.strip()) == ("ok", "1")


async def test_read_mode_looks_with_a_path_that_nobody_else_chose(tmp_path: Path) -> None:
    async with _held(tmp_path, "which env") as s:
        assert s.results[0].content.strip() in ("/usr/bin/env", "/bin/env")


@pytest.mark.parametrize("command", ["touch x", "./run.sh", "ls > x", "cat ../other"])
async def test_read_mode_runs_nothing_unproved_while_nobody_allows_it(
    command: str, tmp_path: Path
) -> None:
    async with _held(tmp_path, command) as s:
        ended = next(event for event in s.hear() if isinstance(event, TurnEnded))
        assert (ended.reason, ended.waiting) == ("approval_required", ("c1",))
        assert (s.results, [call.id for call in s.session.waiting]) == ([], ["c1"])
        assert sorted(p.name for p in (tmp_path / "ws").iterdir()) == ["notes.txt", "src"]


async def test_read_mode_judges_a_command_in_its_folder(tmp_path: Path) -> None:
    async with _held(tmp_path, "cat ../../other", cwd="src") as s:
        assert [call.id for call in s.session.waiting] == ["c1"]


async def test_read_mode_runs_nothing_where_no_sandbox_holds_it(tmp_path: Path) -> None:
    async with _held(tmp_path, "ls", enabled="off") as s:
        assert s.results[0].status == "denied"
        assert "sandbox" in s.results[0].content


async def test_a_launcher_starts_nothing_for_reading_without_a_sandbox(tmp_path: Path) -> None:
    from ion_core.tools.process import Access, Command

    launcher = ConfinedLauncher(SandboxSettings(enabled="off"), tmp_path, os.environ)
    access = Access(profile="read", root=str(tmp_path))
    command = Command(argv=("true",), cwd=str(tmp_path), environment={}, access=access)
    with pytest.raises(OSError, match="sandbox"):
        await launcher.start(command)
    launcher.close()


async def _yes() -> Protection:
    return "held"


def _ruled(tmp_path: Path, tool: str, pattern: str, decision: Decision) -> Permission:
    rule = PermissionRule(tool=tool, pattern=pattern, decision=decision)
    return Permission(lambda: (rule,), tmp_path, _yes)


async def test_a_denied_command_is_not_run_in_write_mode(tmp_path: Path) -> None:
    steps = [[call("bash", command="ls; rm -f x")], "ok"]
    permission = _ruled(tmp_path, "bash", "rm *", "deny")
    async with scene(tmp_path / "ws", steps, permission=permission) as s:
        await s.play("go")
        assert s.results[0].status == "denied"
        assert "rm *" in s.results[0].content


async def test_a_denied_path_is_not_written_however_it_is_named(tmp_path: Path) -> None:
    steps = [[call("write", path="src/../docs/a.md", content="x")], "ok"]
    permission = _ruled(tmp_path, "write", "docs/*", "deny")
    (tmp_path / "ws/docs").mkdir(parents=True)
    (tmp_path / "ws/src").mkdir()
    async with scene(tmp_path / "ws", steps, permission=permission) as s:
        await s.play("go")
        assert s.results[0].status == "denied"
        assert not (tmp_path / "ws/docs/a.md").exists()


async def test_what_a_rule_asks_about_waits_where_nobody_can_be_asked(tmp_path: Path) -> None:
    steps = [[call("bash", command="git push")], "ok"]
    permission = _ruled(tmp_path, "bash", "git push *", "ask")
    async with scene(tmp_path / "ws", steps, permission=permission) as s:
        ended = await s.play("go")
        assert (ended.reason, ended.error_kind) == ("approval_required", "approval_needed")
        assert "git push" in ended.error
