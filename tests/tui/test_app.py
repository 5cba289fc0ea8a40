"""The app: regions, modes, sessions on screen, and how it comes and goes."""

from __future__ import annotations

import pytest

from ion_core.config.schema import Settings, TuiSettings
from ion_core.errors import StoreError
from ion_core.events import Notice
from ion_core.messages import Display, Text, ToolCall
from tests.tui.conftest import Stage

CALL = ToolCall(id="c1", name="bash", arguments={"command": "pytest -q"})  # type: ignore[arg-type]


async def test_the_first_page_says_name_version_model_and_folder(stage: Stage) -> None:
    async with stage() as show:
        for words in ("ion 1.2.3", "mock/test-model", "/home/you/proj/shop"):
            assert words in show.text


@pytest.mark.parametrize(
    ("size", "shown"),
    [((200, 50), {"Sessions", "Tools"}), ((120, 35), {"Tools"}), ((80, 24), set())],
)
async def test_each_width_has_its_regions(
    stage: Stage, size: tuple[int, int], shown: set[str]
) -> None:
    async with stage(size=size) as show:
        assert {word for word in ("Sessions", "Tools") if word in show.text} == shown


async def test_at_medium_width_the_panels_take_turns(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        await show.press("ctrl+x", "b")
        assert "Sessions" in show.text
        assert "Tools" not in show.text
        await show.press("ctrl+x", "t")
        assert "Tools" in show.text
        assert "Sessions" not in show.text


async def test_at_narrow_width_a_panel_covers_the_chat_until_escape(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await show.press("ctrl+x", "b")
        assert show.row(0).strip() == "Sessions"
        assert show.screen.sidebar.region.width == 80
        assert show.screen.sidebar.sessions.has_focus
        await show.press("escape")
        assert "Sessions" not in show.text
        assert show.prompt.has_focus


async def test_a_tiny_terminal_says_so_and_still_takes_input(stage: Stage) -> None:
    async with stage(size=(30, 8)) as show:
        assert "too small" in show.text
        await show.type("hi")
        await show.press("enter")
        assert show.session.asked == [("submit", "hi")]


async def test_the_chrome_at_rest_is_four_rows(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await show.session.submit("go")
        await show.session.answer("Done.")
        await show.session.end()
        await show.settle()
        assert show.screen.transcript.region.height == 20
        assert show.row(20).strip() == ""
        assert set(show.row(21).strip()) == {"─"}
        assert show.row(22).startswith("❯")
        assert show.row(23).strip().startswith("WRITE")


async def test_a_notice_is_a_toast(stage: Stage) -> None:
    async with stage() as show:
        await show.session.emit(Notice(level="warning", text="Low on disk\x1b[31m."))
        await show.settle()
        assert "Low on disk" in show.toasts
        assert "\x1b" not in show.toasts


async def test_a_prompt_that_cannot_be_stored_comes_back_with_the_reason(stage: Stage) -> None:
    async with stage() as show:

        async def full(text: str) -> None:
            raise StoreError("The disk is full.")

        show.session.submit = full  # type: ignore[method-assign]
        await show.type("precious")
        await show.press("enter")
        assert show.prompt.text == "precious"
        assert "The disk is full." in show.toasts


async def test_the_tool_log_shows_calls_filters_failures_and_reveals(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        session = show.session
        await session.submit("go")
        ok = ToolCall(id="c0", name="read", arguments={"path": "app.py"})  # type: ignore[arg-type]
        await session.answer(ok, CALL)
        await session.begin(ok, "app.py")
        await session.settle(ok, "", Display(target="app.py", duration_ms=12))
        await session.begin(CALL, "pytest -q")
        await session.settle(
            CALL, "E", Display(target="pytest -q", exit_code=1, duration_ms=4_200), ok=False
        )
        await show.settle()
        rows = show.text
        assert "2 calls  1 failed" in rows
        assert "✓ Read app.py" in rows
        assert "✗ Ran pytest -q" in rows
        assert "exit 1  4.2s" in rows
        show.screen.dock.tools.list.focus()
        await show.press("f")
        assert [row.tool for row in show.screen.dock.tools.list.shown] == ["bash"]
        await show.press("enter")
        assert show.prompt.has_focus


async def test_a_running_call_counts_seconds(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await show.session.submit("go")
        await show.session.answer(CALL)
        await show.session.begin(CALL, "pytest -q")
        show.clock.now += 7
        await show.settle()
        assert "7s" in show.row(2)


async def test_scrolling_away_shows_how_much_is_below_and_end_follows_again(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await show.session.submit("go")
        await show.session.write("\n\n".join(f"line {n}" for n in range(60)))
        await show.settle()
        await show.press("pageup")
        await show.session.write("\n\n" + "\n\n".join(f"more {n}" for n in range(20)))
        await show.pilot.pause(0.3)
        assert "new lines" in show.text
        await show.press("end")
        await show.settle()
        assert "new lines" not in show.text
        assert "more 19" in show.text


async def test_f6_goes_round_the_regions(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await show.press("f6")
        assert show.screen.dock.tools.list.has_focus
        assert show.screen.dock.has_class("-active")
        await show.press("f6")
        assert show.screen.sidebar.sessions.has_focus
        await show.press("f6")
        assert show.prompt.has_focus


async def test_five_thousand_messages_mount_no_widget(stage: Stage) -> None:
    async with stage() as show:
        before = len(list(show.app.main.walk_children()))
        for n in range(2_500):
            await show.session.submit(f"question {n}")
            await show.session.answer(f"answer {n}")
            await show.session.end()
        await show.pilot.pause(0.5)
        await show.settle()
        assert abs(len(list(show.app.main.walk_children())) - before) <= 5


@pytest.mark.parametrize("size", [(200, 50), (80, 24)])
async def test_ascii_draws_no_other_byte_and_moves_no_column(
    stage: Stage, size: tuple[int, int]
) -> None:
    said = (
        "Café 日本 👩‍👩‍👧 costs 3 €: “yes”…\n\n> quoted\n\n- a\n\n| a | b |\n|--:|---|\n| 1 | 2 |"
    )
    settings = Settings(tui=TuiSettings(ascii=True))
    async with stage(settings=settings, size=size, keep=(("s1", "Grün", 60.0),)) as show:
        await show.type("go")
        await show.press("enter")
        await show.session.answer(Text(text=said), CALL)
        await show.session.begin(CALL, "pytest -q")
        await show.session.follow_up("then → this")
        await show.settle()
        assert show.text.isascii()
        assert "Cafe ???? ?? costs 3 ?" in show.text
        assert {len(show.row(y)) for y in range(size[1])} == {size[0]}
        await show.press("ctrl+x", "t")
        await show.press("f1")
        assert show.text.isascii()
        await show.press("escape")
        show.screen.regions.to_prompt()
        await show.press("ctrl+x", "m", "ctrl+f")
        assert "* mock/test-model" in show.text
        assert show.text.isascii()


async def test_without_any_model_the_embedded_one_is_offered_and_fetched(stage: Stage) -> None:
    async with stage(model="") as show:
        assert "ion has no model to ask yet" in show.text
        assert show.text.index("Fetch the embedded model") < show.text.index("OpenAI")
        for key in ("e", "m", "b", "e", "d", "enter"):
            await show.press(key)
        assert "Fetching the embedded model · 600 MB of 1.2 GB · 50%" in show.text
        show.runtime.fetching.set()
        await show.settle()
        assert "Fetching" not in show.text
        assert "local/small" in show.row(29)


async def test_the_offer_of_a_model_can_be_declined(stage: Stage) -> None:
    async with stage(model="") as show:
        await show.press("escape")
        assert show.prompt.has_focus


async def test_leaving_closes_the_runtime(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/quit")
        await show.press("enter")
        await show.settle()
        assert show.app.return_code == 0
        assert show.runtime.left


async def test_the_app_works_without_colours(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage() as show:
        await show.type("go")
        await show.press("enter")
        await show.session.answer(Text(text="# One\n\n**bold** `x`\n\n- a\n\n> quoted"))
        await show.settle()
        assert "quoted" in show.text
