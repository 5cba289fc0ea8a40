"""A runtime in a folder that the person does not trust: READ mode, and none of its files obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ion_core.cli.main import main
from ion_core.config.trust import NAME, trust
from ion_core.errors import NotTrusted
from ion_core.ids import SessionId
from ion_core.runtime import Runtime
from ion_core.sessions.base import SessionInfo


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def env(home: Path) -> Mapping[str, str]:
    return {"ION_HOME": str(home), "PATH": "/usr/bin:/bin"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / ".ion").mkdir(parents=True)
    (folder / ".ion/config.toml").write_text('[tui]\ntheme = "ion-light"\n')
    return folder


async def test_a_session_stays_in_read_mode(shop: Path, env: Mapping[str, str]) -> None:
    async with Runtime(shop, env=env, flags={"mode": "write"}) as runtime:
        session = await runtime.begin()
        assert session.view.mode == "read"
        for mode in ("write", "plan"):
            with pytest.raises(NotTrusted, match="not trusted"):
                await session.set_mode(mode)  # type: ignore[arg-type]
        assert session.view.mode == "read"
    assert runtime.settings.tui.theme != "ion-light"
    assert "has no say" in runtime.warnings[0]


async def test_a_session_that_wrote_before_does_not_write_in_an_untrusted_folder(
    shop: Path, env: Mapping[str, str], home: Path
) -> None:
    info = SessionInfo(
        id=SessionId("s"), project="p", cwd=str(shop), mode="write", created_at=1, updated_at=1
    )
    async with Runtime(shop.parent, env=env, trusted=True) as runtime:
        await runtime.store.create(info)
        assert (await runtime.open("s")).view.mode == "read"
    trust(shop, home)
    async with Runtime(shop.parent, env=env, trusted=True) as runtime:
        assert (await runtime.open("s")).view.mode == "write"


async def test_a_setting_is_written_without_reading_the_folders_own(
    shop: Path, env: Mapping[str, str], home: Path
) -> None:
    (shop / ".ion/config.toml").write_text("this is no TOML")
    async with Runtime(shop, env=env) as runtime:
        await runtime.set_default_model("openai/gpt-5.6")
        assert runtime.settings.model == "openai/gpt-5.6"
    assert "gpt-5.6" in (home / "config.toml").read_text()


def test_the_users_file_is_set_without_reading_the_folders_own(
    shop: Path, ion_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (ion_home / NAME).unlink()
    (shop / ".ion/config.toml").write_text("this is no TOML")
    monkeypatch.chdir(shop)
    assert main(["config", "set", "limits.max_turns", "7"]) == 0
    assert "has no say" in capsys.readouterr().err
    assert main(["config", "explain", "limits.max_turns"]) == 0
    assert "wins" in capsys.readouterr().out
