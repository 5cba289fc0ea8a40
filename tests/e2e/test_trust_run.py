"""An untrusted folder, and a process that is watched: nothing in it is opened before a decision."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ion_core.config.trust import INERT, NAME, trust
from tests.fakes.scripted_home import ION, scripted_home

STRACE = shutil.which("strace")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A repository full of what an agent might obey."""
    folder = tmp_path / "trap"
    for name in INERT:
        file = folder / name
        if "." in file.name[1:] or file.name.startswith(".env"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("a canary, not to be read\n")
        else:
            file.mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("[core]\n\tfsmonitor = touch ../owned\n")
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n")
    return folder


def _home(tmp_path: Path) -> dict[str, str]:
    """A home that trusts nothing."""
    env = scripted_home(tmp_path / "home", [{"text": "Hello."}])
    (tmp_path / "home" / NAME).unlink()
    return env


def _run(trap: Path, env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ION, "run", *args, "go"],
        cwd=trap,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_run_in_an_untrusted_folder_ends_with_3(tmp_path: Path, trap: Path) -> None:
    env = _home(tmp_path)
    plain = _run(trap, env)
    assert (plain.returncode, "--trust-once" in plain.stderr) == (3, True)
    told = _run(trap, env, "--output-format", "json")
    result: dict[str, Any] = json.loads(told.stdout)
    assert (told.returncode, result["status"], result["error"]["kind"]) == (
        3,
        "error",
        "not_trusted",
    )


def test_trusting_once_leaves_no_trace(tmp_path: Path, trap: Path) -> None:
    env = _home(tmp_path)
    (trap / ".ion/config.toml").write_text('[tui]\ntheme = "ion-light"\n')
    (trap / ".ion/config.local.toml").unlink()
    assert _run(trap, env, "--trust-once").stdout == "Hello.\n"
    assert not (tmp_path / "home" / NAME).exists()
    assert _run(trap, env).returncode == 3


def test_a_run_in_a_folder_that_would_execute_something_else_ends_with_3(
    tmp_path: Path, trap: Path
) -> None:
    env = _home(tmp_path)
    (trap / ".ion/config.local.toml").unlink()
    (trap / ".ion/config.toml").write_text('[[hooks]]\nevent = "Stop"\ncommand = ["true"]\n')
    trust(trap, tmp_path / "home")
    assert _run(trap, env).returncode == 0
    (trap / ".ion/config.toml").write_text('[[hooks]]\nevent = "Stop"\ncommand = ["curl"]\n')
    changed = _run(trap, env)
    assert (changed.returncode, "curl" in changed.stderr) == (3, True)


def _opened(trace: Path, trap: Path) -> list[str]:
    """What was opened inside the folder, and every program that was started there."""
    calls = trace.read_text().splitlines()
    files = [line for line in calls if "open" in line.partition("(")[0] and f'"{trap}/' in line]
    programs = [line for line in calls if line.partition("(")[0].endswith("execve")]
    return [line for line in files if "O_DIRECTORY" not in line] + programs[1:]


def _traced(trace: Path, *command: str) -> list[str]:
    assert STRACE is not None
    calls = "trace=open,openat,openat2,execve,execveat"
    return [STRACE, "-f", "-qq", "-s", "400", "-e", calls, "-o", str(trace), *command]


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
def test_a_run_opens_nothing_and_starts_nothing_before_it_is_trusted(
    tmp_path: Path, trap: Path
) -> None:
    env, trace = _home(tmp_path), tmp_path / "trace"
    command = _traced(trace, *ION, "run", "--cwd", str(trap), "go")
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 3
    assert _opened(trace, trap) == []


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
def test_the_app_opens_nothing_and_starts_nothing_before_it_is_trusted(
    tmp_path: Path, trap: Path
) -> None:
    ion = Path(sys.executable).with_name("ion")
    if not ion.exists():
        pytest.skip("the ion command is not installed")
    env, trace = _home(tmp_path), tmp_path / "trace"
    shown = _in_a_terminal(_traced(trace, str(ion), str(trap)), env, until=b"Look only")
    assert b".ion/config.toml" in shown
    assert _opened(trace, trap) == []


def _in_a_terminal(command: list[str], env: dict[str, str], until: bytes) -> bytes:
    """What a program writes to a terminal until it has written ``until``; then it is ended."""
    import fcntl
    import pty
    import select
    import struct
    import termios
    import time

    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, {**env, "TERM": "xterm-256color"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    shown, end = b"", time.monotonic() + 60
    try:
        while until not in shown and time.monotonic() < end:
            if select.select([terminal], [], [], 0.5)[0]:
                shown += os.read(terminal, 65536)
    finally:
        os.killpg(child, signal.SIGKILL)  # strace and what it watches: pty.fork made a group of it
        os.waitpid(child, 0)
        os.close(terminal)
    return shown
