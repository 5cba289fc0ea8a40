"""The toolbox finds what a model means, and says so when it is not there."""

from __future__ import annotations

import pytest
from tools_bench import Bench

from ion_core.tools.toolbox import Toolbox


def test_tools_come_in_the_order_of_their_names(bench: Bench) -> None:
    names = ("bash", "edit", "glob", "grep", "list", "read", "write")
    assert bench.toolbox.names == names
    assert tuple(spec.name for spec in bench.toolbox.specs()) == names


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("read", "read"),
        ("Read", "read"),
        ("functions.bash", "bash"),
        ("default_api:grep", "grep"),
        ("execute_bash", "bash"),
        ("read_file", "read"),
        ("LIST", "list"),
        (" glob ", "glob"),
    ],
)
def test_a_name_that_is_surely_meant_is_found(bench: Bench, asked: str, meant: str) -> None:
    tool = bench.toolbox.find(asked)
    assert tool is not None
    assert tool.name == meant


@pytest.mark.parametrize("asked", ["", "rea", "reader", "delete", "mcp__files__open"])
def test_a_guess_is_not_made(bench: Bench, asked: str) -> None:
    assert bench.toolbox.find(asked) is None


def test_an_unknown_name_is_answered_with_the_nearest(bench: Bench) -> None:
    assert bench.toolbox.unknown("grepp") == "There is no tool 'grepp'. Use one of: grep."
    assert "bash, edit, glob, grep, list, read, write" in bench.toolbox.unknown("zzzz")


def test_an_empty_toolbox_offers_nothing() -> None:
    assert Toolbox(()).specs() == ()
    assert Toolbox(()).find("bash") is None
