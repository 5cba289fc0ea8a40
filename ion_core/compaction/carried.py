"""What an earlier checkpoint said that a new summary leaves out without saying why.

Models lose a little each time they write a summary anew. What was decided, tried and found out is
kept beside it, word for word, for as long as there is room: marked as what it is, since it may have
been left out for a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ion_core.compaction.sizes import tokens_of

HEADING = "From earlier checkpoints, not said again (may be out of date)"
LASTING = ("goal", "decisions and why", "failed approaches", "facts and values", HEADING.lower())
"""The sections of which nothing is over because it is old."""
SHARE = 0.75
"""Of the length of a summary."""
SAID_AGAIN = 0.7
"""Of the words by which a line is known: when the new summary has so many, it says the same."""

_TELLING = re.compile(r"[A-Za-z_]{4,}[\w./-]*|\w*\d[\w./-]*")


def carried(prior: str, summary: str, *, most: int) -> str:
    """``summary`` and behind it what it lost of ``prior``; ``most`` are the tokens that a summary
    may have."""
    known = _words(summary)
    lost: list[str] = []
    left = int(most * SHARE)
    for line in reversed(list(_lasting(prior))):
        words = _words(line)
        if not words or _is_said(words, known):
            continue
        left -= tokens_of(line)
        if left < 0:
            break
        lost.append(line)
    if not lost:
        return summary
    return f"{summary.rstrip()}\n\n## {HEADING}\n" + "\n".join(dict.fromkeys(reversed(lost)))


def _words(text: str) -> set[str]:
    return {word.lower().rstrip("./-") for word in _TELLING.findall(text)}


def _is_said(words: set[str], known: set[str]) -> bool:
    """Whether a line with these words is said with others: with most of them, and every number and
    name with a digit."""
    exact = {word for word in words if any(map(str.isdigit, word))}
    return exact <= known and len(words & known) >= SAID_AGAIN * len(words)


def _lasting(text: str) -> Iterator[str]:
    """The points of the sections that last, the oldest first: those that were carried before."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("#"):
            name = line.strip("# *").lower()
        elif line.lstrip().startswith(("- ", "* ")):
            sections.setdefault(name, []).append(f"- {line.strip()[2:].strip()}")
    for last in reversed(LASTING):
        yield from sections.get(last, ())
