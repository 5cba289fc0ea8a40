"""How hard a model thinks: the levels, and ``provider/model:level`` as people write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ion_core.providers.base import ModelInfo

LEVELS = {
    "none": "no thinking: answers at once",
    "minimal": "hardly any",
    "low": "a little",
    "medium": "some",
    "high": "much",
    "xhigh": "very much",
    "max": "as much as the model can",
}
"""Weakest first."""
USUAL = ("low", "medium", "high")


def parted(ref: str) -> tuple[str, str]:
    """The model, and the level behind its last colon if that is one."""
    model, colon, level = ref.rpartition(":")
    return (model, level) if colon and level in LEVELS else (ref, "")


def typed(text: str) -> tuple[str, str]:
    """What was typed of a model, and the level meant by what follows its colon so far; a colon
    that begins no level (``qwen3:8b``) belongs to the name."""
    model, colon, begun = text.strip().rpartition(":")
    meant = [level for level in LEVELS if level.startswith(begun)]
    if not colon or not meant:
        return text.strip(), ""
    return model, begun if begun in LEVELS else meant[0] if len(meant) == 1 else ""


def levels(info: ModelInfo | None) -> tuple[str, ...]:
    """The levels that a model may be asked for, weakest first; the usual ones where nothing is
    known."""
    if info is None:
        return USUAL
    if info.efforts:
        return info.efforts
    return (("none",) if info.reasoning else ()) + USUAL
