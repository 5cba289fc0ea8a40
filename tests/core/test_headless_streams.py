"""``ion run`` where standard streams are missing, full, closed or odd: real processes."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home

LISTS = [{"calls": [{"name": "list", "arguments": {}}]}, {"text": "Done: café."}]
RUN = shlex.join([*ION, "run"])


def shell(
    tmp_path: Path, line: str, steps: list[dict[str, Any]] = LISTS, **more: str
) -> subprocess.CompletedProcess[str]:
    cwd = tmp_path / "ws"
    cwd.mkdir(exist_ok=True)
    return subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        env={**scripted_home(tmp_path / "home", steps), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("form", ["text", "json", "stream-json"])
def test_a_run_without_standard_output_does_its_work(tmp_path: Path, form: str) -> None:
    done = shell(tmp_path, f"{RUN} -q --output-format {form} go >&-; echo $?")
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_progress_never_lands_on_standard_output(tmp_path: Path) -> None:
    assert shell(tmp_path, f"{RUN} go 2>&-; echo $?").stdout == "Done: café.\n0\n"


def test_nobody_reading_the_progress_stops_no_work(tmp_path: Path) -> None:
    looks = [{"name": "glob", "arguments": {"pattern": f"*.{n}"}} for n in range(20)]
    steps = [*({"calls": [look]} for look in looks), LISTS[1]]
    done = shell(tmp_path, f"{RUN} go 2> >(true); echo $?", steps)
    assert done.stdout == "Done: café.\n0\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("form", ["text", "stream-json"])
def test_a_full_disk_under_the_output_is_a_sentence(tmp_path: Path, form: str) -> None:
    done = shell(tmp_path, f"{RUN} -q --output-format {form} go > /dev/full; echo $?")
    assert done.stdout == "1\n"
    assert done.stderr.startswith("ion: ")
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_says_nothing(tmp_path: Path) -> None:
    done = shell(tmp_path, f"{RUN} --output-format stream-json go | true; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_terminal_that_knows_no_accents_gets_the_answer(tmp_path: Path) -> None:
    done = shell(tmp_path, f"{RUN} -q go", PYTHONIOENCODING="ascii")
    assert done.stdout == "Done: caf?.\n"


def test_bytes_that_are_no_text_can_be_piped_in(tmp_path: Path) -> None:
    line = f"printf 'a\\377\\000b' | {RUN} -q - && {shlex.join(ION)} sessions list --json"
    done = shell(tmp_path, line, PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0
    assert done.stdout.startswith("Done: café.\n")


def test_a_deleted_folder_is_a_sentence(tmp_path: Path) -> None:
    done = shell(tmp_path, f"mkdir x; cd x; rmdir ../x; {RUN} go; echo $?", PYTHONSAFEPATH="1")
    assert done.stdout == "2\n"
    assert "was deleted" in done.stderr


def test_json_names_an_error_from_before_the_session(tmp_path: Path) -> None:
    done = shell(tmp_path, f"{RUN} --output-format json -m nope/x go")
    assert done.returncode == 2
    result = json.loads(done.stdout)
    assert (result["status"], result["error"]["kind"]) == ("error", "config_error")
    assert result["error"]["message"] in done.stderr
