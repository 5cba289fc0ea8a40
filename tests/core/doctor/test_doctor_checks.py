"""What single checks of the doctor say of machines other than this one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from ion_core.config.schema import Settings
from ion_core.doctor.base import Patient
from ion_core.doctor.clock import clock
from ion_core.doctor.configuration import configuration
from ion_core.doctor.database import file_system
from ion_core.doctor.programs import programs
from ion_core.doctor.protection import fixes_for
from ion_core.doctor.terminal import terminal
from ion_core.sandbox.base import Means

GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TERM_PROGRAM": "ghostty"}


def _patient(home: Path, *, columns: int = 120, lines: int = 35, **env: str) -> Patient:
    return Patient(cwd=home, home=home, env=env, settings=Settings(), columns=columns, lines=lines)


def test_a_good_terminal_is_described(tmp_path: Path) -> None:
    found = terminal(_patient(tmp_path, **GOOD))
    assert found.status == "ok"
    assert found.detail == "TERM=xterm-256color, 120x35, 16 million colours, UTF-8, ghostty."


@pytest.mark.parametrize(
    ("env", "columns", "told"),
    [
        ({"TERM": "dumb"}, 80, "cannot be drawn"),
        (GOOD, 30, "smaller than 40x12"),
        ({"TERM": "screen.xterm"}, 80, "GNU screen"),
    ],
)
def test_a_terminal_that_lacks_something_is_a_warning(
    tmp_path: Path, env: dict[str, str], columns: int, told: str
) -> None:
    found = terminal(_patient(tmp_path, columns=columns, **env))
    assert found.status == "warn"
    assert told in found.detail
    assert found.fix


def test_warnings_of_the_settings_are_warnings_here(tmp_path: Path) -> None:
    patient = replace(_patient(tmp_path), warnings=("a project may not set mode",))
    found = configuration(patient)
    assert found.status == "warn"
    assert "a project may not set mode" in found.detail


def _tmux(folder: Path, *options: str) -> str:
    """A tmux that answers with these options; the PATH to find it."""
    program = folder / "tmux"
    lines = "\n".join(options)
    program.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{lines}\nEND\n")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_tmux_that_swallows_keys_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _tmux(tmp_path, "escape-time 500", "extended-keys off", "set-clipboard external")
    monkeypatch.setenv("PATH", path)
    found = terminal(_patient(tmp_path, TMUX="/tmp/tmux", PATH=path, TERM="tmux-256color"))
    assert "set -s extended-keys on" in found.fix
    assert "Esc back for 500 ms" in found.detail
    assert "clipboard" not in found.fix


@pytest.mark.parametrize(
    ("release", "fix"),
    [
        ('ID=ubuntu\nID_LIKE="debian"', "sudo apt install bubblewrap"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "sudo dnf install bubblewrap"),
        ("ID=manjaro\nID_LIKE=arch", "sudo pacman -S bubblewrap"),
        ("ID=opensuse-tumbleweed", "sudo zypper install bubblewrap"),
        ("ID=plan9", "install the package bubblewrap"),
    ],
)
def test_bubblewrap_is_installed_as_the_distribution_does_it(
    tmp_path: Path, release: str, fix: str
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(release)
    assert fixes_for(Means(landlock=4, seccomp=True), tmp_path) == [fix]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1"),
        ("kernel/unprivileged_userns_clone", "0"),
        ("user/max_user_namespaces", "0"),
    ],
)
def test_what_forbids_namespaces_is_named(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/bwrap").touch()
    setting = tmp_path / "proc/sys" / name
    setting.parent.mkdir(parents=True)
    setting.write_text(f"{value}\n")
    (fix,) = fixes_for(Means(landlock=4, seccomp=True), tmp_path)
    assert name.replace("/", ".") in fix


def test_a_kernel_with_landlock_left_out_is_told(tmp_path: Path) -> None:
    lsm = tmp_path / "sys/kernel/security/lsm"
    lsm.parent.mkdir(parents=True)
    lsm.write_text("capability,yama")
    assert "lsm=landlock,capability,yama" in fixes_for(Means(seccomp=True), tmp_path)[-1]


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
        "30 22 0:40 / /home rw,relatime - nfs4 server:/home rw\n"
        "31 30 0:41 / /home/you/my\\040disk rw - xfs /dev/sdb rw\n"
    )
    assert file_system(Path("/var/lib"), mounts) == "ext4"
    assert file_system(Path("/home/you/.ion"), mounts) == "nfs4"
    assert file_system(Path("/home/you/my disk/ion"), mounts) == "xfs"
    assert file_system(Path("/homes"), mounts) == "ext4"


def test_a_clock_before_the_last_session_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "sessions.db"
    file.touch()
    assert clock(_patient(tmp_path)).status == "ok"
    later = time.time() + 30 * 86_400
    os.utime(file, (later, later))
    assert clock(_patient(tmp_path)).status == "warn"


def test_a_missing_shell_is_broken_and_a_missing_git_is_not(tmp_path: Path) -> None:
    (tmp_path / "bash").write_text("#!/bin/sh\necho version 5.2.15\n")
    (tmp_path / "bash").chmod(0o755)
    found = programs(_patient(tmp_path, PATH=str(tmp_path)))
    assert found.status == "warn"
    assert "bash 5.2.15" in found.detail
    (tmp_path / "bash").unlink()
    assert programs(_patient(tmp_path, PATH=str(tmp_path))).status == "fail"
