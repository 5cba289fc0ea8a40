"""Hooks in real runs: ion's own, and unchanged ones of Claude Code's settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ion_core.asking import Proposal
from ion_core.errors import ConfigError
from ion_core.runtime import Runtime
from tests.e2e.test_mcp_run import Place, calls, results
from tests.fakes.scripted_home import scripted_home

pytestmark = pytest.mark.slow


def settings(place: Place, **hooks: object) -> None:
    folder = place.project / ".claude"
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps({"hooks": hooks}))


def claude(command: str, matcher: str = "") -> list[object]:
    return [{"matcher": matcher, "hooks": [{"type": "command", "command": command}]}]


GUARD = """#!/usr/bin/env python3
import json, sys
event = json.load(sys.stdin)
if "rm -rf" in event.get("tool_input", {}).get("command", ""):
    print("Dangerous command.", file=sys.stderr)
    sys.exit(2)
"""


def test_a_script_written_for_claude_code_guards_commands(tmp_path: Path) -> None:
    place = Place(tmp_path, [calls("bash", command="rm -rf build"), {"text": "ok"}])
    settings(place, PreToolUse=claude('python3 "$CLAUDE_PROJECT_DIR"/guard.py', "Bash"))
    (place.project / "guard.py").write_text(GUARD)
    (place.project / "build").mkdir()
    events = place.run("--trust-once")
    assert results(events) == [("denied", "Refused by a hook: Dangerous command.")]
    assert (place.project / "build").exists()


def test_a_script_that_guards_files_is_asked_about_each_file_of_a_patch(tmp_path: Path) -> None:
    patch = "*** Begin Patch\n*** Add File: a.txt\n+a\n*** Add File: x.env\n+b\n*** End Patch"
    place = Place(tmp_path, [calls("apply_patch", patch=patch), {"text": "ok"}])
    guard = """python3 -c 'import json,sys
if json.load(sys.stdin)["tool_input"]["file_path"].endswith(".env"): sys.exit("No." * 0 or 2)'"""
    settings(place, PreToolUse=claude(guard, "Edit|MultiEdit|Write"))
    assert results(place.run("--trust-once"))[0][0] == "denied"
    assert not (place.project / "x.env").exists()
    assert not (place.project / "a.txt").exists()


@pytest.mark.parametrize("event", ["SessionStart", "BeforeModel"])
def test_a_hook_that_wants_nothing_to_go_on_is_heeded_before_the_model_is_asked(
    tmp_path: Path, event: str
) -> None:
    place = Place(tmp_path, [{"text": "never"}])
    said = json.dumps({"continue": False, "stopReason": "Not today."})
    with (place.home / "config.toml").open("a") as file:
        file.write(f'[[hooks]]\nevent = "{event}"\ncommand = ["echo", {json.dumps(said)}]\n')
    done = place.ion("run", "--trust-once", "hi")
    assert done.returncode == 1
    assert "Not today." in done.stderr
    assert "never" not in done.stdout


def test_nothing_of_a_project_runs_before_it_is_trusted(tmp_path: Path) -> None:
    place = Place(tmp_path, [{"text": "ok"}])
    settings(place, SessionStart=claude("touch started"))
    assert place.ion("run", "hi").returncode == 3
    assert json.loads(place.ion("hooks", "list", "--json").stdout) == []
    assert not (place.project / "started").exists()


def test_a_formatter_follows_an_edit(tmp_path: Path) -> None:
    place = Place(tmp_path, [calls("write", path="a.txt", content="hello\n"), {"text": "ok"}])
    with (place.home / "config.toml").open("a") as file:
        file.write(
            '[[hooks]]\nevent = "PostToolUse"\nmatcher = "write|edit"\n'
            'command = ["sed", "-i", "s/hello/HELLO/", "$ION_FILE"]\n'
        )
    place.run("--trust-once")
    assert (place.project / "a.txt").read_text() == "HELLO\n"


def test_a_prompt_that_is_blocked_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    place = Place(tmp_path, [{"text": "never"}])
    settings(place, UserPromptSubmit=claude("echo 'no secrets here' >&2; exit 2"))
    done = place.ion("run", "--trust-once", "my password is")
    assert done.returncode != 0
    assert "no secrets here" in done.stderr
    assert "never" not in done.stdout


def test_a_transcript_in_claude_s_shape_can_be_read(tmp_path: Path) -> None:
    place = Place(tmp_path, [calls("bash", command="echo hi"), {"text": "ok"}])
    read = "cp $(python3 -c 'import json,sys; print(json.load(sys.stdin)[\"transcript_path\"])') t"
    settings(place, Stop=claude(read))
    place.run("--trust-once", prompt="say hi")
    lines = [json.loads(line) for line in (place.project / "t").read_text().splitlines()]
    assert [line["type"] for line in lines] == ["user", "assistant", "user", "assistant"]
    assert lines[1]["message"]["content"][0]["name"] == "Bash"


def test_hooks_are_listed_and_tried(tmp_path: Path) -> None:
    place = Place(tmp_path, [])
    with (place.home / "config.toml").open("a") as file:
        file.write('[[hooks]]\nevent = "PreToolUse"\nmatcher = "bash"\ncommand = ["false"]\n')
    [listed] = json.loads(place.ion("hooks", "list", "--json").stdout)
    assert (listed["event"], listed["runs"], listed["problem"]) == ("PreToolUse", "false", None)
    tried = json.loads(place.ion("hooks", "test", "PreToolUse", "--tool", "bash", "--json").stdout)
    assert tried["runs"][0]["problem"] == "exit 1"
    assert place.ion("hooks", "test", "NoSuchEvent").returncode == 2


def test_upkeep_and_changes_of_settings_are_told(tmp_path: Path) -> None:
    place = Place(tmp_path, [{"text": "ok"}])
    log = place.project / "log"
    with (place.home / "config.toml").open("a") as file:
        for event in ("Setup", "ConfigChange"):
            file.write(
                f'[[hooks]]\nevent = "{event}"\n'
                f'command = ["sh", "-c", "cat >> {log}; echo >> {log}"]\n'
            )
    place.run("--trust-once")
    assert place.ion("sessions", "gc").returncode == 0
    told = [json.loads(line) for line in log.read_text().splitlines() if line]
    assert [(one["hook_event_name"], one["trigger"]) for one in told] == [("Setup", "maintenance")]


async def test_settings_stay_as_they_are_where_a_hook_says_so(tmp_path: Path) -> None:
    home, ws = tmp_path / "home", tmp_path / "ws"
    ws.mkdir()
    env = scripted_home(home, [{"text": "ok"}])
    with (home / "config.toml").open("a") as file:
        command = '["sh", "-c", "echo frozen >&2; exit 2"]'
        file.write(f'[[hooks]]\nevent = "ConfigChange"\ncommand = {command}\n')
    async with Runtime(ws, env=env, trusted=True) as runtime:
        before = runtime.settings
        with pytest.raises(ConfigError, match="The settings were not changed: frozen"):
            await runtime.rulebook.keep(Proposal(tool="bash", pattern="ls*"))
        assert runtime.settings == before
