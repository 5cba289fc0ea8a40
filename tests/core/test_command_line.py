from __future__ import annotations

from pathlib import Path

import pytest

from ion_core import __version__
from ion_core.cli.main import COMMANDS, main
from ion_tui.cli import open_app


def test_the_version_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ion {__version__}\n"


def test_a_task_instead_of_a_folder_says_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix the bug"], app=open_app) == 2
    assert 'ion run "fix the bug"' in capsys.readouterr().err


def test_the_app_without_a_terminal_points_to_ion_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)], app=open_app) == 2
    assert "ion run" in capsys.readouterr().err


def test_without_the_app_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    shown = capsys.readouterr().out
    assert all(f"ion {name}" in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"ion {name}" in capsys.readouterr().out


def test_a_missing_folder_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--cwd", "/nowhere/at/all", "hi"]) == 2
    assert "not a folder" in capsys.readouterr().err


def test_resume_needs_an_id_without_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "hi", "--resume"]) == 2
    assert "session id" in capsys.readouterr().err
