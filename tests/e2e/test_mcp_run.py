"""MCP servers in real runs: found by the model, called in their sandbox, and inert before trust."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

FAKE = Path(__file__).parents[1] / "fakes" / "mcp" / "server.py"


def calls(name: str, **arguments: Any) -> dict[str, Any]:
    """A step of a script that calls one tool."""
    return {"calls": [{"name": name, "arguments": arguments}]}


class Place:
    """A home with a scripted model, and a project beside it."""

    def __init__(self, folder: Path, steps: Sequence[dict[str, Any]]) -> None:
        self.home, self.project = folder / "home", folder / "project"
        self.home.mkdir()
        self.project.mkdir()
        (folder / "script.json").write_text(json.dumps(steps))
        (self.home / "config.toml").write_text(
            f'model = "play/script"\n[providers.play]\nprotocol = "scripted"\n'
            f'base_url = "{folder / "script.json"}"\n'
            "[providers.play.models.script]\ncontext_window = 200000\n"
        )

    def ion(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ion_core", *words],
            cwd=self.project,
            env={**os.environ, "ION_HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def run(self, *words: str, prompt: str = "go") -> list[dict[str, Any]]:
        """The events of a run, each with its kind."""
        done = self.ion("run", "--output-format", "stream-json", *words, prompt)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return [line["event"] for line in lines if line["type"] == "event"]

    def declare(self, *args: str, file: str = ".mcp.json") -> Path:
        """Write the fake server into the project."""
        server = {"command": sys.executable, "args": [str(FAKE), *args]}
        path = self.project / file
        path.write_text(json.dumps({"mcpServers": {"fake": server}}))
        return path


def results(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(e["status"], e["content"]) for e in events if e["kind"] == "tool_ended"]


SEARCH = calls("tool_search", query="say a word so often")
SHOUT = calls("mcp__fake__shout", word="hey")


def test_the_model_finds_and_calls_a_tool_of_a_project_s_server(tmp_path: Path) -> None:
    place = Place(tmp_path, [SEARCH, SHOUT, {"text": "done"}])
    place.declare()
    events = place.run("--trust-once")
    found, shouted = results(events)
    assert "mcp__fake__shout" in found[1].splitlines()[0]
    assert shouted == ("ok", "HEY")


def test_before_the_folder_is_trusted_nothing_of_it_is_started(tmp_path: Path) -> None:
    place = Place(tmp_path, [{"text": "done"}])
    place.declare()
    refused = place.ion("run", "hi")
    assert refused.returncode == 3
    assert json.loads(place.ion("mcp", "list", "--json").stdout) == []
    assert not (place.home / "logs" / "mcp-fake.log").exists()


def test_a_server_writes_nothing_in_the_project_unless_it_may(tmp_path: Path) -> None:
    place = Place(tmp_path, [SEARCH, calls("mcp__fake__writes", path="made.txt"), {"text": "done"}])
    place.declare()
    status = json.loads(place.ion("sandbox", "status", "--json").stdout)
    if status["protection"] == "none":
        pytest.skip("there is no sandbox on this machine")
    events = place.run("--trust-once")
    assert results(events)[-1][0] == "error"
    assert not (place.project / "made.txt").exists()


def test_a_server_of_a_named_file_and_one_that_dies_are_told_apart(tmp_path: Path) -> None:
    place = Place(tmp_path, [SEARCH, SHOUT, {"text": "done"}])
    named = place.declare("dies", file="more.json")
    events = place.run("--trust-once", "--mcp-config", str(named))
    assert "The MCP server fake is not there (failed)." in results(events)[-1][1]
    assert "no, thank you" in results(events)[-1][1]


def test_it_is_added_tried_listed_and_removed_by_command(tmp_path: Path) -> None:
    place = Place(tmp_path, [])
    added = place.ion("mcp", "add", "fake", "--", sys.executable, str(FAKE))
    assert added.returncode == 0
    tried = json.loads(place.ion("mcp", "test", "fake", "--json").stdout)
    assert (tried["state"], tried["server"], tried["prompts"]) == (
        "connected",
        "fake 1.2",
        ["greet"],
    )
    tools = place.ion("mcp", "tools", "fake").stdout
    assert "mcp__fake__shout\n  Says a word so often." in tools
    [listed] = json.loads(place.ion("mcp", "list", "--json").stdout)
    assert (listed["name"], listed["state"]) == ("fake", "on")
    assert listed["source"].endswith("/config.toml:9")
    assert place.ion("mcp", "remove", "fake").returncode == 0
    assert place.ion("mcp", "remove", "fake").returncode == 2
    assert "mcp_servers" not in (place.home / "config.toml").read_text()


def test_a_program_that_is_not_installed_is_said(tmp_path: Path) -> None:
    place = Place(tmp_path, [])
    place.ion("mcp", "add", "bad", "--", "no-such-program")
    tried = place.ion("mcp", "test", "bad")
    assert tried.returncode == 1
    assert "no-such-program is not installed, or not in PATH." in tried.stdout


def test_a_resource_is_attached_to_a_prompt(tmp_path: Path) -> None:
    place = Place(tmp_path, [{"text": "done"}])
    place.declare()
    events = place.run("--trust-once", prompt="look at @fake:note://first please")
    bodies = [e["entry"]["body"] for e in events if e["kind"] == "entry_appended"]
    [attached] = [body for body in bodies if body["kind"] == "attachment"]
    assert attached["source"] == "fake:note://first"
    assert "the first note" in attached["text"]


def test_a_prompt_of_a_server_is_a_command(tmp_path: Path) -> None:
    place = Place(tmp_path, [{"text": "done"}])
    place.declare()
    events = place.run("--trust-once", prompt="/mcp__fake__greet Ada Lovelace")
    bodies = [e["entry"]["body"] for e in events if e["kind"] == "entry_appended"]
    [run] = [body for body in bodies if body["kind"] == "skill_run"]
    assert run["text"] == "Say hello to Ada Lovelace."


def test_in_read_a_tool_runs_only_by_a_rule_of_the_person_s(tmp_path: Path) -> None:
    place = Place(tmp_path, [SEARCH, SHOUT, {"text": "done"}])
    place.declare()
    events = place.run("--trust-once", "--mode", "read")
    assert results(events)[-1][0] == "denied"
    with (place.home / "config.toml").open("a") as file:
        file.write('[permissions]\nrules = [{ tool = "mcp__fake__*", decision = "allow" }]\n')
    events = place.run("--trust-once", "--mode", "read")
    assert results(events)[-1] == ("ok", "HEY")


def test_without_any_server_nothing_of_the_protocol_is_imported(tmp_path: Path) -> None:
    place = Place(tmp_path, [{"text": "done"}])
    code = (
        "import sys; from ion_core.cli.main import main; "
        "main(['run', '--trust-once', '-q', 'hi']); "
        "print([m for m in sys.modules if m.split('.')[0] in ('mcp', 'anyio', 'httpx2') "
        "or m.startswith('ion_core.mcp')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=place.project,
        env={**os.environ, "ION_HOME": str(place.home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "[]"
