"""Which protection is used, what happens without one, and what is said of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sandbox_bash import outcome_of
from sandbox_cell import Cell, home_of, means_of

from ion_core.sandbox.base import Means

NOTHING = Means(missing=("bubblewrap is not installed.",))


@pytest.fixture
def bare(tmp_path: Path) -> Cell:
    """A machine without any means."""
    home = home_of(tmp_path)
    return Cell(home=home, root=home / "work", own=tmp_path / "ion", means=NOTHING)


async def test_without_means_a_command_runs_and_is_labelled(bare: Cell) -> None:
    outcome = await outcome_of(bare, "echo ran")
    assert outcome.content == "ran"
    assert outcome.display.summary == "exit 0 · no sandbox here"


async def test_without_means_nothing_runs_where_a_sandbox_is_required(bare: Cell) -> None:
    bare.settings["enabled"] = "required"
    outcome = await outcome_of(bare, "echo ran > file")
    assert outcome.status == "error"
    assert "A sandbox is required, and there is none" in outcome.content
    assert "bubblewrap is not installed." in outcome.content
    assert not (bare.root / "file").exists()


async def test_a_person_can_switch_the_sandbox_off(cell: Cell) -> None:
    cell.settings["enabled"] = "off"
    outcome = await outcome_of(cell, f"cat {cell.home}/.netrc")
    assert "SECRET" in outcome.content
    assert outcome.display.summary == "exit 0 · sandbox off"


async def test_a_refusal_is_explained_to_the_model(cell: Cell) -> None:
    outcome = await outcome_of(cell, f"echo x > {cell.home}/elsewhere")
    assert outcome.status == "error"
    assert f"[sandbox: Commands write only in {cell.root}" in outcome.content
    assert "The network is off, also to this machine" in outcome.content


async def test_an_ordinary_failure_is_not_blamed_on_the_sandbox(cell: Cell) -> None:
    outcome = await outcome_of(cell, "echo 1 failed; exit 1")
    assert outcome.content == "1 failed\n[exit code 1]"


async def test_a_file_that_the_sandbox_hides_is_not_taken_for_missing(cell: Cell) -> None:
    hidden = await outcome_of(cell, f"cat {cell.home}/.bashrc")
    assert "[sandbox: " in hidden.content
    missing = await outcome_of(cell, f"cat {cell.root}/missing")
    assert "[sandbox: " not in missing.content


async def test_a_reduced_sandbox_is_shown(cell: Cell) -> None:
    outcome = await outcome_of(cell, "true")
    labelled = outcome.display.summary.endswith(" · reduced sandbox")
    assert labelled == (cell.means.protection == "reduced")


async def test_what_was_put_back_is_told_to_the_model(cell: Cell) -> None:
    outcome = await outcome_of(cell, "echo evil > .git/commondir; true")
    assert not (cell.root / ".git" / "commondir").exists()
    assert ".git/commondir was made, which is not allowed; it was removed." in outcome.content


async def test_the_read_profile_is_used_in_read_mode(cell: Cell) -> None:
    outcome = await outcome_of(cell, "touch new", profile="read")
    assert outcome.status == "error"
    assert "In READ mode commands write nothing but" in outcome.content
    assert os.listdir(cell.root) == [".git"]


async def test_further_folders_can_be_written_when_the_person_names_them(cell: Cell) -> None:
    shared = cell.home / "shared"
    shared.mkdir()
    cell.settings["writable"] = ("~/shared",)
    assert (await cell.run(f"echo x > {shared}/f")).code == 0
    assert (shared / "f").read_text() == "x\n"
    assert (await cell.run(f"mkdir {shared}/.vscode && touch {shared}/.vscode/x")).code != 0 or (
        not (shared / ".vscode").exists()
    )


async def test_programs_of_the_workspace_are_not_found_when_reading(cell: Cell) -> None:
    tools = cell.root / "bin"
    tools.mkdir()
    (tools / "ls").write_text("#!/bin/sh\necho fake\n")
    (tools / "ls").chmod(0o755)
    cell.path = f"{tools}:{os.environ['PATH']}"
    assert (await cell.run("ls")).output == "fake\n"
    assert "fake" not in (await cell.run("ls", "read")).output


async def test_programs_are_found_in_a_folder_that_is_a_link(cell: Cell) -> None:
    tools = cell.home / "tools-of-today"
    tools.mkdir()
    (tools / "greet").write_text("#!/bin/sh\necho hello\n")
    (tools / "greet").chmod(0o755)
    (cell.home / "tools").symlink_to("tools-of-today")
    cell.path = f"{cell.home}/tools:{os.environ['PATH']}"
    assert (await cell.run("greet")).output == "hello\n"


def test_the_probe_finds_the_reduced_means_without_bubblewrap(tmp_path: Path) -> None:
    reduced = means_of("reduced", tmp_path)
    assert reduced.bubblewrap == ""
    assert reduced.protection in ("reduced", "none")
