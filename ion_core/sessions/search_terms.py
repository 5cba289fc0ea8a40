"""What a person types to find something, understood: words, phrases in quotes, and filters.

Whatever is typed means something: what is no filter is a word, and no word is ever syntax to
SQLite. Words are asked for all together, or any of them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from ion_core.sessions.rows import storable

QUERY_LENGTH, WORDS, FILTERS = 2_000, 24, 16
"""Characters, words and filters that are looked at; SQLite limits the depth of an expression."""
MENTIONS = 10_000
"""Entries about a file, the newest, whose sessions ``file:`` finds."""
SLACK_MS = 86_400_000
"""A session may hold what is a little older or newer than it says of itself."""
PREFIX = 2
"""Characters from which a word with ``*`` behind it, or the one that is being typed, also means the
words that begin with it; a single letter would mean a thousand."""

_TERM = r"""(?x)
    (?P<name>tag|model|cwd|folder|file|is|before|after|date):
    (?:"(?P<said>[^"]*)"?|(?P<value>\S+))
  | cost(?P<sign>[<>])(?P<cost>\d{1,6}(?:\.\d{1,9})?)(?!\S)
  | "(?P<phrase>[^"]*)"?
  | (?P<word>[^\s"]+)"""

_MODEL = "coalesce(e.provider, s.provider, '') || '/' || coalesce(e.model, s.model, '')"
_NEWEST = "SELECT rowid FROM entry_fts WHERE entry_fts MATCH ?1 ORDER BY rowid DESC LIMIT"
_HOLDS = {
    "tag": "s.id IN (SELECT g.session_id FROM tag g WHERE lower(g.tag) = lower(?1))",
    "model": "(instr(lower(coalesce(s.provider, '') || '/' || coalesce(s.model, '')), lower(?1)) "
    "> 0 OR s.id IN (SELECT u.session_id FROM usage_event u "
    "WHERE instr(lower(u.provider || '/' || u.model), lower(?1)) > 0))",
    "cwd": "instr(lower(s.cwd), lower(?1)) > 0",
    "file": f"s.id IN (SELECT x.session_id FROM ({_NEWEST} {MENTIONS}) f "
    "CROSS JOIN entry_text x ON x.id = f.rowid WHERE x.kind <> 'user')",
}
_NAMES = {"folder": "cwd"}


class Filter(Struct, frozen=True, kw_only=True):
    """What must hold: conditions with ``?1`` for ``value``, of a session ``s`` and of an entry
    ``e`` in it. Empty is no condition; what a session does not meet none of its entries does."""

    session: str = ""
    entry: str = ""
    value: Any = None


class Terms(Struct, frozen=True, kw_only=True):
    """``words`` are expressions of FTS5, one each."""

    words: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()

    @property
    def all(self) -> str:
        """Matches what has every word; empty when there is none."""
        return " AND ".join(self.words)

    @property
    def any(self) -> str:
        """Matches what has one of the words."""
        return " OR ".join(self.words)


def terms(query: str, now: float) -> Terms:
    """The words and filters of a query; dates are days of the local time zone.

    The filters: ``tag:``, ``model:``, ``cwd:`` or ``folder:`` (a part of the path), ``file:`` (the
    session ran or said something about it), ``cost>0.5`` and ``cost<2`` (dollars, of the session),
    ``before:``, ``after:`` and ``date:`` (2025, 2025-11, 2025-11-23, today, yesterday, or 7d for
    the last seven days), ``is:error``.
    """
    words, filters = [], list[Filter]()
    text = storable(query[:QUERY_LENGTH]).replace("\0", " ")
    for term in re.finditer(_TERM, text):
        found = _filters(term, now)
        if found:
            filters += found
        elif term["phrase"] is not None:
            words.append(_quoted(term["phrase"]))
        else:
            typing = term.end() == len(text)
            words.append(_word(term[0], typing))
    known = dict.fromkeys(word for word in words if word)
    return Terms(words=tuple(known)[:WORDS], filters=tuple(filters[:FILTERS]))


def _filters(term: re.Match[str], now: float) -> list[Filter]:
    """Those of one term; none when it is a word."""
    if term["cost"] is not None:
        cost_nano = round(float(term["cost"]) * 1e9)
        return [Filter(session=f"s.cost_nano {term['sign']} ?1", value=cost_nano)]
    name, value = term["name"], term["said"] or term["value"] or ""
    if name is None or not value:
        return []
    if name == "is":
        return [Filter(entry="e.is_error = 1")] if value == "error" else []
    if name in ("before", "after", "date"):
        return _when(name, value, now)
    name, value = _NAMES.get(name, name), _quoted(value) if name == "file" else value
    entry = f"instr(lower({_MODEL}), lower(?1)) > 0" if name == "model" else ""
    return [Filter(session=_HOLDS[name], entry=entry, value=value)] if value else []


def _when(name: str, value: str, now: float) -> list[Filter]:
    days = _days(value, now)
    if days is None:
        return []
    try:
        first, end = (round(day.timestamp() * 1000) for day in days)
    except (OverflowError, OSError, ValueError):
        return []
    match name:
        case "before":
            return [_before(first)]
        case "after":
            return [_since(first if value[-1:] == "d" else end)]
        case _:
            return [_since(first), _before(end)]


def _before(at_ms: int) -> Filter:
    """A fork or an import may be younger than its entries."""
    made = f"(s.kind <> 'main' OR s.created_ms < ?1 + {SLACK_MS})"
    return Filter(session=made, entry="e.ts_ms < ?1", value=at_ms)


def _since(at_ms: int) -> Filter:
    return Filter(session=f"s.updated_ms >= ?1 - {SLACK_MS}", entry="e.ts_ms >= ?1", value=at_ms)


def _days(value: str, now: float) -> tuple[datetime, datetime] | None:
    """The beginning and the end of a time that somebody named."""
    today = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    ago = {"today": 0, "yesterday": 1}.get(value)
    if ago is not None:
        return today - timedelta(days=ago), today - timedelta(days=ago - 1)
    if span := re.fullmatch(r"([1-9]\d{0,3})d", value):
        return today - timedelta(days=int(span[1]) - 1), today + timedelta(days=1)
    if not (date := re.fullmatch(r"([12]\d{3})(?:-(\d\d?)(?:-(\d\d?))?)?", value)):
        return None
    year, month, day = (int(part) if part else 0 for part in date.groups())
    try:
        first = datetime(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first + timedelta(days=1)
    return first, datetime(year + (month in (0, 12)), month % 12 + 1 if month else 1, 1)


def _word(word: str, typing: bool) -> str:
    quoted = _quoted(word.rstrip("*"))
    is_long = len(word.rstrip("*")) >= PREFIX
    begins = is_long and (word.endswith("*") or (typing and word[-1:].isalnum()))
    return f"{quoted} *" if quoted and begins else quoted


def _quoted(text: str) -> str:
    """A phrase of FTS5, empty for text without a letter or digit: it would match nothing."""
    text = " ".join(text.replace('"', " ").split())
    return f'"{text}"' if any(char.isalnum() for char in text) else ""
