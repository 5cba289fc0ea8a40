"""Replacing text in text, by five levels of matching: exact, in normal form, by whole lines in any
white space, by tokens, and by what is very much alike.

The first level that finds the old text decides, and finds it once or is refused; everything
outside of what it found stays as it is, line ends included: a model writes ``\\n``, and a file
that has ``\\r\\n`` keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ion_core.tools.edit_forms import Form
from ion_core.tools.edit_lines import FileLines
from ion_core.tools.edit_nearest import not_found
from ion_core.tools.edit_span import Span, woven
from ion_core.tools.edit_tokens import FileTokens
from ion_core.tools.text import Lines

_MOST_SHOWN = 12
_LARGEST_INEXACT = 2_000_000
"""Characters; the token level takes about 5 s for so many."""

FORM = "apart from look-alike characters or spaces at line ends"
LINES = "apart from white space; what was added is indented as the file is"
TOKENS = "token by token, with other white space between"
ALIKE = "as the only text that is very much alike"
NUMBERED = "without the line numbers in front"


class NoMatch(Exception):
    """A replacement cannot be made. ``str(error)`` says why and shows where it nearly fits."""


class Replaced(NamedTuple):
    """The new text. ``how`` says in what way the old one was found; empty means exactly."""

    text: str
    how: str = ""


def replaced(original: str, old: str, new: str, *, everywhere: bool = False) -> Replaced:
    """``original`` with ``old`` replaced by ``new``: once, or ``everywhere``. Raises
    :class:`NoMatch` when ``old`` is missing, or is there more than once."""
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if not old:
        raise NoMatch("old_string is empty. Give the text to replace, or use write.")
    if old == new:
        raise NoMatch("old_string and new_string are the same: nothing would change.")
    lines = Lines(original)
    spans, how = found(lines.text, old, new, everywhere=everywhere)
    if not spans:
        raise NoMatch(not_found(lines.text, old, new))
    if len(spans) > 1 and not everywhere:
        raise NoMatch(_ambiguous(lines, spans, how))
    return Replaced(put(lines, spans), how)


def found(text: str, old: str, new: str, *, everywhere: bool = False) -> tuple[list[Span], str]:
    """Where ``old`` is in ``text`` by the first level that finds it, and what that level is."""
    if spans := _exact(text, old, new, everywhere):
        return spans, ""
    return inexact(text, old, new, everywhere=everywhere)


def inexact(text: str, old: str, new: str, *, everywhere: bool = False) -> tuple[list[Span], str]:
    """As :func:`found`, by the levels after the first."""
    if len(text) > _LARGEST_INEXACT or not old.strip():
        return [], ""
    bare_old, bare_new = _unnumbered(old), _unnumbered(new)
    if bare_old is not None and (spans := _exact(text, bare_old, bare_new or new, everywhere)):
        return spans, NUMBERED
    for level, how in _LEVELS:
        if spans := level(text, old, new):
            return _apart(spans) if everywhere else spans, how
    return [], ""


def _exact(text: str, old: str, new: str, everywhere: bool) -> list[Span]:
    """Every place, also those that overlap: which of them is meant is not certain either."""
    spans, at = [], text.find(old)
    while at >= 0:
        spans.append(Span(at, at + len(old), new))
        at = text.find(old, at + (len(old) if everywhere else 1))
    return spans


def _in_form(text: str, old: str, new: str) -> list[Span]:
    file, wanted = Form(text), Form(old)
    if not wanted.text.strip():
        return []
    return [_formed(file, at, wanted, old, new) for at in file.places(wanted.text)]


def _formed(file: Form, at: int, wanted: Form, old: str, new: str) -> Span:
    first, last = file.start(at), file.end(at + len(wanted.text))

    def place(position: int) -> int:
        if position >= len(old):
            return last
        return min(last, file.start(at + wanted.index(position)))

    return Span(first, last, woven(old, new, lambda i, j: file.original[place(i) : place(j)]))


def _by_lines(text: str, old: str, new: str) -> list[Span]:
    return FileLines(text).same(old, new)


def _by_tokens(text: str, old: str, new: str) -> list[Span]:
    return FileTokens(text).same(old, new)


def _by_likeness(text: str, old: str, new: str) -> list[Span]:
    return FileLines(text).alike(old, new)


_LEVELS: tuple[tuple[Callable[[str, str, str], list[Span]], str], ...] = (
    (_in_form, FORM),
    (_by_lines, LINES),
    (_by_tokens, TOKENS),
    (_by_likeness, ALIKE),
)


def _unnumbered(text: str) -> str | None:
    """``text`` without the numbers that ``read`` puts before lines; None when it has none."""
    lines = text.removesuffix("\n").split("\n")
    numbers = [re.match(r" *(\d+)\t", line) for line in lines]
    if not all(numbers):
        return None
    values = [int(match[1]) for match in numbers if match]
    if values != list(range(values[0], values[0] + len(values))):
        return None
    bare = "\n".join(
        line[match.end() :] for line, match in zip(lines, numbers, strict=True) if match
    )
    return bare + "\n" * text.endswith("\n")


def _apart(spans: list[Span]) -> list[Span]:
    """Those that do not overlap an earlier one."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def put(lines: Lines, spans: Sequence[Span]) -> str:
    """The original with ``spans``, in their order, replaced, in its own line ends."""
    pieces, at = [], 0
    for span in spans:
        start, end = lines.position(span.start), lines.position(span.end)
        pieces += [lines.original[at:start], _ended(lines.original[start:end], span.new, lines.end)]
        at = end
    return "".join([*pieces, lines.original[at:]])


def _ended(old: str, new: str, end: str) -> str:
    """``new`` with line ends: a line that stays keeps its own, and so does one that takes the place
    of another; what is new has ``end``."""
    parts = re.split(r"(\r?\n)", old)
    texts, ends = parts[::2], parts[1::2]
    if set(ends) <= {end}:
        return new.replace("\n", end)
    from difflib import SequenceMatcher  # deferred: 5 ms that few files need

    after = new.split("\n")
    chosen = [end] * len(after)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, texts, after, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            for offset, each in enumerate(ends[i1:i2]):
                chosen[j1 + offset] = each
    return "".join(line + each for line, each in zip(after, [*chosen[:-1], ""], strict=True))


def _ambiguous(lines: Lines, spans: list[Span], how: str) -> str:
    numbers = [str(lines.number(span.start)) for span in spans[:_MOST_SHOWN]]
    more = ", …" if len(spans) > _MOST_SHOWN else ""
    form = f" ({how})" if how else ""
    return (
        f"old_string is there {len(spans)} times{form}, on lines {', '.join(numbers)}{more}. Add "
        "lines around it until it is unique, or set replace_all."
    )
