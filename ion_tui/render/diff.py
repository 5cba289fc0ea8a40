"""A unified diff as people read it: number, sign, code, on a quiet tint over the whole width.

The same rows serve the transcript and every other place that shows a change. Words that differ
between a removed and an added line are a step brighter; code keeps its colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple, TypeAlias

from rich.style import Style

from ion_tui.render.cells import Span, fold, part
from ion_tui.render.highlight import highlight
from ion_tui.render.inks import Inks
from ion_tui.render.rows import RESULT, Page, Row, row

Sign: TypeAlias = Literal[" ", "-", "+"]
Range: TypeAlias = tuple[int, int]

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
PAIR_LIMIT = 500
"""Characters of the longest line in which differing words are looked for."""
ALIKE = 0.4
"""Below this likeness two lines are simply different; marking every word would only shout."""


class Line(NamedTuple):
    """One line of a change, with its number in the file it belongs to."""

    sign: Sign
    number: int
    text: str


def changed(diff: str) -> tuple[int, int]:
    """How many lines were added and removed."""
    lines = [line for hunk in hunks(diff) for line in hunk]
    return sum(line.sign == "+" for line in lines), sum(line.sign == "-" for line in lines)


def hunks(diff: str) -> list[list[Line]]:
    """The lines of a unified diff, hunk by hunk; headers are left out."""
    found: list[list[Line]] = []
    old = new = 0
    for line in diff.split("\n"):
        if match := _HUNK.match(line):
            old, new = int(match[1]), int(match[2])
            found.append([])
        elif found and line[:1] == "-" and not line.startswith("--- "):
            found[-1].append(Line("-", old, line[1:]))
            old += 1
        elif found and line[:1] == "+" and not line.startswith("+++ "):
            found[-1].append(Line("+", new, line[1:]))
            new += 1
        elif found and line[:1] == " ":
            found[-1].append(Line(" ", new, line[1:]))
            old, new = old + 1, new + 1
    return found


def draw(diff: str, file: str, page: Page) -> list[Row]:
    """The rows of a diff, in the column of results. ``file`` names the language."""
    parts = hunks(diff)
    if not parts:
        return []
    digits = len(str(max(line.number for hunk in parts for line in hunk or [Line(" ", 1, "")])))
    rows: list[Row] = []
    for index, hunk in enumerate(parts):
        if index:
            gap = (" " * RESULT + " " * (digits - 1) + "⋮", page.inks.faint)
            rows.append(row([gap], page.width, page.inks.page, gutter=RESULT + digits))
        rows += _hunk(hunk, file, digits, page)
    return rows


def _hunk(hunk: list[Line], file: str, digits: int, page: Page) -> Iterator[Row]:
    words = _words(hunk)
    coloured = _coloured(hunk, file, page.inks)
    for index, line in enumerate(hunk):
        back, sign, word = _styles(line.sign, page.inks)
        spans = _marked(coloured[index], words.get(index, []), word)
        yield from _line(line, spans, digits, (back, sign), page)


def _line(
    line: Line, spans: list[Span], digits: int, styles: tuple[Style, Style], page: Page
) -> Iterator[Row]:
    back, sign = styles
    indent: Span = (" " * RESULT, page.inks.page)
    gutter = RESULT + digits + 3
    for cut in fold(spans, max(8, page.width - gutter - 1)):
        number = str(line.number) if cut.join is None else ""
        mark = line.sign if cut.join is None else " "
        head = (f"{number:>{digits}} {mark} ", sign)
        yield row((indent, head, *cut.spans), page.width, back, gutter=gutter, join=cut.join)


def _styles(sign: Sign, inks: Inks) -> tuple[Style, Style, Style]:
    if sign == "+":
        return inks.added, inks.added_sign, inks.added_word
    if sign == "-":
        return inks.deleted, inks.deleted_sign, inks.deleted_word
    return inks.page, inks.faint, inks.page


def _coloured(hunk: list[Line], file: str, inks: Inks) -> list[list[Span]]:
    """Every line in the colours of its language: old and new text are read separately."""
    found: list[list[Span]] = [[] for _ in hunk]
    for sign in ("-", "+"):
        at = [index for index, line in enumerate(hunk) if line.sign in (" ", sign)]
        if not at:  # a new file has no old text
            continue
        code = "\n".join(hunk[index].text for index in at)
        for index, spans in zip(at, highlight(code, _name(file), inks.page, inks), strict=True):
            back = _styles(hunk[index].sign, inks)[0]
            found[index] = [
                (text, back if style is inks.page else back + Style(color=style.color))
                for text, style in spans
            ]
    return found


def _name(file: str) -> str:
    name = file.rsplit("/", 1)[-1]
    return name if "." in name else ""


def _words(hunk: list[Line]) -> dict[int, list[Range]]:
    """The characters that differ, for removed lines that an added one replaces."""
    marks: dict[int, list[Range]] = {}
    start = 0
    while start < len(hunk):
        minus = _run(hunk, start, "-")
        plus = _run(hunk, minus, "+")
        for old, new in zip(range(start, minus), range(minus, plus), strict=False):
            marks[old], marks[new] = _differing(hunk[old].text, hunk[new].text)
        start = max(plus, start + 1)
    return marks


def _run(hunk: list[Line], start: int, sign: Sign) -> int:
    while start < len(hunk) and hunk[start].sign == sign:
        start += 1
    return start


def _differing(old: str, new: str) -> tuple[list[Range], list[Range]]:
    if max(len(old), len(new)) > PAIR_LIMIT:
        return [], []
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [], []
    gone, come = _starts(before), _starts(after)
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        [(gone[a], gone[b]) for _, a, b, _, _ in codes if a < b],
        [(come[c], come[d]) for _, _, _, c, d in codes if c < d],
    )


def _starts(words: list[str]) -> list[int]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return starts


def _marked(spans: list[Span], ranges: list[Range], style: Style) -> list[Span]:
    marked: list[Span] = []
    at, length = 0, sum(len(text) for text, _ in spans)
    for start, end in ranges:
        marked += part(spans, at, start)
        marked.append(("".join(text for text, _ in part(spans, start, end)), style))
        at = end
    return marked + part(spans, at, length)
