"""Somebody who looks elsewhere is told, once, and in the words of their terminal."""

from __future__ import annotations

import pytest
from textual.events import AppBlur, AppFocus

from ion_core.config.schema import Settings, TuiSettings
from ion_core.events import ApprovalRequested, Emitted, Event, TurnEnded, TurnStarted
from ion_core.ids import CallId, SessionId
from ion_tui.bell import Bell, way_of
from tests.tui.conftest import Stage

ASKS = ApprovalRequested(call=CallId("c1"), name="bash", target="make\x1b]0;x\x07")
DONE, FAILED = TurnEnded(reason="done"), TurnEnded(reason="error", error="No; not again.")
KITTY = {"KITTY_WINDOW_ID": "1"}


class Ear:
    """A bell, and what the terminal got."""

    def __init__(
        self, env: dict[str, str], way: str = "auto", in_front: bool | None = False
    ) -> None:
        self.got: list[str] = []
        self.bell = Bell(self.got.append, env)
        self.bell.way = way
        if in_front is not None:
            self.bell.look(in_front=in_front)

    def hear(self, *happened: tuple[float, Event], session: str = "s") -> list[str]:
        for seq, (at, event) in enumerate(happened, 1):
            emitted = Emitted(session=SessionId(session), seq=seq, at=at, event=event)
            self.bell.hear(session, [emitted])
        return self.got


@pytest.mark.parametrize(
    ("env", "way"),
    [
        (KITTY, "osc99"),
        ({"TERM_PROGRAM": "ghostty"}, "osc9"),
        ({"TERM_PROGRAM": "tmux", "LC_TERMINAL": "iTerm2"}, "osc9"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "xterm-256color"}, "bell"),
    ],
)
def test_terminals_are_asked_in_their_way(env: dict[str, str], way: str) -> None:
    assert way_of(env) == way


def test_who_is_needed_is_told_once_a_second() -> None:
    ear = Ear({}, "osc9")
    assert ear.hear((1.0, TurnStarted()), (2.0, ASKS), (2.5, ASKS)) == [
        "\x1b]9;ion: needs you: bash\x07"
    ]
    assert len(ear.hear((3.1, ASKS))) == 2


def test_who_looks_is_told_nothing_and_off_is_off() -> None:
    story = [(1.0, TurnStarted()), (2.0, ASKS), (60.0, DONE)]
    assert Ear(KITTY, in_front=True).hear(*story) == []
    assert Ear(KITTY, "off").hear(*story) == []


def test_long_turns_and_failures_are_worth_a_word_and_short_ones_and_stops_are_not() -> None:
    assert Ear({}, "osc777").hear((1.0, TurnStarted()), (9.0, DONE)) == []
    stopped = TurnEnded(reason="interrupted")
    assert Ear({}, "osc777").hear((1.0, TurnStarted()), (99.0, stopped)) == []
    told = Ear({}, "osc777").hear((1.0, TurnStarted()), (12.0, DONE), (20.0, FAILED))
    assert told == [
        "\x1b]777;notify;ion;is done\x07",
        "\x1b]777;notify;ion;stopped: No, not again.\x07",
    ]


def test_a_terminal_that_never_speaks_of_its_focus_is_asked_after_a_while() -> None:
    assert Ear(KITTY, in_front=None).hear((1.0, TurnStarted()), (15.0, ASKS)) == []
    assert Ear(KITTY, in_front=None).hear((1.0, TurnStarted()), (22.0, ASKS)) == [
        "\x1b]99;;ion: needs you: bash\x1b\\"
    ]


def test_in_tmux_the_terminal_around_it_is_asked_and_the_bell_rings() -> None:
    told = Ear({**KITTY, "TMUX": "/tmp/t,1,0"}).hear((1.0, TurnStarted()), (2.0, ASKS))
    assert told == ["\x1bPtmux;\x1b\x1b]99;;ion: needs you: bash\x1b\x1b\\\x1b\\\x07"]
    assert Ear({"TMUX": "x"}).hear((1.0, TurnStarted()), (2.0, ASKS)) == ["\x07"]


async def test_the_app_knows_whether_it_is_looked_at(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Settings(tui=TuiSettings(notifications="osc9"))
    async with stage(settings=wanted) as show:
        sent: list[str] = []
        monkeypatch.setattr(show.app.hearing.bell, "_send", sent.append)
        await show.session.submit("go")
        show.app.post_message(AppFocus())
        await show.settle()
        await show.session.emit(ASKS)
        await show.settle()
        assert sent == []
        show.app.post_message(AppBlur())
        await show.settle()
        await show.session.emit(TurnEnded(reason="error", error="No."))
        await show.settle()
        assert sent == ["\x1b]9;ion: stopped: No.\x07"]
