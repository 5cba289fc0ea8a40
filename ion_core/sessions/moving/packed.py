"""What the store keeps of an entry's body, worked out before the writer's thread has it.

Packing takes as long as writing does; an import packs the next entries while the last are written.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ion_core.entries import Body
from ion_core.messages import Message
from ion_core.sessions.rows import COLUMNS, columns, pack
from ion_core.sessions.wording import searchable

VALUES = ("codec", "payload", *COLUMNS)
"""Columns of ``entry`` that are known from the body alone."""


class Packed(NamedTuple):
    """``values`` are those of :data:`VALUES`; ``kind`` and ``text`` are what is searched."""

    asked: bool
    bytes: int
    values: tuple[Any, ...]
    kind: str
    text: str


def packed(body: Body) -> Packed:
    """The body as its rows have it."""
    codec, payload = pack(body)
    kind, text = searchable(body)
    asked = isinstance(body, Message) and body.role == "user"
    return Packed(asked, len(payload), (codec, payload, *columns(body)), kind, text)
