"""A session in the trash: found there, not gone on with, taken out again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.fakes.scripted_home import ION, scripted_home


def test_a_session_in_the_trash_is_listed_there_and_not_gone_on_with(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "Hello."}])

    def ion(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ION, *words], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip

    assert ion("run", "hi").returncode == 0
    [info] = json.loads(ion("sessions", "list", "--json").stdout)
    assert ion("sessions", "delete", info["session"]).returncode == 0
    assert json.loads(ion("sessions", "list", "--json").stdout) == []
    [there] = json.loads(ion("sessions", "list", "--deleted", "--json").stdout)
    refused = ion("run", "--resume", there["session"], "go on")
    assert refused.returncode == 2
    assert f"ion sessions restore {there['session']}" in refused.stderr
    assert ion("sessions", "restore", there["session"]).returncode == 0
    assert ion("run", "--resume", there["session"], "go on").returncode == 0
