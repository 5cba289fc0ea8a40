"""``ion policy check`` answers every question with a decision, a reason and a rule."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ion_core.cli.main import main


@pytest.fixture(autouse=True)
def _here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)


def _answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["policy", "check", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_command_is_judged_as_read_would(capsys: pytest.CaptureFixture[str]) -> None:
    assert _answer(capsys, "ls -la")["decision"] == "allow"
    answer = _answer(capsys, "sort -o x notes.txt")
    assert (answer["decision"], answer["rule"]) == ("ask", "shell.option")
    assert "-o" in answer["reason"]


def test_write_mode_runs_what_read_asks_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert _answer(capsys, "--mode", "write", "touch x")["decision"] == "allow"
    assert _answer(capsys, "--mode", "plan", "touch x")["decision"] == "ask"


def test_a_path_and_a_url_are_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert _answer(capsys, "--path", "notes.txt")["decision"] == "allow"
    assert _answer(capsys, "--path", "/etc/passwd", "--op", "read")["decision"] == "ask"
    assert _answer(capsys, "--path", ".git/config", "--op", "write")["decision"] == "deny"
    assert _answer(capsys, "--mode", "read", "--path", "x", "--op", "write")["decision"] == "deny"
    assert _answer(capsys, "--url", "http://127.0.0.1/")["decision"] == "deny"


def test_a_person_reads_the_decision_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", "./run.sh"]) == 0
    assert capsys.readouterr().out.startswith("ask: ./run.sh is not a program of the system.")


def test_every_line_is_answered_in_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        {"id": 1, "command": "ls"},
        {"id": "b", "command": "rm x"},
        {"path": "x\ud800", "op": "read"},
        {"id": 4, "path": "x", "op": "fly"},
        {"id": 5, "url": "https://a.example/", "dns": {"a.example": ["10.0.0.1"]}},
        {"id": 6, "url": "https://a.example/", "dns": {"a.example": ["93.184.216.34"]}},
        {"id": 7},
        {"id": 8, "command": 3},
    ]
    text = "\n".join([*(json.dumps(line) for line in lines), "no json", "[1]"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert main(["policy", "check", "--stdin", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == [1, "b", None, 4, 5, 6, 7, 8, None, None]
    assert [row["decision"] for row in rows] == [
        *("allow", "ask", "deny", "deny", "deny", "allow", "deny", "deny", "deny", "deny")
    ]


def test_a_persons_rules_take_part(capsys: pytest.CaptureFixture[str], ion_home: Path) -> None:
    ion_home.mkdir(exist_ok=True)
    (ion_home / "config.toml").write_text(
        'permissions.rules = [{ tool = "bash", pattern = "ls *", decision = "deny" }]\n'
    )
    answer = _answer(capsys, "ls -la")
    assert (answer["decision"], answer["rule"]) == ("deny", "permissions.deny")


def test_a_project_cannot_allow_itself_anything(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    (project / ".ion").mkdir()
    (project / ".ion/config.toml").write_text(
        'permissions.rules = [{ tool = "bash", pattern = "*", decision = "allow" }]\n'
    )
    assert _answer(capsys, "touch x")["decision"] == "ask"


@pytest.mark.parametrize("words", [(), ("ls", "--path", "x"), ("--path", "x", "--url", "y")])
def test_one_question_is_asked_at_a_time(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "check", *words]) == 2
    assert "Say one of" in capsys.readouterr().err
