"""The skill about ion itself tells everything there is, and nothing that is not."""

from __future__ import annotations

import re
from pathlib import Path

from ion_core.cli.main import COMMANDS
from ion_core.config.schema import Settings
from ion_core.skills.model import read
from ion_core.skills.shelf import OWN
from ion_tui.commands import BY_SLASH

FOLDER = OWN / "ion"


def text(name: str) -> str:
    return (FOLDER / "references" / name).read_text()


def test_it_is_a_good_skill() -> None:
    skill = read(FOLDER, "ion")
    assert (skill.name, skill.problem, skill.complaints) == ("ion", "", ())


def test_every_table_of_the_configuration_is_named() -> None:
    said = text("configuration.md")
    assert [name for name in Settings.__struct_fields__ if name not in said] == []


def test_every_command_is_named_and_no_other() -> None:
    named = set(re.findall(r"^\| `ion (\w+)`", text("commands.md"), re.MULTILINE))
    assert named == set(COMMANDS)


def test_every_slash_command_is_named_and_no_other() -> None:
    named = set(re.findall(r"^\| `/([\w-]+)`", text("commands.md"), re.MULTILINE))
    assert named == set(BY_SLASH)


def test_the_files_that_it_refers_to_are_there() -> None:
    body = (FOLDER / "SKILL.md").read_text()
    for name in re.findall(r"`(references/[\w.]+)`", body):
        assert (FOLDER / Path(name)).is_file()
