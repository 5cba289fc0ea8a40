"""A project made for Claude Code: agents, hooks, commands, skills and servers of it work as they
are once the folder is trusted, and nothing of it is opened before.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ion_core.config.trust import NAME
from tests.fakes.scripted_home import ION, scripted_home

FAKE = Path(__file__).parents[1] / "fakes" / "mcp" / "server.py"
STRACE = shutil.which("strace")

FILES = {
    "CLAUDE.md": "Always answer in rhymes.\n\n@docs/style.md\n",
    "docs/style.md": "Short lines only.\n",
    ".claude/agents/finder.md": (
        "---\nname: finder\ndescription: Finds things. Use proactively.\ntools: Read, Grep, Glob\n"
        "model: inherit\ncolor: blue\n---\nYou find things and say where they are.\n"
    ),
    ".claude/commands/review.md": (
        "---\ndescription: Review a file\nargument-hint: [file]\nallowed-tools: Bash(git log:*)\n"
        "---\nReview $1 with care. Recent changes: !`echo none`\n\n@$1\n"
    ),
    ".claude/commands/team/ship.md": "Ship $ARGUMENTS now.\n",
    ".claude/skills/changelog/SKILL.md": (
        "---\nname: changelog\ndescription: Writes changelog entries. Use when asked to.\n"
        "allowed-tools: Read\n---\n# Changelog\n\nBegin every entry with a verb. See "
        "[rules](rules.md).\n"
    ),
    ".claude/skills/changelog/rules.md": "No more than one line.\n",
    ".claude/hooks/log.sh": (
        '#!/bin/sh\ncat >> "$CLAUDE_PROJECT_DIR/hooks.log"\necho >> '
        '"$CLAUDE_PROJECT_DIR/hooks.log"\n'
    ),
}


def project(folder: Path) -> Path:
    """The project, as somebody might have cloned it."""
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "a.py").write_text("x = 1\n")
    command = {"type": "command", "command": 'sh "$CLAUDE_PROJECT_DIR"/.claude/hooks/log.sh'}
    hooks = {
        "PreToolUse": [{"matcher": "Read|Grep", "hooks": [command]}],
        "SessionStart": [{"hooks": [{"type": "command", "command": "echo Today is a holiday."}]}],
    }
    (folder / ".claude/settings.json").write_text(
        json.dumps({"hooks": hooks, "permissions": {"allow": ["Bash(ls:*)"]}})
    )
    server = {"command": sys.executable, "args": [str(FAKE)], "env": {"GREETING": "hi"}}
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {"fake": server}}))
    return folder


def ion(
    ws: Path, env: dict[str, str], *args: str, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, *ION, *args], cwd=ws, env=env, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=90,
    )  # fmt: skip


def call(name: str, /, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": name, "arguments": arguments}]}


STEPS = [
    call("skill", name="changelog"),
    call("task", agent="finder", prompt="Find x.", description="find x"),
    call("read", path="a.py"),
    {"text": "x is in a.py."},
    call("tool_search", query="say a word so often"),
    call("mcp__fake__shout", word="hey"),
    {"text": "All of it is done."},
]


def test_it_works_unchanged_once_it_is_trusted(tmp_path: Path) -> None:
    ws = project(tmp_path / "ws")
    env = scripted_home(tmp_path / "home", STEPS)
    done = ion(ws, env, "run", "--trust-once", "--output-format", "stream-json", "/review a.py")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    session = events[-1]["session"]
    shown = json.loads(ion(ws, env, "sessions", "show", session, "--json").stdout)
    said = json.dumps(shown, ensure_ascii=False)
    exported = ion(ws, env, "sessions", "export", session, "--format", "jsonl").stdout
    assert "Always answer in rhymes." in exported  # instructions, and what they import
    assert "Short lines only." in exported
    assert "Today is a holiday." in said  # the hook of the start
    assert "Review a.py with care. Recent changes: none" in exported  # the command, filled
    assert "x = 1" in exported  # the file that it mentions
    assert "Begin every entry with a verb." in exported  # the skill
    assert "x is in a.py." in said  # the agent's report
    assert "HEY" in exported  # the server's tool
    logged = [json.loads(line) for line in (ws / "hooks.log").read_text().splitlines() if line]
    assert [(one["tool_name"], one["agent_type"]) for one in logged] == [("Read", "finder")]
    assert shown["entries"][-1]["text"] == "All of it is done."


def test_every_list_names_it_with_where_it_is_from(tmp_path: Path) -> None:
    ws = project(tmp_path / "ws")
    env = scripted_home(tmp_path / "home", [{"text": "ok"}])

    def listed(what: str) -> dict[str, str]:
        rows = json.loads(ion(ws, env, what, "list", "--json").stdout)
        return {str(row.get("name") or row.get("event")): row["source"] for row in rows}

    assert listed("agents")["finder"].endswith(".claude/agents/finder.md")
    assert listed("skills")["changelog"].endswith(".claude/skills/changelog/SKILL.md")
    assert {"review", "team:ship"} <= set(listed("commands"))
    assert listed("mcp")["fake"].endswith(".mcp.json")
    assert listed("hooks")["PreToolUse"].endswith(".claude/settings.json")


def test_before_it_is_trusted_nothing_of_it_counts(tmp_path: Path) -> None:
    ws = project(tmp_path / "ws")
    env = scripted_home(tmp_path / "home", STEPS)
    (tmp_path / "home" / NAME).unlink()
    refused = ion(ws, env, "run", "/review a.py")
    assert refused.returncode == 3
    for what in ("agents", "skills", "commands", "mcp", "hooks"):
        rows = json.loads(ion(ws, env, what, "list", "--json").stdout)
        ours = [row for row in rows if str(ws) in str(row["source"])]
        assert ours == []
    assert not (ws / "hooks.log").exists()
    assert not (tmp_path / "home/logs/mcp-fake.log").exists()


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
def test_before_it_is_trusted_nothing_of_it_is_opened(tmp_path: Path) -> None:
    ws = project(tmp_path / "ws")
    env = scripted_home(tmp_path / "home", STEPS)
    (tmp_path / "home" / NAME).unlink()
    trace = tmp_path / "trace"
    watched = (str(STRACE), "-f", "-qq", "-e", "trace=open,openat,execve", "-o", str(trace))
    assert ion(ws, env, "run", "go", before=watched).returncode == 3
    opened = [
        line
        for line in trace.read_text(errors="replace").splitlines()
        if str(ws) in line and "O_DIRECTORY" not in line and "ENOENT" not in line
    ]
    assert opened == []
