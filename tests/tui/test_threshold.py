"""The question before a folder is opened: what it holds, and what the person wants."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ion_core.config.trust import standing, trust
from ion_tui.app import IonApp
from ion_tui.threshold import Threshold
from tests.fakes.stage import StageRuntime
from tests.fakes.stage_session import Clock
from tests.tui.conftest import Show


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "proj" / "shop"
    folder.mkdir(parents=True)
    (folder / "AGENTS.md").touch()
    (folder / ".git").mkdir()
    (folder / ".git/HEAD").write_text("ref: refs/heads/topic\n")
    return folder


@asynccontextmanager
async def _arrived(
    shop: Path, home: Path, once: bool = False, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[Show, Threshold]]:
    clock, threshold = Clock(), Threshold(shop, home, once=once)
    runtime = StageRuntime(shop, clock)

    async def factory() -> StageRuntime:
        return runtime

    app = IonApp(factory, folder=shop, clock=clock, version="1", threshold=threshold)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.4)
        yield Show(app, pilot, runtime, clock), threshold


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_names_of_what_would_load_are_shown_and_nothing_else_is_known(
    shop: Path, home: Path, size: tuple[int, int]
) -> None:
    async with _arrived(shop, home, size=size) as (show, threshold):
        for said in ("Do you trust", "AGENTS.md", "Look only", "Trust this folder", "Leave ion"):
            assert said in show.text
        assert threshold.trusted is None
        assert "topic" not in show.text
        assert show.runtime.stages == {}


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_looking_only_is_what_comes_by_itself(shop: Path, home: Path, key: str) -> None:
    async with _arrived(shop, home) as (show, threshold):
        await show.press(key)
        await show.app.runtime()
        assert threshold.trusted is False
        assert not standing(shop, home).trusted
        assert "topic" not in show.text


async def test_where_nothing_can_be_remembered_trust_holds_until_ion_ends(
    shop: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("ion_tui.threshold.trust", refused)
    async with _arrived(shop, home) as (show, threshold):
        await show.press("down", "enter")
        await show.app.runtime()
        await show.pilot.pause(0.3)
        assert threshold.trusted is True
        assert "could not be remembered" in show.toasts


async def test_names_are_told_by_what_they_can_do(shop: Path, home: Path) -> None:
    (shop / ".mcp.json").touch()
    async with _arrived(shop, home) as (show, _):
        assert "May start programs: .mcp.json" in show.text
        assert "Tells the model what to do: AGENTS.md" in show.text


async def test_what_is_not_shown_whole_is_seen_before_it_is_trusted(shop: Path, home: Path) -> None:
    def hook(command: str) -> None:
        (shop / ".ion").mkdir(exist_ok=True)
        text = f'[[hooks]]\nevent = "Stop"\ncommand = ["{command}"]\n'
        (shop / ".ion/config.toml").write_text(text)

    hook("ruff")
    trust(shop, home)
    hook("true; " * 400 + "finish")
    async with _arrived(shop, home) as (show, threshold):
        assert "It changed" in show.text
        assert ("Trust this folder" in show.text, "finish" in show.text) == (False, False)
        await show.press("down", "enter")
        await show.press("up")
        assert "finish" in show.text
        await show.press("escape")
        await show.press("down", "enter")
        await show.app.runtime()
        assert threshold.trusted is True
    assert standing(shop, home).trusted


async def test_trust_is_remembered(shop: Path, home: Path) -> None:
    async with _arrived(shop, home) as (show, threshold):
        await show.press("down", "enter")
        await show.app.runtime()
        assert threshold.trusted is True
        assert "topic" in show.text
    assert standing(shop, home).trusted
    async with _arrived(shop, home) as (show, threshold):
        await show.app.runtime()
        assert threshold.trusted is True
        assert "Do you trust" not in show.text


async def test_the_folder_above_can_be_trusted_too(shop: Path, home: Path) -> None:
    async with _arrived(shop, home) as (show, threshold):
        await show.press("down", "down", "enter")
        await show.app.runtime()
        assert threshold.trusted is True
    (shop.parent / "other").mkdir()
    assert standing(shop.parent / "other", home).trusted


async def test_leaving_opens_nothing(shop: Path, home: Path) -> None:
    async with _arrived(shop, home) as (show, _):
        await show.press("up", "enter")
        await show.pilot.pause(0.2)
        assert show.runtime.stages == {}
        assert not show.app.is_running


async def test_trust_for_once_asks_nothing_and_remembers_nothing(shop: Path, home: Path) -> None:
    async with _arrived(shop, home, once=True) as (show, threshold):
        await show.app.runtime()
        assert threshold.trusted is True
    assert not standing(shop, home).trusted
