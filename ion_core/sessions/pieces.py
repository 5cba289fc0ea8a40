"""What arrives of an answer, as the store keeps it until the answer is whole."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ion_core.messages import Origin


class Piece(Struct, frozen=True, kw_only=True):
    """More of part ``part`` (from 0) of an answer."""

    part: int
    channel: Literal["text", "reasoning"]
    text: str


class Pieces(Struct, frozen=True, kw_only=True):
    """What arrived since the last time, in that order, and from whom."""

    origin: Origin
    pieces: tuple[Piece, ...]
