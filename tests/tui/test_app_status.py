"""What the two rows of figures say: the activity line, the status row, and the list of figures."""

from __future__ import annotations

from msgspec.structs import replace

from ion_core.events import StepEnded, StepRetrying
from ion_core.messages import ToolCall
from ion_core.usage import Usage
from tests.tui.conftest import Stage

CALL = ToolCall(id="c1", name="bash", arguments={"command": "pytest -q"})  # type: ignore[arg-type]


async def test_the_status_row_drops_fields_by_priority_and_never_wraps(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        usage = Usage(input=1_000, output=500, cache_read=9_000)
        await show.session.submit("go")
        await show.session.answer("Done.", usage=usage)
        await show.session.end()
        await show.settle()
        full = ("WRITE", "shop", "test-model", "5% of 200k", "↑10k ↓500", "cache 90%", "$0.0012")
        assert [word for word in full if word not in show.row(49)] == []
        await show.pilot.resize_terminal(44, 20)
        await show.settle()
        assert "WRITE" in show.row(19)
        assert "cache" not in show.row(19)
        assert "5% of 200k" in show.row(19)


async def test_the_activity_line_shows_verb_time_tokens_and_the_way_out(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        show.clock.now += 65
        await show.session.write("x" * 350)
        await show.settle()
        assert "Answering · 1m 05s · ↓ 100 tokens · esc interrupts" in show.text
        await show.session.answer(CALL)
        await show.session.begin(CALL, "pytest -q")
        await show.settle()
        assert "Running pytest -q" in show.text
        await show.session.end()
        await show.settle()
        assert "interrupts" not in show.text


async def test_a_retry_counts_down(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        retry = StepRetrying(attempt=2, attempts=5, delay_s=3.2, reason="The server is busy.")
        await show.session.emit(retry)
        await show.settle()
        assert "Trying again in 4s (2 of 5) · esc stops · The server is busy" in show.text
        await show.session.emit(replace(retry, reason=f"It says {'busy ' * 40}"))
        await show.settle()
        [row] = (row for row in show.text.split("\n") if "esc stops" in row)
        assert row.rstrip().endswith("…")
        await show.press("escape")
        assert ("cancel", "") in show.session.asked
        assert "Trying again" not in show.text


async def test_nothing_ticks_while_nothing_runs(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.settle()
        assert show.screen.composer.activity._timer is not None
        await show.session.end()
        await show.settle()
        assert show.screen.composer.activity._timer is None
        assert show.screen.dock.tools.list._timer is None


async def test_the_figures_tell_cached_written_and_thinking_tokens_apart(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        usage = Usage(input=1_000, output=500, cache_read=8_000, cache_write=1_000, reasoning=300)
        await show.session.submit("go")
        await show.session.answer("Done.", usage=usage)
        await show.session.end()
        await show.type("/cost")
        await show.press("enter")
        for words in (
            "10k of 200k, 5%",
            "1k tokens, neither read",
            "8k tokens, 80% of all input",
            "Cache written  1k tokens",
            "500 tokens, 300 of them thinking",
            "$0.0012",
        ):
            assert words in show.text


async def test_a_cost_that_nobody_knows_is_not_0(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        await show.session.submit("go")
        spent = Usage(input=1_000, output=500)
        ended = StepEnded(
            step=1, stop_reason="end_turn", usage=spent, cost_nano=None, duration_ms=9
        )
        await show.session.emit(ended)
        await show.settle()
        assert "$" not in show.row(34)
        assert "cost ?" in show.row(34)
        await show.session.emit(replace(ended, cost_nano=420_000_000))
        await show.settle()
        assert "$0.42+" in show.row(34)
        await show.type("/cost")
        await show.press("enter")
        assert "Cost           more than $0.42" in show.text


async def test_a_missed_cache_is_a_quiet_line_with_its_cause(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.session.emit(
            StepEnded(
                step=1,
                stop_reason="end_turn",
                usage=None,
                cost_nano=None,
                duration_ms=9,
                cache_miss="tools changed",
            )
        )
        await show.session.end()
        await show.settle()
        assert "Cache missed: tools changed." in show.text
        assert show.toasts == ""
