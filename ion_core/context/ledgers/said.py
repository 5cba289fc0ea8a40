"""What was said that binds what follows: rules of a person's, decisions and dead ends of a model's.

Found by the words that such sentences have in English. What is missed is only less likely to be
told; nothing is changed by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ion_core.context.ledgers.ledger import Kept
from ion_core.entries import Entry
from ion_core.messages import Message

LONGEST = 400
"""Characters of a sentence."""

_RULE = re.compile(
    r"\b(?:never|always|must|mustn't|do not|don't|only|from now on|keep|instead|prefer|avoid|"
    r"without|unless|make sure|remember|should(?:n't)?|important|stop|wrong|not what|correction|"
    r"actually|use|no longer)\b",
    re.IGNORECASE,
)
_DECIDED = re.compile(
    r"\b(?:decid(?:e|ed|ing)|decision|chose|choose|going with|settled on|opt(?:ed|ing)? for|"
    r"rather than|instead of|we will use|i will use|i'll use|trade-?off)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(?:fail(?:s|ed)|does(?:n't| not) work|did(?:n't| not) (?:work|help)|dead end|gave up|"
    r"wrong approach|revert(?:ed|ing)?|does not help|broke|breaks|cannot be done)\b",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\b(?:the )?next(?: step)?(?: is|:)|\bremaining\b|\bstill to do\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def binds(text: str) -> bool:
    """Whether a message of a person's seems to set a rule or to correct one."""
    return bool(_RULE.search(text))


def said(entries: Sequence[Entry]) -> tuple[Kept, ...]:
    """Sentences of answers that decide something or tell of a dead end, oldest first; and the
    newest that names the next step."""
    found: dict[Kept, None] = {}
    coming: Kept | None = None
    for entry in entries:
        body = entry.body
        if not isinstance(body, Message) or body.role != "assistant":
            continue
        for kind, sentence in _sentences(body.text):
            kept = Kept(kind=kind, text=sentence)
            if kind == "next":
                coming = kept
            else:
                found.pop(kept, None)
                found[kept] = None
    return (*found, *([coming] if coming else ()))


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    for sentence in _SENTENCE.split(text):
        words = " ".join(sentence.split())
        if not 12 <= len(words) <= LONGEST:
            continue
        if _DECIDED.search(words):
            yield "decided", words
        elif _FAILED.search(words):
            yield "failed", words
        elif _NEXT.search(words):
            yield "next", words
