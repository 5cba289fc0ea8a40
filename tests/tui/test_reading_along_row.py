"""A session that another ion writes: a row says so, and a key takes it over."""

from __future__ import annotations

from ion_core.events import Notice
from tests.tui.conftest import Show, Stage

WRITER = "Another ion (pid 4242) writes this session."


async def lost(show: Show) -> None:
    show.session.reading_along = WRITER
    await show.session.emit(Notice(level="warning", text=f"{WRITER} You read along."))
    await show.settle()


async def test_a_row_says_who_writes_and_how_to_take_over(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        assert WRITER not in show.text
        await lost(show)
        assert f"{WRITER} ctrl+x O takes over." in show.text


async def test_the_row_is_two_where_it_is_narrow(stage: Stage) -> None:
    async with stage(size=(50, 24)) as show:
        await lost(show)
        assert "takes over." in show.text


async def test_ctrl_x_o_takes_the_session_over(stage: Stage) -> None:
    async with stage() as show:
        await lost(show)
        await show.press("ctrl+x", "O")
        assert ("take_over", "") in show.session.asked
        assert WRITER not in show.text


async def test_taking_over_what_is_ours_says_so(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/takeover")
        await show.press("enter")
        assert "written here already" in show.toasts
        assert ("take_over", "") not in show.session.asked


NEWER = "sessions.db was written by a newer ion. Update ion."


async def test_of_a_newer_database_the_row_says_what_to_do_and_offers_no_key(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        show.session.newer, show.session.reading_along = True, NEWER
        await show.session.emit(Notice(level="warning", text=NEWER))
        await show.settle()
        assert NEWER in show.text
        assert "takes over" not in show.text
        await show.press("ctrl+x", "O")
        assert "Update ion" in show.toasts
        assert ("take_over", "") not in show.session.asked
