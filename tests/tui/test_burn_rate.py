"""How fast a session spends, in the status row."""

from __future__ import annotations

from ion_core.compaction_events import CompactionEnded, CompactionFailed
from ion_core.events import Emitted, Event, Notice, StepEnded
from ion_core.ids import SessionId
from ion_core.usage import Usage
from ion_tui.burn import Burn
from tests.tui.conftest import Stage


def at(when: float, event: Event) -> Emitted:
    return Emitted(session=SessionId("s"), seq=1, at=when, event=event)


def step(
    nano: int | None = 100_000_000, took_s: float = 10, usage: Usage | None = None
) -> StepEnded:
    usage = usage or Usage(input=5_000, output=1_000, cache_read=50_000)
    return StepEnded(
        step=1, stop_reason="end_turn", usage=usage, cost_nano=nano, duration_ms=round(took_s * 1e3)
    )


def test_it_is_money_an_hour_and_tokens_a_minute_without_what_was_cached() -> None:
    burn = Burn()
    assert burn.read([at(1_010, step()), at(1_120, step())])
    assert burn.text == "$6.00/h 6k tok/min"  # 2 × $0.10 and 2 × 6k in 120 s


def test_seconds_are_not_said_to_go_on_like_that() -> None:
    burn = Burn()
    burn.read([at(1_002, step(took_s=2))])
    assert burn.text == "$6.00/h 6k tok/min"


def test_compactions_count_also_those_that_failed() -> None:
    burn, usage = Burn(), Usage(input=3_000)
    made = CompactionEnded(
        tokens_before=9, tokens_after=1, mode="suffix", usage=usage, cost_nano=50_000_000
    )
    failed = CompactionFailed(reason="It was empty.", usage=usage, cost_nano=50_000_000)
    burn.read([at(1_000, made), at(1_030, failed)])
    assert burn.text == "$6.00/h 6k tok/min"


def test_an_unknown_price_leaves_the_tokens_and_nothing_known_says_nothing() -> None:
    burn = Burn()
    assert not burn.read([at(1_000, Notice(level="info", text="Well."))])
    assert burn.text == ""
    burn.read([at(1_000, step()), at(1_050, step(nano=None))])
    assert burn.text == "12k tok/min"


def test_only_the_last_minutes_count_and_a_pause_begins_anew() -> None:
    burn = Burn()
    dear = step(nano=10**12)
    burn.read([at(1_000, dear), *(at(1_000 + 120 * n, step()) for n in range(1, 5))])
    assert burn.text.startswith("$4.32/h")  # 3 × $0.10 in 250 s: the rest is too long ago
    burn.read([at(1_700, step())])
    assert burn.text == "$6.00/h 6k tok/min"


async def test_the_row_shows_it_where_there_is_room_and_not_of_another_session(
    stage: Stage,
) -> None:
    async with stage(size=(200, 50)) as show:
        await show.session.submit("go")
        assert "tok/min" not in show.row(49)
        await show.session.emit(step())
        await show.session.end()
        await show.settle()
        assert "$6.00/h 6k tok/min" in show.row(49)
        await show.pilot.resize_terminal(60, 24)
        await show.settle()
        assert "tok/min" not in show.row(23)
        await show.pilot.resize_terminal(200, 50)
        await show.type("/new")
        await show.press("enter")
        await show.settle()
        assert "tok/min" not in show.row(49)


async def test_it_leaves_after_minutes_without_spending(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        await show.session.submit("go")
        await show.session.emit(step())
        await show.session.end()
        await show.settle()
        status = show.screen.status
        assert status._pause is not None
        status._paused()
        await show.settle()
        assert "tok/min" not in show.row(49)
