"""What the store keeps of an entry's body, worked out before the writer's thread has it.

Packing takes as long as writing does; an import packs the next entries while the last are written.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ion_core.entries import Body
from ion_core.messages import Message
from ion_core.sessions.rows import columns, pack
from ion_core.sessions.wording import searchable

COLUMNS = (
    *("type", "role", "status", "tool", "call_id", "is_error", "provider", "model"),
    *("stop_reason", "latency_ms", "tok_in", "tok_out", "tok_cache_r", "tok_cache_w"),
)
"""Columns of ``entry`` that repeat what is in the body."""


class Packed(NamedTuple):
    """``columns`` are the values of :data:`COLUMNS`; ``kind`` and ``text`` are what is searched."""

    asked: bool
    codec: int
    payload: bytes
    columns: tuple[Any, ...]
    kind: str
    text: str


def packed(body: Body) -> Packed:
    """The body as its rows have it."""
    told = columns(body)
    told.setdefault("status", "final")
    kind, text = searchable(body)
    return Packed(
        isinstance(body, Message) and body.role == "user",
        *pack(body),
        tuple(map(told.get, COLUMNS)),
        kind,
        text,
    )
