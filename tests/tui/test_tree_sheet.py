"""/tree, /fork and /branch with a real runtime: go on from any message, and lose nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from ion_core.entries import BranchSummary
from ion_core.messages import Message
from ion_core.runtime import Runtime
from ion_core.tree_walk import drawn, path_of, settled
from ion_core.trees import Branch, Node, SessionTree
from ion_tui.app import IonApp
from ion_tui.tree_sheet import TreeSheet
from tests.fakes.scripted_home import scripted_home

STEPS = [
    {"text": "I look.", "calls": [{"name": "list", "arguments": {}}]},
    {"text": "It is empty."},
    {"text": "Second answer."},
    {"text": "Third answer."},
]


def text(app: IonApp) -> str:
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row) for row in rows)


async def shows(app: IonApp, pilot: Pilot[None], words: str) -> None:
    async with asyncio.timeout(30):
        while words not in text(app):
            await pilot.pause(0.05)


@asynccontextmanager
async def app_in(
    tmp_path: Path, size: tuple[int, int] = (110, 40)
) -> AsyncIterator[tuple[IonApp, Pilot[None]]]:
    shop = tmp_path / "shop"
    shop.mkdir()
    env = {**scripted_home(tmp_path / "home", STEPS), "PATH": "/usr/bin:/bin"}

    async def factory() -> Runtime:
        return Runtime(shop, env=env, interactive=True, trusted=True)

    app = IonApp(factory, folder=shop)
    async with app.run_test(size=size) as pilot:
        await app.runtime()
        for said, answer in (("look around", "It is empty."), ("now what", "Second answer.")):
            await pilot.press(*said.replace(" ", "␣").replace("␣", " "), "enter")
            await shows(app, pilot, answer)
        await settle(app, pilot)
        yield app, pilot


async def settle(app: IonApp, pilot: Pilot[None]) -> None:
    async with asyncio.timeout(30):
        while (app.main.view is None) or app.main.view.busy:
            await pilot.pause(0.05)


def said(app: IonApp) -> list[str]:
    assert app.main.view is not None
    bodies = [entry.body for entry in app.main.view.entries]
    return [b.text for b in bodies if isinstance(b, Message) and b.role != "tool"]


async def test_a_message_of_ones_own_is_said_again_on_another_branch(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot):
        await pilot.press("slash", *"tree", "enter")
        await shows(app, pilot, "Tree: what was said")
        await pilot.press(*"now what", "enter")
        async with asyncio.timeout(30):
            while app.main.composer.prompt.text != "now what":
                await pilot.pause(0.05)
        assert said(app) == ["look around", "I look.", "It is empty."]
        await pilot.press("end", *" then", "enter")
        await shows(app, pilot, "Third answer.")
        await settle(app, pilot)
        assert said(app)[-2:] == ["now what then", "Third answer."]
        session = app.main.desk.session
        assert session is not None
        branches = (await session.tree()).branches
        assert [(b.name, b.active) for b in branches] == [("main", False), ("main~2", True)]
        await pilot.press("slash", *"branch", "enter")
        await shows(app, pilot, "Branches of this session")
        await pilot.press(*"main", "enter")
        async with asyncio.timeout(30):
            while said(app)[-1] != "Second answer.":
                await pilot.pause(0.05)


async def test_a_fork_is_another_session_and_the_first_stays(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot):
        first = app.main.session_id
        await pilot.press("slash", *"tree", "enter")
        await shows(app, pilot, "Tree: what was said")
        await pilot.press(*"empty")
        await pilot.press("ctrl+f")
        async with asyncio.timeout(30):
            while app.main.session_id == first:
                await pilot.pause(0.05)
        assert said(app) == ["look around", "I look.", "It is empty."]
        runtime = await app.runtime()
        info = await runtime.info(app.main.desk.session.id)  # type: ignore[union-attr]
        assert (info.kind, info.parent) == ("fork", first)


async def ask_what_matters(app: IonApp, pilot: Pilot[None]) -> None:
    await pilot.press("slash", *"tree", "enter")
    await shows(app, pilot, "ctrl+t with summary")
    await pilot.press(*"empty", "ctrl+t")
    await shows(app, pilot, "the whole branch alike")
    await pilot.press(*"ports")
    await shows(app, pilot, "with more of: ports")


async def test_what_was_found_out_goes_along_to_another_message(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot):
        session = app.main.desk.session
        assert session is not None
        tip = session.view.head
        await ask_what_matters(app, pilot)
        await pilot.press("escape")
        await shows(app, pilot, "Ask ion")
        assert session.view.head == tip
        await ask_what_matters(app, pilot)
        await pilot.press("enter")
        async with asyncio.timeout(30):
            while not isinstance(session.view.entries[-1].body, BranchSummary):
                await pilot.pause(0.05)
        [told] = [e.body for e in session.view.entries if isinstance(e.body, BranchSummary)]
        assert told.from_tip == tip
        assert said(app) == ["look around", "I look.", "It is empty."]


async def test_a_label_is_put_on_a_message_and_found_again(tmp_path: Path) -> None:
    async with app_in(tmp_path) as (app, pilot):
        await pilot.press("slash", *"tree", "enter")
        await shows(app, pilot, "Tree: what was said")
        await pilot.press(*"empty", "ctrl+l")
        await shows(app, pilot, "A new label")
        await pilot.press(*"good", "enter")
        await shows(app, pilot, "#good")
        await pilot.press("ctrl+o", "ctrl+o", "ctrl+o")
        await shows(app, pilot, "Tree: labelled")
        assert "look around" not in text(app).split("Tree: labelled")[1]


def tree() -> SessionTree:
    def node(id: str, parent: str | None, role: str, text: str, *tools: str) -> Node:
        kind = "tool_result" if role == "tool" else "message"
        return Node(
            id=id, parent=parent, depth=0, at=0, kind=kind, role=role, text=text, tools=tools
        )

    return SessionTree(
        nodes=(
            node("e1", None, "user", "ask"),
            node("e2", "e1", "assistant", "", "bash", "read"),
            node("e3", "e2", "tool", "one", "bash"),
            node("e4", "e3", "tool", "two", "read"),
            node("e5", "e4", "assistant", "done"),
            node("e6", "e4", "assistant", "otherwise \x1b[31m"),
        ),
        branches=(Branch(name="main", tip="e5"), Branch(name="main~2", tip="e6", active=True)),
    )


def test_runs_are_level_and_branches_are_indented() -> None:
    assert [(node.id, level) for node, level in drawn(tree())] == [
        ("e1", 0),
        ("e2", 0),
        ("e3", 0),
        ("e4", 0),
        ("e5", 1),
        ("e6", 1),
    ]
    assert path_of(tree()) == {"e1", "e2", "e3", "e4", "e6"}


def test_one_goes_on_behind_the_results_of_an_answer() -> None:
    assert [settled(tree(), entry) for entry in ("e1", "e2", "e3", "e5")] == [
        "e1",
        "e4",
        "e4",
        "e5",
    ]


def test_the_rows_say_who_where_and_what_and_obey_no_escape() -> None:
    sheet = TreeSheet(tree(), keys=lambda command: command, now=7200)
    rows = sheet.rows("")
    assert [(row.mark, row.lead, row.name, row.detail, row.right) for row in rows] == [
        ("●", "❯ ", "ask", "", "2h"),
        ("○", "│ · ", "done", "main", "2h"),
        ("●", "│ · ", rows[2].name, "main~2", "2h"),
    ]
    assert "\x1b" not in rows[2].name
    assert [row.value for row in sheet.rows("done")] == ["e5"]
    assert sheet.obey("branches.view", None) == "anew"
    assert [row.name for row in sheet.rows("")][:1] == ["ask"]
    assert sheet.obey("branches.view", None) == "anew"
    assert len(sheet.rows("")) == 6
