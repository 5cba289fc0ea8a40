"""How well typed letters fit a row: which rows a list keeps, and the best of them first.

Each word must be somewhere in the row: whole in its name, whole in what stands beside the name, or
with its letters in order and close together in the name ("cs5" finds ``claude-sonnet-5``).
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_tui.widgets.listbox import Choice

WHOLE, BEGINS, ENDS, BESIDE, SCATTERED = 1_000, 300, 100, 600, 500
"""What a find is worth: in the name, there at the beginning of a word and at the end of the name,
in the detail, scattered."""
STRETCH, SLACK = 3, 9
"""Scattered letters may span so many cells a letter, and so many more."""


def matching(choices: Sequence[Choice], words: str) -> list[Choice]:
    """The choices that every word fits, the best first; all of them for no word at all."""
    wanted = words.lower().split()
    if not wanted:
        return list(choices)
    found = []
    for choice in choices:
        worth = None if choice.heading else _worth(choice, wanted)
        if worth is not None:
            found.append((worth, choice))
    return [choice for _, choice in sorted(found, key=lambda pair: -pair[0])]


def _worth(choice: Choice, wanted: Sequence[str]) -> int | None:
    name, total = (choice.lead + choice.name).lower(), choice.weight
    for word in wanted:
        worth = score(name, word)
        if worth is None and word in choice.detail.lower():
            worth = BESIDE
        if worth is None:
            return None
        total += worth
    return total - len(name)


def score(text: str, word: str) -> int | None:
    """How well ``word`` fits ``text``, both in lower case; None when it does not."""
    at = first = text.find(word)
    if first < 0:
        return _scattered(text, word)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(word, at + 1)
    worth = WHOLE - first if at < 0 else WHOLE + BEGINS - at
    return worth + ENDS * text.endswith(word)


def _scattered(text: str, word: str) -> int | None:
    end = -1
    for letter in word:
        end = text.find(letter, end + 1)
        if end < 0:
            return None
    start = end + 1
    for letter in reversed(word):
        start = text.rfind(letter, 0, start)
    span = end + 1 - start
    return SCATTERED - span if span <= STRETCH * len(word) + SLACK else None
