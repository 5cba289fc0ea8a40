"""The todo list on screen: the newest one of the branch, with the present step in sight."""

from __future__ import annotations

from ion_core.events import HeadMoved
from tests.tui.conftest import Show, Stage
from tests.tui.todo_scene import STEPS, plan


async def opened(show: Show) -> None:
    """Look at the list."""
    await show.press("ctrl+t")


async def test_steps_have_signs_and_the_foot_counts_them(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await plan(show.session)
        await opened(show)
        for row in ("✓ Read the parser", "▸ Write the test", "○ Make the", "✗ Keep the old"):
            assert row in show.text
        assert "1 of 4 done" in show.text


async def test_a_long_step_is_wrapped_below_itself(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        await plan(show.session)
        await opened(show)
        rows = [row[86:].rstrip() for row in show.text.splitlines()]
        first = rows.index("  ✓ Read the parser and find out")
        assert rows[first + 1 : first + 3] == ["    where it loses the last line", "    of a file"]


async def test_the_newest_list_replaces_the_one_before(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await opened(show)
        await plan(show.session)
        await show.settle()
        await plan(show.session, (("Write the test", "completed"), ("Ship it", "in_progress")))
        await show.settle()
        assert "▸ Ship it" in show.text
        assert "○ Make the parser" not in show.text
        assert "1 of 2 done" in show.text


async def test_a_list_that_was_refused_changes_nothing(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await opened(show)
        await plan(show.session)
        await plan(show.session, (("Refused", "pending"),), ok=False)
        await show.settle()
        assert "▸ Write the test" in show.text
        assert "○ Refused" not in show.text


async def test_another_branch_has_the_list_of_its_own_path(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await opened(show)
        await plan(show.session)
        kept = show.session.view.entries[-1].id
        await plan(show.session, (("Ship it", "in_progress"),))
        await show.session.emit(HeadMoved(kept=kept, entries=()))
        await show.settle()
        assert "▸ Write the test" in show.text


async def test_before_there_is_a_list_the_tab_says_what_it_is_for(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await opened(show)
        assert "Nothing is planned yet." in show.text
        assert "done" not in show.row(48)


async def test_of_a_list_that_is_too_long_the_present_step_is_in_sight(stage: Stage) -> None:
    steps = [(f"Step {n}", "completed" if n < 40 else "pending") for n in range(50)]
    steps[40] = ("Step 40", "in_progress")
    async with stage(size=(100, 24)) as show:
        await plan(show.session, tuple(steps))  # type: ignore[arg-type]
        await opened(show)
        assert "▸ Step 40" in show.text
        assert "✓ Step 2\n" not in show.text
        show.screen.dock.stop.focus()
        await show.press("pageup", "pageup", "pageup")
        assert "✓ Step 0" in show.text


async def test_control_sequences_in_a_step_never_reach_the_screen(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await plan(show.session, (("Be \x1b[31mred\x1b[0m\u202e now", "pending"),))
        await opened(show)
        assert "○ Be red⟨U+202E⟩ now" in show.text
        assert "\x1b" not in show.text


async def test_a_list_that_is_done_says_so(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await plan(show.session, tuple((text, "completed") for text, _ in STEPS))
        await opened(show)
        assert "4 of 4 done" in show.text
