"""/skills and /commands with a real runtime and real files: state, source, what is wrong, Enter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from ion_core.runtime import Runtime
from ion_tui.app import IonApp

CONFIG = """\
model = "work/m"
[providers.work]
base_url = "http://127.0.0.1:9/v1"
api_key = "k"
"""


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def text(app: IonApp) -> str:
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row) for row in rows)


async def shows(app: IonApp, pilot: Pilot[None], words: str) -> None:
    async with asyncio.timeout(30):
        while words not in text(app):
            await pilot.pause(0.05)


@asynccontextmanager
async def app_in(
    tmp_path: Path, *, trusted: bool = True
) -> AsyncIterator[tuple[IonApp, Pilot[None]]]:
    home, shop = tmp_path / "home", tmp_path / "shop"
    home.mkdir(mode=0o700, exist_ok=True)
    put(home / "config.toml", CONFIG)
    put(shop / ".ion/skills/tea/SKILL.md", "---\nname: tea\ndescription: Makes tea.\n---\nBoil.")
    put(home / "skills/tea/SKILL.md", "---\nname: tea\ndescription: Other tea.\n---\nBoil.")
    put(home / "skills/bad/SKILL.md", "---\nname: bad\n---\nx")
    put(shop / ".claude/commands/git/fix.md", "---\ndescription: Mends it\n---\nMend $1.")
    put(home / "commands/help.md", "Help me.")
    env = {"ION_HOME": str(home), "HOME": str(tmp_path / "person"), "PATH": "/usr/bin:/bin"}

    async def factory() -> Runtime:
        return Runtime(shop, env=env, trusted=trusted)

    app = IonApp(factory, folder=shop)
    async with app.run_test(size=(130, 34)) as pilot:
        await app.runtime()
        await pilot.pause(0.1)
        yield app, pilot


async def test_skills_are_listed_with_what_is_wrong_and_enter_calls_one(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot):
        await pilot.press("slash", *"skills", "enter")
        await shows(app, pilot, "Makes tea.")
        shown = text(app)
        for words in ("It has no description.", "shadowed", "SKILL.md"):
            assert words in shown
        await pilot.press(*"tea", "enter")
        await shows(app, pilot, "/skill:tea")


async def test_commands_are_listed_and_ions_own_go_first(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot):
        await pilot.press("slash", *"commands", "enter")
        await shows(app, pilot, "git:fix")
        assert "A command of ion's own has this name" in text(app)
        await pilot.press(*"mends", "enter")
        await shows(app, pilot, "/git:fix")


async def test_of_a_folder_that_is_not_trusted_nothing_is_listed(tmp_path: Path) -> None:
    async with app_in(tmp_path, trusted=False) as (app, pilot):
        await pilot.press("slash", *"skills", "enter")
        await shows(app, pilot, "Other tea.")
        assert "Makes tea." not in text(app)
