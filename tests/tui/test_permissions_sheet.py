"""/permissions with a real runtime and files: what holds here, and taking a rule out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ion_core.config.rules import KeptRule
from ion_core.config.schema import PermissionRule
from ion_core.runtime import Runtime
from ion_tui.app import IonApp
from ion_tui.permissions import RuleSheet

OWN = """\
model = "work/m"   # mine
[providers.work]
base_url = "http://127.0.0.1:9/v1"
api_key = "k"
[permissions]
rules = [
  { tool = "bash", pattern = "git push *", decision = "allow" },  # pushing
  { tool = "bash", pattern = "rm *", decision = "deny" },
]
"""


def text(app: IonApp) -> str:
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row) for row in rows)


async def shows(app: IonApp, pilot: Pilot[None], words: str) -> None:
    async with asyncio.timeout(30):
        while words not in text(app):
            await pilot.pause(0.05)


@asynccontextmanager
async def app_in(
    tmp_path: Path, size: tuple[int, int] = (110, 30)
) -> AsyncIterator[tuple[IonApp, Pilot[None], Path]]:
    home, shop = tmp_path / "home", tmp_path / "shop"
    shop.mkdir()
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(OWN)

    async def factory() -> Runtime:
        return Runtime(shop, env={"ION_HOME": str(home), "PATH": "/usr/bin:/bin"}, trusted=True)

    app = IonApp(factory, folder=shop)
    async with app.run_test(size=size) as pilot:
        await app.runtime()
        await pilot.pause(0.1)
        yield app, pilot, home / "config.toml"


async def test_the_sheet_shows_mode_sandbox_and_rules_with_their_lines(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot, _):
        await pilot.press("slash", *"permissions", "enter")
        await shows(app, pilot, "git push *")
        shown = text(app)
        wanted = ["Permissions", "Mode", "Sandbox", "Your rules", "config.toml:7"]
        for words in (*wanted, "rm *", "deny"):
            assert words in shown


async def test_a_key_takes_a_rule_out_of_the_persons_own_file(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot, file):
        await pilot.press("slash", *"permissions", "enter")
        await shows(app, pilot, "git push *")
        await pilot.press(*"push")
        await pilot.press("ctrl+d")
        async with asyncio.timeout(30):
            while "git push" in file.read_text():
                await pilot.pause(0.05)
        async with asyncio.timeout(30):
            while not app._notifications:
                await pilot.pause(0.05)
        said = [note.message for note in app._notifications]
        assert said[-1] == "Taken out: allow bash git push *"
        runtime = await app.runtime()
        assert [rule.pattern for rule in runtime.settings.permissions.rules] == ["rm *"]
    assert 'model = "work/m"   # mine' in file.read_text()


def test_rules_of_a_project_stand_apart_and_are_not_taken_out() -> None:
    forgotten: list[PermissionRule] = []
    kept = [
        KeptRule(rule=PermissionRule(tool="read", pattern=name, decision="ask"), **where)
        for name, where in {
            "a": {"layer": "user", "file": "/h/config.toml", "line": 1},
            "b": {"layer": "project", "file": "/p/.ion/config.toml", "line": 2},
        }.items()
    ]
    sheet = RuleSheet([], kept, (), forget=forgotten.append, key="ctrl+d")
    rows = sheet.rows("")
    assert [row.name for row in rows] == ["Your rules", "a", "Rules of the project", "b"]
    assert sheet.obey("rules.forget", rows[3]) == ""
    assert sheet.obey("rules.forget", rows[1]) == "anew"
    assert forgotten == [kept[0].rule]
    assert [row.name for row in sheet.rows("")] == ["Rules of the project", "b"]


@pytest.mark.parametrize("granted", [(), (PermissionRule(tool="bash", decision="allow"),)])
def test_what_holds_for_this_session_is_listed_and_no_file_is_touched(
    granted: tuple[PermissionRule, ...],
) -> None:
    forgotten: list[PermissionRule] = []
    sheet = RuleSheet([("Mode", "x")], [], granted, forget=forgotten.append, key="ctrl+d")
    rows = sheet.rows("")
    assert [row.name for row in rows][1:] == (
        ["Allowed in this session", "*"] if granted else ["There are no rules"]
    )
    assert sheet.obey("rules.forget", rows[-1]) == ""
    assert forgotten == []
