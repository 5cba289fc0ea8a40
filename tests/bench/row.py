"""A row of the table: the samples of one measurement, what they are held against, and their
statistics. Samples are kept, so that JSON output loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct


class Floor(Struct, frozen=True, kw_only=True):
    """What the machine itself takes: the same thing done by as little as possible."""

    name: str
    samples: tuple[float, ...]


class Row(Struct, frozen=True, kw_only=True):
    """One measurement. ``must`` and ``aims`` are the yardsticks, in the same unit: less is better,
    unless ``more`` says otherwise."""

    name: str
    unit: str
    samples: tuple[float, ...]
    floors: tuple[Floor, ...] = ()
    must: float | None = None
    aims: float | None = None
    more: bool = False
    note: str = ""


def quantile(samples: Sequence[float], share: float) -> float:
    """The nearest-rank quantile; NaN of nothing."""
    if not samples:
        return math.nan
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(samples: Sequence[float]) -> float:
    """The middle, or the mean of the two middles; NaN of nothing."""
    if not samples:
        return math.nan
    ordered, half = sorted(samples), len(samples) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def verdict(row: Row) -> str:
    """How the median stands to the yardsticks: ``aim``, ``must``, ``misses``, or nothing."""
    if row.must is None or not row.samples:
        return ""
    sign = -1 if row.more else 1
    middle = sign * median(row.samples)
    if row.aims is not None and middle <= sign * row.aims:
        return "aim"
    return "must" if middle <= sign * row.must else "misses"
