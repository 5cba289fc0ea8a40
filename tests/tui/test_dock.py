"""The dock: tabs on the right, opened by keys, clicks and commands."""

from __future__ import annotations

import pytest

from ion_core.events import HeadMoved
from tests.tui.conftest import Show, Stage
from tests.tui.todo_scene import STEPS, plan


def head(show: Show) -> str:
    """The row of tabs."""
    return show.row(0)


async def test_the_tool_log_is_open_and_the_other_tab_is_named(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        assert "Tools   Todo" in head(show)
        assert show.screen.dock.tools.display


async def test_a_click_on_a_tab_opens_it(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await plan(show.session)
        await show.pilot.click("Tabs", offset=(11, 0))
        await show.settle()
        assert "Write the test" in show.text
        await show.pilot.click("Tabs", offset=(3, 0))
        await show.settle()
        assert "Write the test" not in show.text
        assert show.screen.dock.tools.display


async def test_ctrl_t_shows_the_todo_list_and_then_what_was_there(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await show.press("ctrl+t")
        assert show.screen.dock.tab == "todo"
        assert show.prompt.has_focus
        await show.press("ctrl+t")
        assert show.screen.dock.tab == "tools"
        assert show.screen.dock.display


async def test_ctrl_t_opens_a_dock_that_was_closed_and_closes_it_again(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await show.press("ctrl+x", "t")
        assert not show.screen.dock.display
        await show.press("ctrl+t")
        assert show.screen.dock.display
        await show.press("ctrl+t")
        assert not show.screen.dock.display
        assert show.prompt.has_focus


async def test_slash_todo_shows_the_list(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        await show.type("/todo")
        await show.press("enter")
        assert "Nothing is planned yet." in show.text


@pytest.mark.parametrize(("key", "tab"), [("1", "tools"), ("2", "todo")])
async def test_the_leader_and_a_number_open_a_tab(stage: Stage, key: str, tab: str) -> None:
    async with stage(size=(200, 50)) as show:
        show.screen.dock.show("todo" if tab == "tools" else "tools")
        await show.press("ctrl+x", key)
        assert show.screen.dock.tab == tab


async def test_right_and_left_go_through_the_tabs_and_keep_the_keyboard(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await show.press("ctrl+x", "1", "right")
        assert show.screen.dock.tab == "todo"
        assert show.screen.dock.has_focus_within
        await show.press("left")
        assert show.screen.dock.tools.list.has_focus
        await show.press("q")
        assert show.prompt.has_focus


async def test_in_a_narrow_terminal_the_list_covers_the_chat_until_esc(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await plan(show.session)
        await show.press("ctrl+t")
        assert "▸ Write the test" in show.text
        assert show.screen.dock.stop.has_focus
        await show.press("escape")
        assert "▸ Write the test" not in show.text
        assert show.prompt.has_focus


async def test_the_tab_says_how_much_is_done_while_another_is_open(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await plan(show.session)
        await show.settle()
        assert "Todo 1/4" in head(show)
        await show.session.emit(HeadMoved(kept=None, entries=()))
        await show.settle()
        assert "Todo 1/4" not in head(show)


async def test_nothing_is_opened_by_a_plan(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await show.press("ctrl+x", "t")
        await plan(show.session)
        await show.settle()
        assert not show.screen.dock.display
        assert len(STEPS) == 4
