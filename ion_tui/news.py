"""Which events deserve a toast, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from ion_core.events import Emitted, Notice, TurnEnded

Level: TypeAlias = Literal["information", "warning", "error"]

_LEVELS: dict[str, Level] = {"info": "information", "warning": "warning", "error": "error"}


def news(events: Sequence[Emitted], palette: str) -> Iterator[tuple[str, Level]]:
    """Sentences for the person, with their loudness. What ended a turn is told by the transcript;
    where another key goes is told here: ``palette`` is the key of the list of commands."""
    for emitted in events:
        match emitted.event:
            case Notice(level=level, text=text):
                yield text, _LEVELS[level]
            case TurnEnded(reason="error", error_kind="unauthorised"):
                yield f"Another key or login: {palette}, then “Log in to a provider”.", "warning"
