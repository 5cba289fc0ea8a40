"""A compaction on the screen: the line while it runs, what it saved, and the rule that opens."""

from __future__ import annotations

from ion_core.compaction_events import CompactionEnded, CompactionFailed, CompactionStarted
from ion_core.entries import Compaction, Instructions
from ion_core.events import SessionChanged, TurnEnded, TurnStarted
from ion_core.messages import user
from ion_core.usage import Usage
from tests.tui.conftest import Show, Stage

MADE = Compaction(
    number=1,
    summary="## Goal\n- a parser",
    ledgers="## Messages\n> use tabs",
    kept=0,
    mode="suffix",
    tokens_before=91_200,
    tokens_after=12_400,
)


def toasts(show: Show) -> str:
    return " ".join(note.message for note in show.app._notifications)


async def test_it_is_told_while_it_runs_and_what_it_saved_then(stage: Stage) -> None:
    async with stage(size=(160, 40)) as show:
        await show.session.emit(TurnStarted())
        await show.session.emit(CompactionStarted(reason="full", tokens=91_200))
        await show.settle()
        assert "Making 91k tokens short" in show.text
        await show.session.append(MADE)
        ended = CompactionEnded(
            tokens_before=91_200,
            tokens_after=12_400,
            mode="suffix",
            usage=Usage(input=1, output=1),
            cost_nano=20_000_000,
        )
        await show.session.emit(ended)
        await show.session.emit(TurnEnded(reason="done"))
        await show.settle()
        assert "Compacted: 91k → 12k tokens, $0.02." in toasts(show)
        assert "──  Compacted: 91,200 → 12,400 tokens  ──" in show.text
        assert "use tabs" not in show.text
        await show.press("ctrl+o")
        assert "a parser" in show.text
        assert "use tabs" in show.text


async def test_one_that_failed_says_why(stage: Stage) -> None:
    async with stage() as show:
        await show.session.emit(CompactionFailed(reason="The conversation is short."))
        await show.settle()
        assert "Not compacted: The conversation is short." in toasts(show)


async def test_instructions_are_a_line_that_opens(stage: Stage) -> None:
    async with stage() as show:
        await show.session.append(user("go"))
        await show.session.append(Instructions(source="AGENTS.md", text="Use tabs."))
        await show.settle()
        assert "Instructions: AGENTS.md" in show.text
        assert "Use tabs." not in show.text
        await show.press("ctrl+o")
        assert "Use tabs." in show.text


async def test_the_gauge_shows_where_the_window_is_compacted(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        usage = Usage(input=80_000, output=20_000)
        await show.session.submit("go")
        await show.session.emit(SessionChanged(window=200_000, soft=160_000))
        await show.session.answer("Done.", usage=usage)
        await show.session.end()
        await show.settle()
        assert "━━━━━───┃─  50% of 200k" in show.row(49)
