"""The sidebar: opening, renaming, deleting and finding sessions."""

from __future__ import annotations

import asyncio

from textual import events
from textual.strip import Strip

from ion_core.events import ApprovalRequested, ApprovalSettled
from ion_core.ids import CallId
from tests.tui.conftest import Show, Stage

KEEP = (("s1", "Fix the parser", 60.0), ("s2", "Docs pass", 7_200.0), ("s3", "Try regex", 90_000.0))
WIDE = (170, 40)


async def open_sidebar(show: Show) -> None:
    show.screen.sidebar.sessions.focus()
    await show.settle()


async def test_enter_opens_a_session_and_the_idle_one_is_closed(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP) as show:
        first = show.session
        await open_sidebar(show)
        await show.press("home", "down", "enter")
        assert show.screen.session_id == "s1"
        assert first.closed
        assert show.prompt.has_focus


async def test_a_running_session_goes_on_in_the_background(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP, session="s1") as show:
        first = show.session
        await first.submit("go")
        await show.settle()
        await open_sidebar(show)
        await show.press("home", "down", "down", "enter")
        assert show.screen.session_id == "s2"
        assert not first.closed
        assert "◐ Fix the parser" in show.text
        await first.end()
        await show.settle()
        assert first.closed


async def test_a_mark_tells_of_a_session_out_of_sight_that_waits(stage: Stage) -> None:
    async with stage(size=(170, 40), keep=KEEP, session="s1") as show:
        first = show.session
        await first.submit("go")
        await show.settle()
        show.screen.sidebar.sessions.focus()
        await show.press("home", "down", "down", "enter")
        assert show.screen.session_id == "s2"
        await first.emit(ApprovalRequested(call=CallId("a"), name="bash", target="git push"))
        await show.settle()
        assert "! Fix the parser" in show.text
        assert not show.screen.asking.display
        await first.emit(ApprovalSettled(call=CallId("a"), verdict="once"))
        await show.settle()
        assert "◐ Fix the parser" in show.text


async def test_a_draft_stays_with_its_session(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP, session="s1") as show:
        await show.session.submit("go")
        await show.type("for the parser")
        await open_sidebar(show)
        await show.press("home", "down", "down", "enter")
        assert show.prompt.text == ""
        await open_sidebar(show)
        await show.press("home", "down", "enter")
        assert show.prompt.text == "for the parser"


async def test_x_deletes_and_u_brings_back(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP) as show:
        await open_sidebar(show)
        await show.press("home", "down", "x")
        assert "Fix the parser" not in show.row(3)
        assert show.runtime.infos[0].deleted_at is not None
        await show.press("u")
        assert show.runtime.infos[0].deleted_at is None
        assert "Fix the parser" in show.text


async def test_deleting_the_session_on_screen_shows_a_new_one(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP, session="s1") as show:
        await open_sidebar(show)
        await show.press("home", "down", "x")
        assert show.screen.session_id.startswith("new-")


async def test_r_renames_in_place(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP) as show:
        await open_sidebar(show)
        await show.press("home", "down", "r", "ctrl+u")
        await show.type("Better")
        await show.press("enter")
        assert show.runtime.infos[0].title == "Better"
        assert "Better" in show.text


async def test_a_title_that_is_typed_in_a_burst_filters_nothing(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP) as show:
        await open_sidebar(show)
        await show.press("home", "down", "r", "ctrl+u")
        for key in ("O", "d", "d", "enter"):
            show.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await show.settle()
        assert show.runtime.infos[0].title == "Odd"
        assert not show.screen.sidebar.searching


async def test_a_search_that_is_typed_in_a_burst_is_asked_whole(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP) as show:
        await open_sidebar(show)
        await show.press("slash")
        for key in ("d", "o", "c", "s"):
            show.app.post_message(events.Key(key, key))
        await show.settle()
        async with asyncio.timeout(10):
            while "1 found" not in show.text:
                await show.settle()
        assert "Docs pass" in show.text
        assert "Fix the parser" not in show.text


async def test_n_starts_a_new_session(stage: Stage) -> None:
    async with stage(size=WIDE, keep=KEEP, session="s1") as show:
        await open_sidebar(show)
        await show.press("n")
        assert show.screen.session_id.startswith("new-")


async def test_the_row_under_the_cursor_is_marked_while_the_tree_has_the_keyboard(
    stage: Stage,
) -> None:
    async with stage(size=WIDE, keep=KEEP) as show:
        tree = show.screen.sidebar.sessions
        marked = tree.get_component_rich_style("tree--cursor").bgcolor
        assert _grounds(tree.render_line(1)) != {marked}
        await open_sidebar(show)
        await show.press("home", "down")
        assert _grounds(tree.render_line(1)) == {marked}


def _grounds(strip: Strip) -> set[object]:
    return {segment.style.bgcolor for segment in strip if segment.style}


async def test_ten_thousand_sessions_are_one_widget(stage: Stage) -> None:
    keep = tuple((f"s{n}", f"Session {n}", n * 60.0) for n in range(10_000))
    async with stage(size=WIDE, keep=keep) as show:
        await open_sidebar(show)
        widgets = len(list(show.app.main.walk_children()))
        await show.press("G")
        assert show.screen.sidebar.sessions.index == len(show.screen.sidebar.sessions.rows) - 1
        assert len(list(show.app.main.walk_children())) == widgets < 120
