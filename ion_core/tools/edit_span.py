"""What each level of matching finds: a span of the file, and the text to put there.

The model's ``old`` and the span differ in form; the text to put there is ``new`` with the file's
own form wherever ``new`` keeps what ``old`` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Span(NamedTuple):
    """``text[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: str


def woven(old: str, new: str, own: Callable[[int, int], str]) -> str:
    """``new``, with ``own(i, j)``, the file's own text for ``old[i:j]``, in place of every word
    that both have."""
    pieces: list[str] = []
    for same, first, last, text in _changes(old.splitlines(True), new.splitlines(True)):
        if same:
            pieces.append(own(first, last))
            continue
        changes = _changes(_WORDS.findall(old[first:last]), _WORDS.findall(text))
        for kept, start, end, words in changes:
            pieces.append(own(first + start, first + end) if kept else words)
    return "".join(pieces)


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[bool, int, int, str]]:
    """Whether a piece of ``old`` stays, where it is in the joined ``old``, and what it becomes."""
    import difflib  # deferred: 5 ms that only an inexact edit needs

    starts = [0]
    for piece in old:
        starts.append(starts[-1] + len(piece))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        yield kind == "equal", starts[first], starts[last], "".join(new[start:end])
