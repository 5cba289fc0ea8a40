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
PREFIX = 2
"""Characters from which the word that is being typed also means words that begin with it."""

_TERM = r"""(?x)
    (?P<name>tag|model|cwd|folder|file|is|before|after|date):
    (?:"(?P<said>[^"]*)"?|(?P<value>\S+))
  | cost(?P<sign>[<>])(?P<cost>\d{1,6}(?:\.\d{1,9})?)(?!\S)
  | "(?P<phrase>[^"]*)"?
  | (?P<word>[^\s"]+)"""

_MODEL = "coalesce(e.provider, s.provider, '') || '/' || coalesce(e.model, s.model, '')"
_HOLDS = {
    "tag": "EXISTS(SELECT 1 FROM tag g WHERE g.session_id = s.id AND lower(g.tag) = lower(?))",
    "model": f"instr(lower({_MODEL}), lower(?)) > 0",
    "cwd": "instr(lower(s.cwd), lower(?)) > 0",
    "folder": "instr(lower(s.cwd), lower(?)) > 0",
    "file": "s.id IN (SELECT x.session_id FROM entry_text x WHERE x.kind <> 'user' AND x.id IN "
    "(SELECT rowid FROM entry_fts WHERE entry_fts MATCH ?))",
}


class Terms(Struct, frozen=True, kw_only=True):
    """``words`` are expressions of FTS5, one each; ``filters`` are conditions on an entry ``e``
    and its session ``s``, with their values."""

    words: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[Any, ...]], ...] = ()

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
    words, filters = [], []
    text = storable(query[:QUERY_LENGTH]).replace("\0", " ")
    for term in re.finditer(_TERM, text):
        condition = _condition(term, now)
        if condition is not None:
            filters.append(condition)
        elif term["phrase"] is not None:
            words.append(_quoted(term["phrase"]))
        else:
            typing = term.end() == len(text)
            words.append(_word(term[0], typing))
    known = dict.fromkeys(word for word in words if word)
    return Terms(words=tuple(known)[:WORDS], filters=tuple(filters[:FILTERS]))


def _condition(term: re.Match[str], now: float) -> tuple[str, tuple[Any, ...]] | None:
    if term["cost"] is not None:
        return f"s.cost_nano {term['sign']} ?", (round(float(term["cost"]) * 1e9),)
    name, value = term["name"], term["said"] or term["value"] or ""
    if name is None or not value:
        return None
    if name == "is":
        return ("e.is_error = 1", ()) if value == "error" else None
    if name in ("before", "after", "date"):
        return _when(name, value, now)
    value = _quoted(value) if name == "file" else value
    return (_HOLDS[name], (value,)) if value else None


def _when(name: str, value: str, now: float) -> tuple[str, tuple[Any, ...]] | None:
    days = _days(value, now)
    if days is None:
        return None
    try:
        first, end = (round(day.timestamp() * 1000) for day in days)
    except (OverflowError, OSError, ValueError):
        return None
    match name:
        case "before":
            return "e.ts_ms < ?", (first,)
        case "after":
            return "e.ts_ms >= ?", (first if value[-1:] == "d" else end,)
        case _:
            return "e.ts_ms >= ? AND e.ts_ms < ?", (first, end)


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
    begins = word.endswith("*") or (typing and len(word) >= PREFIX and word[-1:].isalnum())
    return f"{quoted} *" if quoted and begins else quoted


def _quoted(text: str) -> str:
    """A phrase of FTS5, empty for text without a letter or digit: it would match nothing."""
    text = " ".join(text.replace('"', " ").split())
    return f'"{text}"' if any(char.isalnum() for char in text) else ""
