"""What a command may read is decided by the file that a path really leads to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ion_core.policy.base import Unproved
from ion_core.policy.shell.classify import classify
from ion_core.policy.shell.programs import check_program
from ion_core.policy.shell.scene import Scene


def _decision(command: str, scene: Scene) -> str:
    return classify(command, scene).decision


def test_a_link_out_of_the_workspace_asks_by_name_and_by_glob(scene: Scene, project: Path) -> None:
    (project / "link.txt").symlink_to(project.parent / "elsewhere/private.txt")
    assert _decision("cat link.txt", scene) == "ask"
    assert _decision("cat < link.txt", scene) == "ask"
    assert _decision("cat l*.txt", scene) == "ask"
    assert _decision("wc -l ./*", scene) == "ask"
    assert _decision("cat n*.txt", scene) == "allow"


def test_a_link_that_stays_inside_is_read(scene: Scene, project: Path) -> None:
    (project / "inner").symlink_to("src")
    assert _decision("cat inner/app.py", scene) == "allow"


def test_a_set_of_characters_in_a_glob_counts_as_any(scene: Scene, project: Path) -> None:
    (project / "x.txt").symlink_to("/etc/passwd")
    assert _decision("cat ./[!a]*.txt", scene) == "ask"
    assert _decision("cat ./[a-c].txt", scene) == "ask"
    assert _decision("cat ./[[:alpha:]].txt", scene) == "ask"


def test_paths_after_cd_are_judged_where_the_command_runs(scene: Scene, project: Path) -> None:
    (project / "src/notes.txt").symlink_to("/etc/passwd")
    assert _decision("cd src && cat notes.txt", scene) == "ask"
    assert _decision("cd src && cat ../notes.txt", scene) == "allow"
    assert _decision("cat ../notes.txt", scene) == "ask"


def test_a_folder_of_cd_that_leads_out_asks(scene: Scene, project: Path) -> None:
    (project / "out").symlink_to(project.parent / "elsewhere")
    assert _decision("cd out && ls", scene) == "ask"


def test_a_folder_of_cd_behind_a_link_asks_since_bash_goes_back_otherwise(
    scene: Scene, project: Path
) -> None:
    (project / "src/deep").mkdir()
    (project / "inner").symlink_to("src/deep")
    for folder in ("inner", "inner/..", "inner/../..", "./inner"):
        assert _decision(f"cd {folder} && cat a.txt", scene) == "ask"
    assert _decision("cd src/deep && cd .. && ls", scene) == "allow"
    assert _decision("cd src/deep/../deep && ls", scene) == "allow"


def test_the_home_is_not_read_by_its_variable(scene: Scene) -> None:
    assert _decision("echo $HOME", scene) == "allow"
    assert _decision("ls $HOME", scene) == "ask"
    assert _decision('cat "$HOME"', scene) == "ask"


def test_a_folder_with_a_blank_is_not_named_by_a_bare_variable(scene: Scene, project: Path) -> None:
    (project / "a ").mkdir()
    (project / "a /etc").mkdir()
    assert _decision('cd "a /etc" && ls $PWD', scene) == "ask"
    assert _decision('cd "a /etc" && ls "$PWD"', scene) == "allow"


def test_a_pipe_or_device_in_the_workspace_is_not_read(scene: Scene, project: Path) -> None:
    os.mkfifo(project / "pipe")
    assert _decision("cat pipe", scene) == "ask"


def test_too_many_matches_of_a_glob_ask(scene: Scene, project: Path) -> None:
    for number in range(301):
        (project / f"n{number}").touch()
    assert _decision("cat n*", scene) == "ask"


def test_a_program_that_others_can_change_is_not_the_systems(tmp_path: Path) -> None:
    mine = tmp_path / "tool"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o777)
    with pytest.raises(Unproved):
        check_program(str(mine))
