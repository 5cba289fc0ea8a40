"""Which events deserve a toast, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from ion_core.compaction_events import CompactionEnded, CompactionFailed
from ion_core.events import Emitted, Notice, TurnEnded
from ion_tui.figures import money, tokens

Level: TypeAlias = Literal["information", "warning", "error"]

_LEVELS: dict[str, Level] = {"info": "information", "warning": "warning", "error": "error"}


def news(events: Sequence[Emitted], palette: str) -> Iterator[tuple[str, Level]]:
    """Sentences for the person, with their loudness. What ended a turn is told by the transcript;
    where another key goes is told here: ``palette`` is the key of the list of commands."""
    for emitted in events:
        match emitted.event:
            case Notice(level=level, text=text):
                yield text, _LEVELS[level]
            case CompactionEnded():
                yield _saved(emitted.event), "information"
            case CompactionFailed(reason=reason):
                yield f"Not compacted: {reason}", "warning"
            case TurnEnded(reason="error", error_kind="unauthorised"):
                yield f"Another key or login: {palette}, then “Log in to a provider”.", "warning"


def _saved(ended: CompactionEnded) -> str:
    """What a compaction saved, and what it cost."""
    sizes = f"{tokens(ended.tokens_before)} → {tokens(ended.tokens_after)} tokens"
    if ended.mode == "prune":
        return f"Old results put away: {sizes}."
    cost = f", {money(ended.cost_nano)}" if ended.cost_nano else ""
    how = " without a model" if ended.mode == "mechanical" else ""
    return f"Compacted{how}: {sizes}{cost}."
