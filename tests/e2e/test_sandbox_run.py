"""The sandbox as a person meets it: ``ion run``, ``ion sandbox status`` and ``exec``."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ion_core.sandbox.sandbox import Sandbox
from tests.fakes.scripted_home import ION, scripted_home


@pytest.fixture
def person(tmp_path: Path) -> dict[str, Path]:
    """The folders of a person who has a secret."""
    folders = {name: tmp_path / "home" / name for name in ("work", "elsewhere", ".ssh")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders[".ssh"] / "id").write_text("SECRET")
    return folders


@pytest.fixture
def protection(tmp_path: Path) -> str:
    """What this machine offers, by the probe."""
    return Sandbox(tmp_path / "probe").means.protection


def ion(env: dict[str, str], cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ION, *words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment(tmp_path: Path, command: str) -> dict[str, str]:
    steps: list[dict[str, Any]] = [
        {"calls": [{"name": "bash", "arguments": {"command": command}}]},
        {"text": "Done."},
    ]
    env = scripted_home(tmp_path / "ion", steps)
    return {**env, "HOME": str(tmp_path / "home")}


def result_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The end of the one tool."""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    events = [line["event"] for line in lines if line["type"] == "event"]
    return next(event for event in events if event["kind"] == "tool_ended")


def test_a_command_of_a_model_runs_in_the_sandbox(
    tmp_path: Path, person: dict[str, Path], protection: str
) -> None:
    if protection == "none":
        pytest.skip("no sandbox here")
    command = f"echo in > inside; cat {person['.ssh']}/id; echo out > {person['elsewhere']}/out"
    env = environment(tmp_path, command)
    ended = result_of(ion(env, person["work"], "run", "--output-format", "stream-json", "go"))
    assert ended["status"] == "error"
    assert "SECRET" not in ended["content"]
    assert "[sandbox: Commands write only in" in ended["content"]
    assert (person["work"] / "inside").read_text() == "in\n"
    assert not (person["elsewhere"] / "out").exists()


def test_the_sandbox_can_be_switched_off_for_a_run(tmp_path: Path, person: dict[str, Path]) -> None:
    env = environment(tmp_path, f"echo out > {person['elsewhere']}/out")
    words = ("run", "--sandbox", "off", "--output-format", "stream-json", "go")
    ended = result_of(ion(env, person["work"], *words))
    assert ended["status"] == "ok"
    assert (person["elsewhere"] / "out").exists()


def test_status_says_what_the_probe_found(
    tmp_path: Path, person: dict[str, Path], protection: str
) -> None:
    env = environment(tmp_path, "true")
    said = json.loads(ion(env, person["work"], "sandbox", "status", "--json").stdout)
    assert said["protection"] == protection
    assert said["enabled"] == "auto"
    told = ion(env, person["work"], "sandbox", "status").stdout
    headlines = {"full": "full sandbox", "reduced": "reduced sandbox", "none": "Nothing protects"}
    assert headlines[protection] in told


def test_exec_runs_one_command_and_gives_its_exit_code(
    tmp_path: Path, person: dict[str, Path], protection: str
) -> None:
    env = environment(tmp_path, "true")
    done = ion(env, person["work"], "sandbox", "exec", "--", "sh", "-c", "echo said; exit 7")
    assert (done.returncode, done.stdout) == (7, "said\n")
    if protection == "none":
        assert "no sandbox here" in done.stderr
        return
    words = ("sandbox", "exec", "--profile", "read", "--", "touch", "new")
    done = ion(env, person["work"], *words)
    assert done.returncode != 0
    assert os.listdir(person["work"]) == []


def test_a_sandbox_inside_the_sandbox_is_a_reduced_one(
    tmp_path: Path, person: dict[str, Path], protection: str
) -> None:
    if protection != "full":
        pytest.skip("no full protection here")
    env = environment(tmp_path, "true")
    config = tmp_path / "ion" / "config.toml"
    python = [str(Path(path).parent.parent) for path in (ION[0], os.path.realpath(ION[0]))]
    readable = json.dumps([*python, os.getcwd()])
    config.write_text(f"{config.read_text()}\n[sandbox]\nreadable = {readable}\n")
    inner = (
        f"ION_HOME=$PWD/.own PYTHONPATH={os.getcwd()} {ION[0]} -m ion_core sandbox status --json"
    )
    done = ion(env, person["work"], "sandbox", "exec", "--", "sh", "-c", inner)
    said = json.loads(done.stdout)
    assert said["protection"] == "reduced", said
    assert any("bubblewrap cannot be used here" in sentence for sentence in said["missing"])
