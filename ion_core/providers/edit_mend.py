"""An edit whose old text is right but for its spaces and line ends, made right.

Small models like to write two lines as one. Where the words of the old text stand in the file
exactly once, in that order, the file's own text is meant; the new text then keeps the file's
spaces around every word that it keeps.
"""

from __future__ import annotations

import re


def mended(old: str, new: str, text: str) -> tuple[str, str]:
    """Old and new for a file with ``text``; as they are when nothing certain can be done."""
    words = old.split()
    if not words or old in text:
        return old, new
    spans = re.findall(r"\s+".join(map(re.escape, words)), text)
    if len(spans) != 1:
        return old, new
    return spans[0], _spaced(spans[0], new)


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
