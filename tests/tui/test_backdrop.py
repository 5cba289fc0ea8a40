"""A terminal that is light gets the light theme, and is never waited for."""

from __future__ import annotations

import pytest
from textual import events

from ion_core.config.schema import Settings, TuiSettings
from ion_tui.backdrop import Backdrop, BackdropTold, question
from ion_tui.terminal import IonParser
from tests.tui.conftest import Stage

WHITE = "\x1b]11;rgb:ffff/ffff/ffff"


def read(data: str) -> list[float | str]:
    """The brightness that was told, and the keys beside it."""
    found = [event for event in IonParser().feed(data) if isinstance(event, events.Key)]
    return [e.brightness if isinstance(e, BackdropTold) else e.key for e in found]


@pytest.mark.parametrize(
    ("sent", "brightness"),
    [
        (f"{WHITE}\x07", 1.0),
        (f"{WHITE}\x1b\\", 1.0),
        ("\x1b]11;rgb:0000/0000/0000\x1b\\", 0.0),
        ("\x1b]11;rgb:ff/ff/ff\x07", 1.0),
        ("\x1b]11;rgba:0000/0000/0000/ffff\x07", 0.0),
    ],
)
def test_an_answer_is_read_and_leaves_no_key_behind(sent: str, brightness: float) -> None:
    assert read(f"a{sent}b") == ["a", pytest.approx(brightness), "b"]


def test_ctrl_g_stays_a_key() -> None:
    assert read("\x07") == ["ctrl+g"]
    assert read(f"{WHITE}\x07\x07") == [pytest.approx(1.0), "ctrl+g"]


@pytest.mark.parametrize(
    ("setting", "brightness", "theme"),
    [
        ("auto:ion-dark,ion-light", 0.0, "ion-dark"),
        ("auto:ion-dark,ion-light", 0.9, "ion-light"),
        ("auto:ion-dark", 0.9, "ion-dark"),
        ("ion-dark", 0.9, "ion-dark"),
    ],
)
def test_a_setting_means_a_theme(setting: str, brightness: float, theme: str) -> None:
    backdrop = Backdrop()
    backdrop.setting, backdrop.brightness = setting, brightness
    assert backdrop.theme == theme


def test_a_terminal_that_would_print_the_question_is_not_asked() -> None:
    assert question({"TERM": "linux"}) == question({}) == ""
    assert question({"TERM": "xterm-256color"}) == "\x1b]11;?\x07"


@pytest.mark.parametrize("late", [False, True])
async def test_a_light_terminal_gets_the_light_theme(stage: Stage, late: bool) -> None:
    async with stage(ready=late) as show:
        show.app.post_message(BackdropTold(1.0))
        await show.app.runtime()
        await show.settle()
        assert show.app.theme == "ion-light"
        assert show.prompt.text == ""


async def test_a_theme_that_a_person_chose_stays(stage: Stage) -> None:
    async with stage(settings=Settings(tui=TuiSettings(theme="ion-dark"))) as show:
        show.app.post_message(BackdropTold(1.0))
        await show.settle()
        assert show.app.theme == "ion-dark"
