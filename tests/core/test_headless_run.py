"""``ion run`` as scripts see it: real processes, a scripted model."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home

HELLO = [{"text": "Hello there.", "usage": {"input": 100, "output": 10}}]
WRITES = [
    {
        "text": "Writing.",
        "calls": [{"name": "write", "arguments": {"path": "a.txt", "content": "hi\n"}}],
        "usage": {"input": 100, "output": 10},
    },
    {"text": "Done.", "usage": {"input": 120, "output": 5}},
]


class Shell:
    """Runs ion in a folder and a home of its own."""

    def __init__(self, tmp_path: Path, steps: list[dict[str, Any]]) -> None:
        self.cwd = tmp_path / "ws"
        self.cwd.mkdir()
        self.home = tmp_path / "home"
        self.env = scripted_home(self.home, steps)

    def ion(self, *args: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ION, *args],
            cwd=self.cwd,
            env=self.env,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def lines(self, *args: str) -> list[dict[str, Any]]:
        done = self.ion("run", "--output-format", "stream-json", *args)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def result(self, *args: str) -> dict[str, Any]:
        done = self.ion("run", "--output-format", "json", *args)
        value = json.loads(done.stdout)
        assert isinstance(value, dict)
        return value


def test_text_is_the_answer_alone_and_progress_goes_to_standard_error(tmp_path: Path) -> None:
    done = Shell(tmp_path, WRITES).ion("run", "write a.txt")
    assert (done.returncode, done.stdout) == (0, "Done.\n")
    assert "write a.txt" in done.stderr
    assert (tmp_path / "ws" / "a.txt").read_text() == "hi\n"


def test_quiet_says_nothing_on_standard_error(tmp_path: Path) -> None:
    assert Shell(tmp_path, WRITES).ion("run", "-q", "write a.txt").stderr == ""


def test_json_is_one_result_object(tmp_path: Path) -> None:
    result = Shell(tmp_path, WRITES).result("write a.txt")
    assert {k: result[k] for k in ("type", "v", "status", "model", "text", "turns")} == {
        "type": "result",
        "v": 1,
        "status": "ok",
        "model": "play/script",
        "text": "Done.",
        "turns": 2,
    }
    assert result["tool_calls"] == 1
    assert result["usage"] == {
        "input": 220,
        "output": 15,
        "cache_read": 0,
        "cache_write": 0,
        "reasoning": 0,
    }
    assert result["cost_usd"] == pytest.approx(250e-6)
    assert result["error"] is None


def test_the_stream_begins_with_the_prompt_and_ends_with_the_result(tmp_path: Path) -> None:
    lines = Shell(tmp_path, WRITES).lines("write a.txt")
    first, last = lines[0], lines[-1]
    assert first["event"]["kind"] == "entry_appended"
    assert first["event"]["entry"]["body"]["parts"][0]["text"] == "write a.txt"
    assert last["type"] == "result"
    assert [line["seq"] for line in lines[:-1]] == list(range(1, len(lines)))
    kinds = [line["event"]["kind"] for line in lines[:-1]]
    assert kinds.count("turn_ended") == kinds.count("tool_ended") == 1
    ended = next(e["event"] for e in lines[:-1] if e["event"]["kind"] == "tool_ended")
    assert {"call", "name", "status", "duration_ms", "content"} <= set(ended)


def test_an_unknown_price_makes_the_cost_null(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    assert shell.result("-m", "play/other", "hi")["cost_usd"] is None


def test_a_prompt_and_a_pipe_are_both_sent(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    shell.ion("run", "review", input="+ a line\n")
    shown = shell.ion("sessions", "list", "--json").stdout
    session = json.loads(shown)[0]["session"]
    entries = json.loads(shell.ion("sessions", "show", session, "--json").stdout)["entries"]
    assert entries[0]["text"] == "review\n\n+ a line"


def test_a_dash_reads_standard_input(tmp_path: Path) -> None:
    assert Shell(tmp_path, HELLO).ion("run", "-", input="hi\n").stdout == "Hello there.\n"


def test_no_task_is_wrong_usage(tmp_path: Path) -> None:
    done = Shell(tmp_path, HELLO).ion("run")
    assert done.returncode == 2
    assert "needs a task" in done.stderr


def test_the_turn_limit_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    done = Shell(tmp_path, WRITES).ion("run", "--max-turns", "1", "go")
    assert done.returncode == 53
    assert "turn limit" in done.stderr


def test_a_countdown_is_told_once_as_text_and_each_second_as_events(tmp_path: Path) -> None:
    busy = {"error": {"kind": "overloaded", "message": "Busy.", "retry_after": 1.5}}
    shell = Shell(tmp_path, [busy, *HELLO])
    assert shell.ion("run", "go").stderr.count("Attempt 2") == 1
    waits = [e for e in shell.lines("go") if e.get("event", {}).get("kind") == "step_retrying"]
    assert len(waits) >= 3


def test_a_busy_provider_says_try_again_later(tmp_path: Path) -> None:
    steps = [{"error": {"kind": "rate_limited", "message": "Slow down.", "retry_after": 9000}}]
    done = Shell(tmp_path, steps).ion("run", "go")
    assert done.returncode == 75
    assert "Slow down." in done.stderr


def test_a_failed_run_keeps_its_error_in_the_result(tmp_path: Path) -> None:
    steps = [{"error": {"kind": "bad_request", "message": "No such field."}}]
    shell = Shell(tmp_path, steps)
    result = shell.result("go")
    assert result["status"] == "error"
    assert result["error"] == {
        "kind": "bad_request",
        "message": "No such field.",
        "retryable": False,
    }


def test_a_wrong_setting_is_said_with_its_line(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    config = shell.home / "config.toml"
    config.write_text("modle = 'x'\n" + config.read_text())
    done = shell.ion("run", "go")
    assert done.returncode == 2
    assert f"{config}:1" in done.stderr
    assert "model" in done.stderr


def test_continue_goes_on_with_the_newest_session_of_the_folder(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    first = shell.result("one")
    again = shell.result("-c", "two")
    assert again["session"] == first["session"]
    assert again["usage"]["input"] == 100
    prefix = first["session"][:30]
    assert shell.result("-r", prefix, "three")["session"] == first["session"]


def test_flags_hold_for_a_session_that_began_with_others(tmp_path: Path) -> None:
    shell = Shell(tmp_path, WRITES)
    shell.result("--mode", "read", "one")
    assert not (tmp_path / "ws" / "a.txt").exists()
    again = shell.result("-c", "--mode", "write", "-m", "play/other", "two")
    assert again["model"] == "play/other"
    assert (tmp_path / "ws" / "a.txt").exists()
    third = shell.result("-c", "three")
    assert third["model"] == "play/other"


def test_continue_without_a_session_says_so(tmp_path: Path) -> None:
    done = Shell(tmp_path, HELLO).ion("run", "-c", "two")
    assert done.returncode == 1
    assert "no session" in done.stderr


def test_no_session_leaves_nothing(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    assert shell.ion("run", "--no-session", "one").stdout == "Hello there.\n"
    assert not (shell.home / "sessions.db").exists()


def test_read_mode_changes_nothing(tmp_path: Path) -> None:
    shell = Shell(tmp_path, WRITES)
    assert shell.ion("run", "--mode", "read", "write a.txt").returncode == 0
    assert not (tmp_path / "ws" / "a.txt").exists()


def test_an_interrupt_ends_with_130_and_a_valid_session(tmp_path: Path) -> None:
    steps = [{"calls": [{"name": "bash", "arguments": {"command": "sleep 30"}}]}, *HELLO]
    shell = Shell(tmp_path, steps)
    child = subprocess.Popen(
        [*ION, "run", "--output-format", "stream-json", "go"],
        cwd=shell.cwd,
        env=shell.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    with child.stdout:
        while b"tool_started" not in child.stdout.readline():
            pass
        child.send_signal(signal.SIGINT)
        last = json.loads(child.stdout.read().splitlines()[-1])
    assert child.wait(timeout=20) == 130
    assert last["status"] == "interrupted"
    shell.env = scripted_home(shell.home, HELLO)
    assert shell.ion("run", "-c", "again").returncode == 0


def test_a_closed_pipe_ends_the_run_without_a_traceback(tmp_path: Path) -> None:
    shell = Shell(tmp_path, [{"text": "word " * 2000, "delay_s": 0.0005}])
    line = " ".join([*ION, "run", "--output-format", "stream-json", "go"])
    done = subprocess.run(
        ["bash", "-c", f"{line} | head -2"],
        cwd=shell.cwd,
        env=shell.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_sessions_can_be_renamed_deleted_and_restored(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    session = shell.result("one")["session"]
    assert shell.ion("sessions", "rename", session, "My", "title").returncode == 0
    listed = json.loads(shell.ion("sessions", "list", "--json").stdout)
    assert [row["title"] for row in listed] == ["My title"]
    shell.ion("sessions", "delete", session)
    assert json.loads(shell.ion("sessions", "list", "--json").stdout) == []
    shell.ion("sessions", "restore", session)
    assert len(json.loads(shell.ion("sessions", "list", "--json").stdout)) == 1


def test_models_lists_what_is_configured(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    rows = json.loads(shell.ion("models", "--provider", "play", "--json").stdout)
    assert [(row["model"], row["context_window"]) for row in rows] == [("play/script", None)]
    table = shell.ion("models", "--provider", "play").stdout
    assert table.splitlines()[1].split()[:6] == [
        "play/script",
        "unknown",
        "unknown",
        "$1",
        "$2",
        "$1",
    ]


def test_an_unknown_session_is_an_error(tmp_path: Path) -> None:
    done = Shell(tmp_path, HELLO).ion("sessions", "show", "nope")
    assert done.returncode == 1
    assert "nope" in done.stderr


def test_a_warm_run_imports_nothing_heavy(tmp_path: Path) -> None:
    shell = Shell(tmp_path, HELLO)
    shell.ion("run", "one")
    program = (
        "import sys\nfrom ion_core.cli.main import main\n"
        "code = main(['run', '-q', 'two'])\n"
        "heavy = {'textual', 'rich', 'mcp', 'tiktoken', 'pydantic', 'pydantic_settings',"
        " 'jinja2', 'tomllib', 'logging.config', 'importlib.metadata', 'pygments'}\n"
        "print(sorted(heavy & set(sys.modules)), code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=shell.cwd,
        env=shell.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "[] 0"


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], ["sessions", "list", "--help"]])
def test_every_command_explains_itself(tmp_path: Path, args: list[str]) -> None:
    done = Shell(tmp_path, HELLO).ion(*args)
    assert done.returncode == 0
    assert "ion" in done.stdout
