"""What happens while a conversation is made short; the order is told in ``events.py``."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ion_core.entries import CompactionMode, CompactionReason
from ion_core.usage import Usage


class CompactionStarted(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="compaction_started"
):
    """The conversation is being summarised, for a request of about ``tokens``."""

    reason: CompactionReason
    tokens: int


class CompactionEnded(Struct, frozen=True, kw_only=True, tag_field="kind", tag="compaction_ended"):
    """The summary (or, in mode ``prune``, what was put away) is durable: its entry was announced
    before. ``usage`` and ``cost_nano`` are what it took, as in :class:`StepEnded`."""

    tokens_before: int
    tokens_after: int
    mode: CompactionMode | Literal["prune"]
    usage: Usage | None = None
    cost_nano: int | None = None
    duration_ms: int = 0


class CompactionFailed(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="compaction_failed"
):
    """Nothing was summarised; ``reason`` says why and what to do. What was paid is told too."""

    reason: str
    usage: Usage | None = None
    cost_nano: int | None = None
