"""Names of things: sessions, entries and calls.

A session id is a UUID version 7 (RFC 9562 §5.7): 36 characters that sort by time of creation. An
entry id is the store's row number written in Crockford base 32 with an ``e`` in front (``e7k2``):
short enough to type. A call id is whatever the provider called it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NewType

SessionId = NewType("SessionId", str)
EntryId = NewType("EntryId", str)
CallId = NewType("CallId", str)

Clock = Callable[[], float]
"""Seconds since the epoch; ``time.time`` in the product, a counter in tests."""

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def new_session_id(now: Clock = time.time) -> SessionId:
    """A fresh UUIDv7: 48 bits of milliseconds, then 74 random bits."""
    ms = int(now() * 1000) & (1 << 48) - 1
    random = int.from_bytes(os.urandom(10), "big")
    high = ms << 16 | 0x7000 | (random >> 68 & 0xFFF)
    low = 0b10 << 62 | random & (1 << 62) - 1
    text = f"{high:016x}{low:016x}"
    return SessionId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def entry_id(row: int) -> EntryId:
    """The written form of a row number (at least 1)."""
    digits = ""
    while row:
        row, digit = divmod(row, 32)
        digits = _DIGITS[digit] + digits
    return EntryId("e" + (digits or "0"))


def entry_row(entry: EntryId) -> int:
    """The row number behind a written entry id. Raises ``ValueError`` for anything else."""
    if len(entry) < 2 or entry[0] != "e" or not set(entry[1:]) <= set(_DIGITS):
        raise ValueError(f"not an entry id: {entry!r}")
    row = 0
    for char in entry[1:]:
        row = row * 32 + _DIGITS.index(char)
    return row
