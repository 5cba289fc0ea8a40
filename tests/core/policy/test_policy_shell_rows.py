"""No command of any known family of tricks is allowed; daily reading is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ion_core.policy.shell.classify import classify
from ion_core.policy.shell.scene import Scene


def _rows(name: str) -> list[dict[str, Any]]:
    lines = Path(__file__).with_name(name).read_text().splitlines()
    return [json.loads(line) for line in lines]


SHARED, OWN = _rows("commands.jsonl"), _rows("families.jsonl")
FAMILIES = sorted({row["family"] for row in (*SHARED, *OWN) if row["expect"] == "ask"})


@pytest.mark.parametrize("family", FAMILIES)
def test_no_trick_of_the_family_is_allowed(family: str, scene: Scene) -> None:
    rows = [row for row in (*SHARED, *OWN) if row["family"] == family and row["expect"] == "ask"]
    said = {row["command"]: classify(row["command"], scene) for row in rows}
    assert [command for command, answer in said.items() if answer.decision != "ask"] == []
    assert [command for command, answer in said.items() if answer.rule == "shell.error"] == []


def test_at_least_95_of_100_daily_commands_are_allowed(scene: Scene) -> None:
    daily = [row["command"] for row in SHARED if row["tier"] == "daily"]
    asked = [command for command in daily if classify(command, scene).decision != "allow"]
    assert len(asked) <= len(daily) * 0.05, asked


@pytest.mark.parametrize("family", sorted({r["family"] for r in OWN if r["expect"] == "allow"}))
def test_usual_looks_of_the_family_are_allowed(family: str, scene: Scene) -> None:
    rows = [row for row in OWN if row["family"] == family and row["expect"] == "allow"]
    said = {row["command"]: classify(row["command"], scene) for row in rows}
    assert {c: a.reason for c, a in said.items() if a.decision != "allow"} == {}


def test_a_command_that_the_classifier_fails_on_asks(scene: Scene) -> None:
    class Broken(Scene):
        def check_path(self, path: str) -> None:
            raise KeyError(path)

    broken = Broken(scene.workspace, scene.cwd, scene.home)
    answer = classify("cat notes.txt", broken)
    assert (answer.decision, answer.rule) == ("ask", "shell.error")


def test_too_many_commands_and_too_long_ones_ask(scene: Scene) -> None:
    assert classify("; ".join(["ls"] * 50), scene).decision == "allow"
    assert classify("; ".join(["ls"] * 51), scene).rule == "shell.length"
    assert classify("echo " + "x" * 10_000, scene).rule == "shell.length"
    assert classify("echo \ud800", scene).rule == "shell.encoding"
