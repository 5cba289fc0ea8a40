"""Edits as small models mean them: right but for spaces and line ends, or only more at the end.

Small models like to write two lines as one. Where the words of the old text stand in the file
exactly once, in that order, the file's own text is meant; the new text then keeps the file's
spaces around every word that it keeps.
"""

from __future__ import annotations

import re

_TOP_LEVEL = ("def ", "class ", "async def ", "@")
"""What stands two empty lines below what is before it (PEP 8)."""


def mended(old: str, new: str, text: str) -> tuple[str, str]:
    """Old and new for a file with ``text``; as they are when nothing certain can be done."""
    words = old.split()
    if not words or old in text:
        return old, new
    spans = re.findall(r"\s+".join(map(re.escape, words)), text)
    if len(spans) != 1:
        return old, new
    return spans[0], _spaced(spans[0], new)


def appended(more: str, text: str) -> tuple[str, str]:
    """Old and new that put ``more`` after the end of a file with ``text``: the fewest last lines
    that stand in it once are replaced by themselves and what follows."""
    lines, old = text.splitlines(), ""
    for start in range(len(lines) - 1, -1, -1):
        old = "\n".join(lines[start:])
        if old.strip() and text.count(old) == 1:
            break
    gap = "\n\n\n" if more.startswith(_TOP_LEVEL) else "\n"
    return old, old + gap + more.strip("\n")


def _spaced(span: str, new: str) -> str:
    # difflib is imported when a small model's edit needs mending, never before a request.
    from difflib import SequenceMatcher

    kept, wanted = _words(span), _words(new)
    matcher = SequenceMatcher(None, [w.strip() for w in kept], [w.strip() for w in wanted])
    pieces: list[str] = []
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            pieces += kept[start:end]
        elif end - start == last - first:
            pieces += map(_like, kept[start:end], wanted[first:last])
        else:
            pieces += wanted[first:last]
    return "".join(pieces)


def _words(text: str) -> list[str]:
    """The words, each with the space before it."""
    return re.findall(r"\s*\S+", text)


def _like(old: str, new: str) -> str:
    """A word with the space before another one."""
    return old[: len(old) - len(old.lstrip())] + new.strip()
