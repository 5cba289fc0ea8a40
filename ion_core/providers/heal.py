"""What a refused request teaches about a model.

Some 400s name the field that the server does not know. Each lesson changes one quirk, once per
model; the provider remembers the result and asks again. A refusal that teaches nothing stays an
error. Each protocol has lessons of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

Q = TypeVar("Q", bound=Struct)

_REFUSED = (
    r"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra|deprecated|instead|only"
    r"|not (?:supported|allowed|permitted|accepted)|(?:does not|doesn't) support)"
)


class Lesson(Struct, Generic[Q], frozen=True):
    """``changed`` is what a model wants whose 400 matches ``pattern``; it applies only to a request
    that ``concerns`` finds at fault. ``read``, where it is set, replaces ``changed`` and is also
    told what the 400 said, and of which body."""

    name: str
    pattern: str
    concerns: Callable[[Mapping[str, Any], Q], bool]
    changed: Callable[[Q], Q]
    read: Callable[[Q, str, Mapping[str, Any]], Q] | None = None


def sent(field: str) -> Callable[[Mapping[str, Any], Any], bool]:
    """Concerns requests whose body has ``field``."""
    return lambda body, _: field in body


def refusing(field: str) -> str:
    """A sentence that refuses a field, and not merely its value for being too large."""
    return rf"(?s:{_REFUSED}.*\b{field}\b|\b{field}\b.*{_REFUSED})"


def learned(
    lessons: Sequence[Lesson[Q]],
    quirks: Q,
    message: str,
    body: Mapping[str, Any],
    known: frozenset[str],
) -> tuple[Q, str] | None:
    """The quirks after a 400 that said ``message`` to ``body``, and the name of the lesson.

    None when it teaches nothing that is not in ``known``, the lessons learnt before.
    """
    for lesson in lessons:
        if (
            lesson.name not in known
            and re.search(lesson.pattern, message, re.IGNORECASE)
            and lesson.concerns(body, quirks)
        ):
            if lesson.read is not None:
                return lesson.read(quirks, message, body), lesson.name
            return lesson.changed(quirks), lesson.name
    return None
