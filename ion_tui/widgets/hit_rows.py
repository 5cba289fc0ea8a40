"""What a search found, as lines: sessions by their titles first, then messages under the title of
their session, each with who said it, when, and the words around the match.

Nothing here is mounted; the lines are made anew for every width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct
from rich.style import Style

from ion_tui.figures import age
from ion_tui.phrases import one_line
from ion_tui.render.cells import Cut, Span, cells, shorten, wrap

ROLES = {"user": "you", "assistant": "ion", "tool": "tool"}
ROLE_CELLS, AGE_CELLS, INDENT = 5, 5, 2
NARROW, LINES = 60, {True: 2, False: 1}
"""Cells below which a snippet has two lines."""
MARKED = re.compile("«([^»]*)»")


class Found(Struct, frozen=True, kw_only=True):
    """A session whose title fits, or a message (``entry``) that does. ``snippet`` has ``«»`` around
    what matched; ``at`` is in seconds since the epoch."""

    session: str
    title: str
    at: float
    entry: str = ""
    branch: str = ""
    role: str = ""
    snippet: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What matched, each once."""
        return tuple(dict.fromkeys(MARKED.findall(self.snippet)))


class Line(NamedTuple):
    """A line of the list. ``of`` says which of those found; a title above messages has none."""

    of: int | None
    spans: list[Span]
    right: str


Looks = Callable[[str], Style]


def hit_lines(found: Sequence[Found], width: int, now: float, look: Looks) -> list[Line]:
    """All lines from top to bottom, none wider than ``width`` but for its right end."""
    lines: list[Line] = []
    above = ""
    for index, each in enumerate(found):
        old = f"{age(now - each.at):>{AGE_CELLS - 1}} "
        room = width - AGE_CELLS - INDENT - 1
        title = shorten(one_line(each.title) or "New session", room)
        if not each.entry:
            lines.append(Line(index, [("  ", look("title")), (title, look("title"))], old))
            continue
        if each.session != above:
            lines.append(Line(None, [("  ", look("session")), (title, look("session"))], ""))
            above = each.session
        lines += _message(index, each, width, old, look)
    return lines


def _message(index: int, each: Found, width: int, old: str, look: Looks) -> Iterator[Line]:
    role = f"{'':{INDENT}}{ROLES.get(each.role, ''):<{ROLE_CELLS}}"
    room = max(8, width - cells(role) - AGE_CELLS - 1)
    for n, cut in enumerate(_around(each.snippet, room, LINES[width < NARROW], look)):
        begins = role if n == 0 else " " * cells(role)
        yield Line(index, [(begins, look("role")), *cut], old if n == 0 else "")


def _around(snippet: str, room: int, count: int, look: Looks) -> list[list[Span]]:
    """The ``count`` lines that show the first match."""
    spans = list(_spans(one_line(snippet), look))
    cuts = wrap(spans, room)
    first = next((n for n, cut in enumerate(cuts) if _has(cut, look("match"))), 0)
    start = max(0, first - count + 1) if first >= count else 0
    shown = [cut.spans for cut in cuts[start : start + count]]
    if start + count < len(cuts):
        shown[-1] = [*shown[-1], ("…", look("text"))]
    return shown


def _has(cut: Cut, style: Style) -> bool:
    return any(each is style for _, each in cut.spans)


def _spans(snippet: str, look: Looks) -> Iterator[Span]:
    text, match = look("text"), look("match")
    at = 0
    for found in MARKED.finditer(snippet):
        if found.start() > at:
            yield snippet[at : found.start()], text
        yield found[1], match
        at = found.end()
    if at < len(snippet):
        yield snippet[at:], text
