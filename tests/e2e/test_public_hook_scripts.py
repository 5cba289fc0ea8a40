"""Hook scripts of the kinds that people publish for Claude Code, by its documented contract: JSON
on standard input, exit codes, JSON on standard output, ``$CLAUDE_PROJECT_DIR``.

They run unchanged.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from tests.fakes.scripted_home import ION, scripted_home

READ_EVENT = "import json, os, re, sys\nevent = json.load(sys.stdin)\n"


@dataclass
class Ran:
    """What a run left: its folder, what it said and on standard error, and its code."""

    ws: Path
    env: Mapping[str, str]
    said: str
    errors: str
    code: int

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        """Of its session, if it kept one."""
        listed = json.loads(ion(self.ws, self.env, "sessions", "list", "--json").stdout)
        if not listed:
            return []
        shown = ion(self.ws, self.env, "sessions", "show", listed[0]["session"], "--json")
        found: list[dict[str, Any]] = json.loads(shown.stdout)["entries"]
        return found

    def results(self) -> str:
        """What the model was told of its calls."""
        return json.dumps([e for e in self.entries if e["role"] == "tool"])

    def all(self) -> str:
        return json.dumps(self.entries, ensure_ascii=False)


class Script(NamedTuple):
    """A published kind of script: when it runs, what it is, and what must come of it."""

    name: str
    event: str
    matcher: str
    python: str
    steps: Sequence[dict[str, Any]]
    check: Callable[[Ran], bool]
    extra: Mapping[str, Any] = MappingProxyType({})


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": name, "arguments": arguments}]}


def bash(command: str) -> dict[str, Any]:
    return call("bash", command=command)


def write(path: str, content: str = "x=1\n") -> dict[str, Any]:
    return call("write", path=path, content=content)


DONE = {"text": "Done."}
SCRIPTS = (
    Script(
        "block dangerous commands", "PreToolUse", "Bash",
        "if re.search(r'rm\\s+-rf', event['tool_input']['command']):\n"
        "    print('Dangerous command blocked', file=sys.stderr); sys.exit(2)",
        [bash("touch kept; rm -rf kept"), DONE],
        lambda ran: "Dangerous command blocked" in ran.results() and not (ran.ws / "kept").exists(),
    ),
    Script(
        "protect files", "PreToolUse", "Edit|MultiEdit|Write",
        "path = event['tool_input'].get('file_path', '')\n"
        "if path.endswith('.lock'):\n"
        "    print(json.dumps({'hookSpecificOutput': {'hookEventName': 'PreToolUse',\n"
        "        'permissionDecision': 'deny', 'permissionDecisionReason': 'locked: ' + path}}))",
        [write("a.lock"), write("b.txt"), DONE],
        lambda ran: "locked: " in ran.results()
        and not (ran.ws / "a.lock").exists() and (ran.ws / "b.txt").exists(),
    ),
    Script(
        "format what was written", "PostToolUse", "Write|Edit",
        "path = event['tool_input']['file_path']\n"
        "if path.endswith('.py'):\n"
        "    text = open(path).read(); open(path, 'w').write(text.replace('=', ' = '))",
        [write("a.py"), DONE],
        lambda ran: (ran.ws / "a.py").read_text() == "x = 1\n",
    ),
    Script(
        "lint and tell the model", "PostToolUse", "Write",
        "print('E501 line too long in ' + event['tool_input']['file_path'], file=sys.stderr)\n"
        "sys.exit(2)",
        [write("a.py"), DONE],
        lambda ran: "E501 line too long" in ran.results() and (ran.ws / "a.py").exists(),
    ),
    Script(
        "log commands", "PreToolUse", "Bash",
        "log = os.path.join(os.environ['CLAUDE_PROJECT_DIR'], 'commands.log')\n"
        "open(log, 'a').write(event['tool_input']['command'] + '\\n')",
        [bash("echo one"), bash("echo two"), DONE],
        lambda ran: (ran.ws / "commands.log").read_text() == "echo one\necho two\n",
    ),
    Script(
        "context at the start", "SessionStart", "startup|resume",
        "print('The branch is trunk (' + event['source'] + ').')",
        [DONE], lambda ran: "The branch is trunk (startup)." in ran.all(),
    ),
    Script(
        "context with each prompt", "UserPromptSubmit", "",
        "print(json.dumps({'hookSpecificOutput': {'hookEventName': 'UserPromptSubmit',\n"
        "    'additionalContext': 'Ticket 42 for: ' + event['prompt']}}))",
        [DONE], lambda ran: "Ticket 42 for: go" in ran.all(),
    ),
    Script(
        "no secrets in prompts", "UserPromptSubmit", "",
        "if 'go' in event['prompt']:\n"
        "    print(json.dumps({'decision': 'block', 'reason': 'It looks like a secret.'}))",
        [DONE],
        lambda ran: "It looks like a secret." in ran.errors and ran.code != 0 and "go" not in [
            entry.get("text") for entry in ran.entries
        ],
    ),
    Script(
        "not done before the tests pass", "Stop", "",
        "passed = os.path.exists(os.path.join(event['cwd'], 'passed'))\n"
        "if not passed and not event['stop_hook_active']:\n"
        "    print(json.dumps({'decision': 'block', 'reason': 'Tests fail: run them.'}))",
        [{"text": "I am done."}, bash("touch passed"), {"text": "Now it is done."}],
        lambda ran: "Tests fail: run them." in ran.all() and ran.said.strip() == "Now it is done.",
    ),
    Script(
        "save the transcript at the end", "SessionEnd", "",
        "import shutil\n"
        "shutil.copy(event['transcript_path'], os.path.join(event['cwd'], 'saved.jsonl'))",
        [DONE],
        lambda ran: any(
            json.loads(line)["type"] == "assistant"
            for line in (ran.ws / "saved.jsonl").read_text().splitlines()
        ),
    ),
    Script(
        "read the last answer from the transcript", "Stop", "",
        "lines = [json.loads(line) for line in open(event['transcript_path'])]\n"
        "last = [l for l in lines if l['type'] == 'assistant'][-1]\n"
        "text = ''.join(b['text'] for b in last['message']['content'] if b['type'] == 'text')\n"
        "open(os.path.join(event['cwd'], 'spoken'), 'w').write(text)",
        [DONE], lambda ran: (ran.ws / "spoken").read_text() == "Done.",
    ),
    Script(
        "approve what is harmless", "PermissionRequest", "Bash",
        "if event['tool_input']['command'].startswith('make test'):\n"
        "    print(json.dumps({'hookSpecificOutput': {'hookEventName': 'PermissionRequest',\n"
        "        'decision': {'behavior': 'allow'}}}))",
        [bash("make test || echo ran > ran"), DONE],
        lambda ran: (ran.ws / "ran").exists() and ran.code == 0,
        {"mode": "read"},
    ),
    Script(
        "make a command safe", "PreToolUse", "Bash",
        "given = event['tool_input']\n"
        "given['command'] = given['command'].replace('echo', 'echo --dry-run')\n"
        "print(json.dumps({'hookSpecificOutput': {'hookEventName': 'PreToolUse',\n"
        "    'permissionDecision': 'allow', 'updatedInput': given}}))",
        [bash("echo deploy > out"), DONE],
        lambda ran: (ran.ws / "out").read_text() == "--dry-run deploy\n",
    ),
    Script(
        "a reminder behind a result", "PostToolUse", "Read",
        "print(json.dumps({'hookSpecificOutput': {'hookEventName': 'PostToolUse',\n"
        "    'additionalContext': 'This file is generated.'}}))",
        [call("read", path="seed.txt"), DONE],
        lambda ran: "This file is generated." in ran.results(),
    ),
    Script(
        "hide what a command said", "PostToolUse", "Bash",
        "said = json.dumps(event['tool_response'])\n"
        "if 'hunter2' in said:\n"
        "    print(json.dumps({'hookSpecificOutput': {'hookEventName': 'PostToolUse',\n"
        "        'updatedToolOutput': '(hidden)'}}))",
        [bash("echo hunter2"), DONE],
        lambda ran: "hunter2" not in ran.results() and "(hidden)" in ran.results(),
    ),
    Script(
        "log agents that end", "SubagentStop", "",
        "open(os.path.join(event['cwd'], 'agents.log'), 'a').write(event['agent_type'] + '\\n')",
        [call("task", agent="explorer", prompt="look", description="look"), {"text": "Saw."}, DONE],
        lambda ran: (ran.ws / "agents.log").read_text() == "explorer\n",
    ),
    Script(
        "only for commits", "PreToolUse", "Bash",
        "print('Write a ticket number.', file=sys.stderr); sys.exit(2)",
        [bash("git commit -m x"), bash("echo fine"), DONE],
        lambda ran: ran.results().count("Write a ticket number.") == 1 and "fine" in ran.results(),
        {"if": "Bash(git commit *)"},
    ),
    Script(
        "stop everything", "PostToolUse", "Bash",
        "print(json.dumps({'continue': False, 'stopReason': 'The budget of today is gone.'}))",
        [bash("echo one"), bash("touch never"), DONE],
        lambda ran: not (ran.ws / "never").exists()
        and "The budget of today is gone." in ran.errors,
    ),
    Script(
        "a word to the person", "PreToolUse", "Bash",
        "print(json.dumps({'systemMessage': 'Remember the freeze.', 'suppressOutput': True}))",
        [bash("echo one"), DONE],
        lambda ran: "Remember the freeze." in ran.errors and ran.code == 0,
    ),
    Script(
        "watch for errors", "PostToolUseFailure", "Bash",
        "print(json.dumps({'hookSpecificOutput': {'hookEventName': 'PostToolUseFailure',\n"
        "    'additionalContext': 'Seen before: see docs/errors.md'}}))",
        [bash("exit 3"), DONE],
        lambda ran: "Seen before: see docs/errors.md" in ran.results(),
    ),
    Script(
        "steps need a test", "TaskCompleted", "",
        "if 'test' not in event['task_subject']:\n"
        "    print('No test for: ' + event['task_subject'], file=sys.stderr); sys.exit(2)",
        [call("todo", items=[{"text": "write it", "status": "completed"}]), DONE],
        lambda ran: "No test for: write it" in ran.results(),
    ),
    Script(
        "watch a file", "FileChanged", "seed.txt",
        "open(os.path.join(event['cwd'], 'seen'), 'a').write(\n"
        "    os.path.basename(event['file_path']) + ' ' + event['event'])",
        [bash("echo more >> seed.txt"), DONE],
        lambda ran: (ran.ws / "seen").read_text() == "seed.txt change",
    ),
    Script(
        "tell when somebody is needed", "Notification", "permission_prompt",
        "open(os.path.join(event['cwd'], 'bell'), 'w').write(event['message'])",
        [bash("touch x"), DONE],
        lambda ran: "bash" in (ran.ws / "bell").read_text() and ran.code == 55,
        {"mode": "read"},
    ),
)  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=[one.name for one in SCRIPTS])
def test_a_published_kind_of_script_runs_unchanged(tmp_path: Path, script: Script) -> None:
    ws = tmp_path / "ws"
    (ws / ".claude/hooks").mkdir(parents=True)
    (ws / "seed.txt").write_text("seed\n")
    (ws / ".claude/hooks/hook.py").write_text(READ_EVENT + script.python + "\n")
    command = 'python3 "$CLAUDE_PROJECT_DIR"/.claude/hooks/hook.py'
    one: dict[str, Any] = {"type": "command", "command": command}
    if "if" in script.extra:
        one["if"] = script.extra["if"]
    group = {"matcher": script.matcher, "hooks": [one]}
    (ws / ".claude/settings.json").write_text(json.dumps({"hooks": {script.event: [group]}}))
    env = scripted_home(tmp_path / "home", script.steps)
    mode = script.extra.get("mode", "write")
    done = ion(ws, env, "run", "--trust-once", "--mode", mode, "go")
    ran = Ran(ws, env, done.stdout, done.stderr, done.returncode)
    assert script.check(ran), ran


def ion(ws: Path, env: Mapping[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ION, *args], cwd=ws, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
