"""The table of keys: sane by default, changed by people without anything being dropped."""

from __future__ import annotations

import pytest

from ion_tui.chords import SWALLOWED, Chords
from ion_tui.commands import BY_ID, COMMANDS, slash
from ion_tui.keymap import Keymap, conflicts, keymap, known
from ion_tui.keys import FORBIDDEN, KEYS, normal
from ion_tui.titles import TITLES
from tests.fakes.stage_session import Clock

IDS = [command.id for command in COMMANDS]


def test_no_default_key_means_two_things_in_one_context() -> None:
    assert conflicts(Keymap().table) == []


def test_no_default_key_belongs_to_tmux_flow_control_or_an_input_method() -> None:
    bound = {key for rows in KEYS.values() for keys in rows.values() for key in keys}
    assert bound & FORBIDDEN == set()


def test_every_default_key_is_written_the_way_the_terminal_names_it() -> None:
    bound = {key for rows in KEYS.values() for keys in rows.values() for key in keys}
    assert {key for key in bound if normal(key) != key} == set()


def test_every_bound_command_has_a_title() -> None:
    assert [command for command in known() if command not in BY_ID and command not in TITLES] == []


def test_command_ids_and_slash_names_are_unique() -> None:
    names = [name for command in COMMANDS for name in command.slash]
    assert len(set(IDS)) == len(IDS)
    assert len(set(names)) == len(names)


def test_a_rebound_command_has_its_new_keys_and_no_others() -> None:
    keys = keymap({"global": {"palette.open": ["f5"]}}, IDS)
    assert keys.problems == ()
    assert keys.command("prompt", "f5") == "palette.open"
    assert keys.command("prompt", "ctrl+p") is None
    assert keys.hint("palette.open") == "f5"


def test_an_empty_list_unbinds() -> None:
    keys = keymap({"global": {"palette.open": []}}, IDS)
    assert keys.command("prompt", "ctrl+p") is None


def test_a_key_taken_from_a_default_leaves_that_default() -> None:
    keys = keymap({"global": {"help.open": ["ctrl+p"]}}, IDS)
    assert keys.problems == ()
    assert keys.command("prompt", "ctrl+p") == "help.open"


def test_two_wishes_for_one_key_are_a_conflict_that_is_told() -> None:
    keys = keymap({"global": {"help.open": ["f5"], "palette.open": ["f5"]}}, IDS)
    assert any("f5 is both" in problem for problem in keys.problems)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"globl": {"palette.open": ["f5"]}}, "did you mean global?"),
        ({"global": {"palete.open": ["f5"]}}, "did you mean palette.open?"),
        ({"global": {"palette.open": ["hyperdrive+x"]}}, "'hyperdrive+x' is not a key"),
    ],
)
def test_a_line_that_cannot_be_applied_is_told(
    settings: dict[str, dict[str, list[str]]], said: str
) -> None:
    assert any(said in problem for problem in keymap(settings, IDS).problems)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("?", "question_mark"),
        ("Ctrl+P", "ctrl+p"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("esc", "escape"),
        ("G", "G"),
        ("f5", "f5"),
        ("wobble", ""),
        ("", ""),
    ],
)
def test_keys_are_understood_as_people_write_them(written: str, name: str) -> None:
    assert normal(written) == name


def test_the_key_after_the_leader_is_the_leaders_and_never_typed() -> None:
    chords = Chords(Clock())
    assert chords.press("prompt", "b") is None
    assert chords.press("prompt", "ctrl+x") == SWALLOWED
    assert chords.press("prompt", "b") == "sidebar.toggle"
    assert chords.press("prompt", "b") is None


def test_an_unknown_key_after_the_leader_is_used_up() -> None:
    chords = Chords(Clock())
    chords.press("prompt", "ctrl+x")
    assert chords.press("prompt", "z") == SWALLOWED
    assert not chords.leading


def test_the_leader_is_forgotten_after_a_second_and_a_half() -> None:
    clock = Clock()
    chords = Chords(clock)
    chords.press("prompt", "ctrl+x")
    clock.now += 2
    assert chords.press("prompt", "b") is None


def test_a_slash_command_a_typo_and_a_path_are_told_apart() -> None:
    assert slash("hello") is None
    assert slash("/usr/bin/env fails") is None
    assert slash("/model  mock/m ") == (BY_ID["model.pick"], "mock/m")
    assert "Did you mean /rename?" in str(slash("/renam"))
