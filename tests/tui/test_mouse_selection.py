"""What the mouse selects in the conversation."""

from __future__ import annotations

import base64
from typing import Literal

import pytest
from textual.events import MouseDown, MouseScrollDown

from ion_core.config.schema import Settings, TuiSettings
from tests.tui.conftest import Show, Stage

ANSWER = "Some words to select here."


@pytest.fixture(autouse=True)
def over_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program takes the clipboard: it is sent to the terminal."""
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("SSH_CONNECTION", "somewhere")


async def _selected(show: Show) -> None:
    await show.session.submit("go")
    await show.session.answer(ANSWER)
    await show.settle()
    y = next(y for y in range(show.app.size.height) if ANSWER in show.row(y))
    x = show.row(y).index(ANSWER)
    await show.pilot.mouse_down(offset=(x, y))
    await show.pilot.hover(offset=(x + 9, y))
    await show.pilot.mouse_up(offset=(x + 9, y))
    await show.settle()


async def test_ctrl_c_copies_what_the_mouse_selected_and_stops_nothing(stage: Stage) -> None:
    sent: list[str] = []
    async with stage() as show:
        show.app.send = sent.append  # type: ignore[method-assign]  # the terminal of this test
        await _selected(show)
        await show.press("ctrl+c")
        assert sent == [f"\x1b]52;c;{base64.b64encode(b'Some words').decode()}\x07"]
        assert show.session.asked == [("submit", "go")]


async def test_the_next_ctrl_c_interrupts(stage: Stage) -> None:
    async with stage() as show:
        await _selected(show)
        await show.press("ctrl+c")
        await show.press("ctrl+c")
        assert ("cancel", "") in show.session.asked


async def test_the_mouse_leaves_the_keyboard_in_the_prompt(stage: Stage) -> None:
    async with stage() as show:
        await _selected(show)
        await show.type("quit it")
        assert show.prompt.text == "quit it"


@pytest.mark.parametrize(("mouse", "clicks"), [("full", True), ("wheel", False)])
async def test_where_only_the_wheel_is_wanted_buttons_do_nothing(
    stage: Stage, mouse: Literal["full", "wheel"], clicks: bool
) -> None:
    async with stage(settings=Settings(tui=TuiSettings(mouse=mouse))) as show:
        at = {"widget": None, "x": 3, "y": 3, "delta_x": 0, "delta_y": 0}
        held = {"button": 1, "shift": False, "meta": False, "ctrl": False}
        down, wheel = MouseDown(**at, **held), MouseScrollDown(**at, **held)  # type: ignore[arg-type]
        assert show.app.hearing.ignores(down) is not clicks
        assert not show.app.hearing.ignores(wheel)
