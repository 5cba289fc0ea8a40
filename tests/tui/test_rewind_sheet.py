"""Esc Esc, /rewind, /undo and /redo with a real runtime and real files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ion_core.messages import Message
from ion_core.rewinding import FileChange, Preview
from ion_core.runtime import Runtime
from ion_tui.app import IonApp
from ion_tui.rewind_sheet import RewindSheet
from tests.fakes.scripted_home import scripted_home


def wrote(path: str, content: str) -> dict[str, object]:
    return {"calls": [{"name": "write", "arguments": {"path": path, "content": content}}]}


STEPS = [
    wrote("a.txt", "one\n"),
    {"text": "First is done."},
    wrote("a.txt", "two\n"),
    wrote("b.txt", "new\n"),
    {"text": "Second is done."},
]


def text(app: IonApp) -> str:
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row) for row in rows)


async def shows(app: IonApp, pilot: Pilot[None], words: str) -> None:
    async with asyncio.timeout(30):
        while words not in text(app):
            await pilot.pause(0.05)


async def until(pilot: Pilot[None], holds: object) -> None:
    async with asyncio.timeout(30):
        while not holds():  # type: ignore[operator]
            await pilot.pause(0.05)


@asynccontextmanager
async def app_in(
    tmp_path: Path, size: tuple[int, int] = (100, 36)
) -> AsyncIterator[tuple[IonApp, Pilot[None], Path]]:
    shop = tmp_path / "shop"
    shop.mkdir()
    env = {**scripted_home(tmp_path / "home", STEPS), "PATH": "/usr/bin:/bin"}

    async def factory() -> Runtime:
        return Runtime(shop, env=env, interactive=True, trusted=True)

    app = IonApp(factory, folder=shop)
    async with app.run_test(size=size) as pilot:
        await app.runtime()
        for said, answer in (("make it", "First is done."), ("change it", "Second is done.")):
            await pilot.press(*said, "enter")
            await shows(app, pilot, answer)
            await until(pilot, lambda: app.main.view is not None and not app.main.view.busy)
        yield app, pilot, shop


def said(app: IonApp) -> list[str]:
    assert app.main.view is not None
    bodies = [entry.body for entry in app.main.view.entries]
    return [b.text for b in bodies if isinstance(b, Message) and b.role == "user"]


async def test_esc_twice_goes_back_files_too_and_redo_returns(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot, shop):
        await pilot.pause(0.4)
        await pilot.press("escape", "escape")
        await shows(app, pilot, "Go back to before")
        await pilot.press("enter")
        await shows(app, pilot, "Conversation and files")
        shown = text(app)
        assert "a.txt" in shown
        assert "b.txt" in shown
        assert "+1 −1" in shown
        await pilot.press("enter")
        await until(pilot, lambda: app.main.composer.prompt.text == "change it")
        await until(pilot, lambda: said(app) == ["make it"])
        assert (shop / "a.txt").read_text() == "one\n"
        assert not (shop / "b.txt").exists()
        await pilot.press("ctrl+c", "slash", *"redo", "enter")
        await until(pilot, lambda: said(app) == ["make it", "change it"])
        assert (shop / "a.txt").read_text() == "two\n"
        assert (shop / "b.txt").read_text() == "new\n"


async def test_what_the_person_changed_stays_unless_they_say_otherwise(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot, shop):
        (shop / "a.txt").write_text("mine\n")
        await pilot.press("slash", *"undo", "enter")
        await until(pilot, lambda: said(app) == ["make it"])
        assert (shop / "a.txt").read_text() == "mine\n"
        assert not (shop / "b.txt").exists()
        assert "Left as they are" in [note.message for note in app._notifications][-1]


async def test_the_conversation_alone_leaves_the_files(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot, shop):
        await pilot.press("slash", *"rewind", "enter")
        await shows(app, pilot, "Go back to before")
        await pilot.press("up", "enter")
        await shows(app, pilot, "Conversation and files")
        await pilot.press("down", "enter")
        await until(pilot, lambda: said(app) == [])
        assert (shop / "a.txt").read_text() == "two\n"
        assert app.main.composer.prompt.text == "make it"


@pytest.mark.parametrize(("size", "beside"), [((80, 24), False), ((200, 50), True)])
async def test_what_a_message_would_change_is_shown_with_it(
    tmp_path: Path, size: tuple[int, int], beside: bool
) -> None:
    async with app_in(tmp_path, size) as (app, pilot, _):
        await pilot.press("slash", *"rewind", "enter")
        await shows(app, pilot, "changes back")
        assert "Leaves 6 entries of the conversation; 2 files would change:" in text(app)
        await shows(app, pilot, "1 + one")
        pane, rows = app.screen.query_one("#difference"), app.screen.query_one("#picker-list")
        if beside:
            assert (pane.region.x, pane.region.y) == (rows.region.right, rows.region.y)
        else:
            assert (pane.region.x, pane.region.y) == (rows.region.x, rows.region.bottom)
        assert app.screen.query_one("#picker-head").region.y == 0
        await pilot.press("up")
        await shows(app, pilot, "Leaves 10 entries")
        assert "a.txt +0 −1  goes" in text(app)
        assert "1 + one" not in text(app)
        await pilot.press(*"nothing like it")
        await until(pilot, lambda: "Leaves" not in text(app))


async def test_the_difference_is_of_the_row_and_scrolls(tmp_path: Path) -> None:
    async with app_in(tmp_path, (80, 24)) as (app, pilot, shop):
        (shop / "b.txt").write_text("".join(f"line {n}\n" for n in range(60)))
        await pilot.press("slash", *"rewind", "enter")
        await shows(app, pilot, "Go back to before")
        await pilot.press("enter")
        await shows(app, pilot, "Conversation and files")
        await pilot.press("down")
        await shows(app, pilot, "entries of the conversation; no file changes.")
        await pilot.press("down", "down", "down")
        await shows(app, pilot, "It stays")
        assert "- line 0" in text(app)
        await pilot.press("shift+down", "shift+down")
        await shows(app, pilot, "- line 15")
        assert "- line 0" not in text(app)
        await pilot.press("ctrl+o")
        await shows(app, pilot, "- line 0")
        assert "It stays" not in text(app)
        await pilot.press("enter")
        await shows(app, pilot, "One file")
        await shows(app, pilot, "- line 5")
        await pilot.press("escape")
        await shows(app, pilot, "Conversation and files")


def test_a_changed_file_is_left_until_it_is_chosen_and_gaps_are_told() -> None:
    theirs = FileChange(path="/w/a", action="change", diff="-a\n+b", conflict="you changed it")
    gone = FileChange(path="/w/x\x1b[2J", action="delete")
    preview = Preview(to="e1", prompt="go", entries=1, files=(theirs, gone), gaps=("big: no",))
    sheet = RewindSheet(preview, "/w", lambda command: command)
    rows = sheet.rows("")
    assert [row.detail for row in rows[:3]] == [
        "1 file restored; leaves 1 entry",
        "leaves 1 entry, no file changes",
        "1 file restored",
    ]
    assert [(row.mark, row.detail) for row in rows[4:6]] == [
        ("✗", "stays: you changed it"),
        ("✓", "goes"),
    ]
    assert "\x1b" not in rows[5].name
    assert [row.name for row in rows[6:]] == ["Not kept", "big: no"]
    assert sheet.obey("rewind.overwrite", rows[4]) == "again"
    assert sheet.overwrite == {"/w/a"}
    assert sheet.rows("")[4].mark == "✓"
    assert sheet.obey("rewind.overwrite", rows[0]) == ""
