"""/doctor in the app: what is wrong, how it is mended, and a row that can be copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Stage


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ION_HOME with a mistake in its configuration."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text('modle = "a/b"\n')
    monkeypatch.setenv("ION_HOME", str(home))
    return home


async def test_the_doctor_tells_every_check_and_what_is_broken(stage: Stage, home: Path) -> None:
    async with stage(size=(120, 35)) as show:
        await show.type("/doctor")
        await show.press("enter")
        while show.app.screen.name != "picker":
            await show.pilot.pause(0.05)
        await show.settle()
        assert "something broken" in show.text
        assert "configuration" in show.text
        assert "modle" in show.text
        names = [choice.name for choice in show.app.screen.choices if choice.name]
        assert names[:3] == ["terminal", "configuration", "keys"]
        await show.press("escape")
        assert show.prompt.has_focus
