"""The first run with nothing faked but the vendor: a real runtime, store and HTTP on loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.pilot import Pilot

from ion_core.runtime import Runtime
from ion_tui.app import IonApp
from tests.fakes.chat_server import ChatServer, refused, said

WRONG, RIGHT = "sk-wrong-1234", "sk-right-1234"


async def shows(app: IonApp, pilot: Pilot[None], words: str) -> None:
    async with asyncio.timeout(30):
        while words not in screen_text(app):
            await pilot.pause(0.05)


def screen_text(app: IonApp) -> str:
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row) for row in rows)


async def test_a_wrong_key_is_replaced_and_the_first_prompt_is_answered(tmp_path: Path) -> None:
    home, shop = tmp_path / "home", tmp_path / "shop"
    home.mkdir(mode=0o700)
    shop.mkdir()
    replies = [refused(401, "Incorrect API key"), said("ok"), said("Good morning.")]
    async with ChatServer(replies) as server:
        (home / "config.toml").write_text(f'[providers.work]\nbase_url = "{server.base_url}"\n')
        env = {"ION_HOME": str(home), "PATH": ""}

        async def factory() -> Runtime:
            return Runtime(shop, env=env, trusted=True)

        app = IonApp(factory, folder=shop)
        async with app.run_test(size=(100, 30)) as pilot:
            await app.runtime()
            await shows(app, pilot, "who shall answer?")
            await pilot.press(*"work", "enter")
            await shows(app, pilot, "Log in to work")
            await pilot.press(*WRONG, "enter")
            await shows(app, pilot, "Models of work")
            await pilot.press("enter")
            await shows(app, pilot, "Incorrect API key")
            await pilot.press("enter")
            await shows(app, pilot, "Log in to work")
            await pilot.press(*RIGHT, "enter")
            await shows(app, pilot, "Models of work")
            await pilot.press("enter")
            await shows(app, pilot, "work/fake")
            await pilot.press(*"hello", "enter")
            await shows(app, pilot, "Good morning.")
        keys = [asked.headers["authorization"] for asked in server.requests if asked.body]
    assert keys == [f"Bearer {WRONG}", f"Bearer {RIGHT}", f"Bearer {RIGHT}"]
    assert 'model = "work/fake"' in (home / "config.toml").read_text()
    assert RIGHT not in (home / "config.toml").read_text()
    assert RIGHT.encode() not in (home / "sessions.db").read_bytes()
    assert (home / "auth.json").stat().st_mode & 0o777 == 0o600
