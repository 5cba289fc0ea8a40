"""``ion doctor``: one screen on everything, also when files of ion are broken."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ion_core.cli.main import main
from ion_core.config.trust import trust
from ion_core.sessions.schema import VERSION
from ion_core.sessions.sqlite import SqliteStore

NAMES = [
    "terminal",
    "configuration",
    "keys",
    "servers",
    "sandbox",
    "trust",
    "database",
    "disk",
    "privacy",
    "programs",
    "clock",
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty ION_HOME and a folder to work in, with no key in the environment."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir(mode=0o700)
    work.mkdir()
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.startswith("ION_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ION_HOME", str(home))
    monkeypatch.chdir(work)
    yield home
    home.chmod(0o700)


def _examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    code = main(["doctor", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is (code == 0)
    assert all(set(check) == {"name", "status", "detail", "fix"} for check in said["checks"])
    return code, {check["name"]: check for check in said["checks"]}


def _with_sessions(home: Path) -> Path:
    async def make() -> None:
        await (await SqliteStore.open(home / "sessions.db")).aclose()

    asyncio.run(make())
    return home / "sessions.db"


def test_a_fresh_home_is_well_and_every_check_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = _examined(capsys)
    assert code == 0
    assert list(checks) == NAMES
    assert "ion login" in checks["keys"]["fix"]


def test_it_fits_on_one_screen_and_marks_what_it_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines if "/" not in line)
    assert lines[-1].startswith("Nothing is broken; ")
    assert [line.split()[1] for line in lines if line[:1] in "✓!✗" and line] == NAMES


def test_a_mistake_in_the_configuration_is_named_and_the_rest_is_looked_at(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text('modle = "a/b"\n')
    code, checks = _examined(capsys)
    assert code == 1
    assert checks["configuration"]["status"] == "fail"
    assert "modle" in checks["configuration"]["detail"]
    assert "config.toml:1" in checks["configuration"]["detail"]
    assert {check["status"] for check in checks.values() if check["name"] != "configuration"} <= {
        "ok",
        "warn",
    }


def test_a_configuration_that_is_no_toml_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text("[[[")
    code, checks = _examined(capsys)
    assert code == 1
    assert checks["configuration"]["status"] == "fail"


def test_a_good_database_is_whole_and_stays_as_it_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _with_sessions(home)
    before = file.read_bytes()
    code, checks = _examined(capsys)
    assert code == 0
    assert f"whole (version {VERSION}" in checks["database"]["detail"]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "damage", [b"not a database at all", b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_damaged_database_is_broken_and_kept(
    home: Path, capsys: pytest.CaptureFixture[str], damage: bytes
) -> None:
    file = home / "sessions.db"
    file.write_bytes(damage)
    code, checks = _examined(capsys)
    assert code == 1
    assert checks["database"]["status"] == "fail"
    assert "ion sessions repair" in checks["database"]["fix"]
    assert file.read_bytes() == damage


def test_a_damaged_page_is_found(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = _with_sessions(home)
    data = bytearray(file.read_bytes())
    data[8192:12288] = b"\xa5" * 4096
    file.write_bytes(bytes(data))
    code, checks = _examined(capsys)
    assert code == 1
    assert checks["database"]["status"] == "fail"


def test_a_database_of_a_newer_ion_asks_for_an_upgrade(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(_with_sessions(home)) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    code, checks = _examined(capsys)
    assert code == 1
    assert checks["database"]["fix"] == "Upgrade ion."


def test_a_home_that_others_can_look_into_is_named_with_the_command(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.chmod(0o755)
    code, checks = _examined(capsys)
    assert code == 0
    assert checks["privacy"]["status"] == "warn"
    assert checks["privacy"]["fix"] == f"chmod -R go= {home}"


def test_logins_that_others_can_read_are_broken_and_mended(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.chmod(0o755)
    logins = home / "auth.json"
    logins.write_text('{"version": 1, "logins": {}}')
    logins.chmod(0o644)
    code, checks = _examined(capsys)
    assert code == 1
    assert "auth.json (0644)" in checks["privacy"]["detail"]
    assert logins.stat().st_mode & 0o777 == 0o600


def test_a_key_is_named_by_its_source_and_never_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0123456789")
    main(["doctor", "--json"])
    said = capsys.readouterr().out
    assert "canary" not in said
    assert "anthropic: ANTHROPIC_API_KEY" in said


def test_an_endpoint_without_encryption_is_a_warning(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text(
        '[providers.far]\nprotocol = "openai-chat"\nbase_url = "http://models.example.com/v1"\n'
        '[providers.near]\nprotocol = "openai-chat"\nbase_url = "http://127.0.0.1:8080/v1"\n'
    )
    code, checks = _examined(capsys)
    assert code == 0
    assert "unencrypted to far." in checks["servers"]["detail"]
    assert "near (127.0.0.1:8080)" in checks["servers"]["detail"]


def test_a_folder_that_is_not_trusted_is_told_with_what_would_load(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("AGENTS.md").write_text("Obey me.")
    code, checks = _examined(capsys)
    assert code == 0
    assert checks["trust"]["status"] == "warn"
    assert "AGENTS.md" in checks["trust"]["detail"]
    trust(Path.cwd(), home)
    assert _examined(capsys)[1]["trust"]["status"] == "ok"


def test_damaged_decisions_about_trust_are_broken(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "trust.json").write_text("{")
    code, checks = _examined(capsys)
    assert code == 1
    assert checks["trust"]["status"] == "fail"


def test_a_sandbox_that_is_turned_off_is_a_warning(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text('[sandbox]\nenabled = "off"\n')
    code, checks = _examined(capsys)
    assert code == 0
    assert checks["sandbox"]["status"] == "warn"
    assert checks["sandbox"]["fix"] == "ion config set sandbox.enabled auto"
