"""Which events deserve a toast, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from ion_core.events import Emitted, Notice, TurnEnded

Level: TypeAlias = Literal["information", "warning", "error"]

_LEVELS: dict[str, Level] = {"info": "information", "warning": "warning", "error": "error"}


def news(events: Sequence[Emitted], palette: str) -> Iterator[tuple[str, Level]]:
    """Sentences for the person, with their loudness. A failed turn is told by the transcript; a
    limit that stopped it is told here, and where another key goes: ``palette`` is the key of the
    list of commands."""
    for emitted in events:
        match emitted.event:
            case Notice(level=level, text=text):
                yield text, _LEVELS[level]
            case TurnEnded(reason="max_turns" | "budget", error=error):
                yield error or "The turn was stopped by a limit.", "warning"
            case TurnEnded(reason="error", error_kind="unauthorised"):
                yield f"Another key or login: {palette}, then “Log in to a provider”.", "warning"
