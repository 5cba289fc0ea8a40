"""The toolbox finds what a model means, and says so when it is not there."""

from __future__ import annotations

import pytest
from tools_bench import Bench

from ion_core.tools.toolbox import Toolbox


def test_tools_come_in_the_order_of_their_names(bench: Bench) -> None:
    names = ("apply_patch", "bash", "edit", "glob", "grep")
    names += ("list", "read", "task", "todo", "write")
    assert bench.toolbox.names == names
    assert tuple(spec.name for spec in bench.toolbox.specs()) == names[1:]


@pytest.mark.parametrize(
    "model",
    [
        "gpt-5",
        "gpt-6.1-sol",
        "openai/gpt-5-mini",
        "codex-mini-latest",
        "openai.gpt-5.1",
        "GPT-5.2-Codex",
        "gpt-10",
    ],
)
def test_models_trained_on_patches_are_told_of_patches(bench: Bench, model: str) -> None:
    names = {spec.name for spec in bench.toolbox.specs(model)}
    assert "apply_patch" in names
    assert "edit" not in names
    assert "write" in names


@pytest.mark.parametrize(
    "model",
    [
        "",
        "gpt-4.1",
        "gpt-4o",
        "gpt-oss-120b",
        "claude-sonnet-5-5",
        "my-gpt-5",
        "gpt-35-turbo",
        "script",
    ],
)
def test_other_models_are_told_of_edits(bench: Bench, model: str) -> None:
    names = {spec.name for spec in bench.toolbox.specs(model)}
    assert "edit" in names
    assert "apply_patch" not in names


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
        ("Bash", "bash"),
        ("bash_tool", "bash"),
        ("shell", "bash"),
        ("container.exec", "bash"),
        ("run_terminal_cmd", "bash"),
        ("functions.bash<|channel|>commentary", "bash"),
        ("to=functions.read", "read"),
        ("tools/grep", "grep"),
        ("ion__edit", "edit"),
        ("MultiEdit", "edit"),
        ("str_replace", "edit"),
        ("replace_in_file", "edit"),
        ("write_to_file", "write"),
        ("view_image", "read"),
        ("search_file_content", "grep"),
        ("LS", "list"),
        ("applyPatch", "apply_patch"),
        ("grepp", "grep"),
        ("raed", "read"),
        ("readd", "read"),
    ],
)
def test_a_name_that_is_surely_meant_is_found(bench: Bench, asked: str, meant: str) -> None:
    tool = bench.toolbox.find(asked)
    assert tool is not None
    assert tool.name == meant


@pytest.mark.parametrize(
    "asked",
    ["", "rea", "reader", "lint", "head", "delete", "mcp__files__open", "wriet", "bashh", "search"],
)
def test_a_guess_is_not_made(bench: Bench, asked: str) -> None:
    assert bench.toolbox.find(asked) is None


def test_an_unknown_name_is_answered_with_the_nearest(bench: Bench) -> None:
    assert bench.toolbox.unknown("grepp") == "There is no tool 'grepp'. Use one of: grep."
    assert "bash, edit, glob, grep, list, read, task, todo, write" in bench.toolbox.unknown("zzzz")


def test_an_empty_toolbox_offers_nothing() -> None:
    assert Toolbox(()).specs() == ()
    assert Toolbox(()).find("bash") is None
