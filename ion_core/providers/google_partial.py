"""The arguments of a call, put together from the pieces in which Vertex AI may stream them.

Each piece names its place by a JSON path (``$.steps[2].name``) and holds a value, or more of a
string. A piece that cannot be placed spoils the whole: arguments with a hole are never run.
Source: the reference of ``PartialArg``, November 2026.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

_STEP = r"""\.([^.\[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]"""
_VALUES = ("stringValue", "numberValue", "boolValue")
MOST_ITEMS = 10_000
"""A path beyond this place in a list is no argument but an attack on memory."""

Step = str | int


class PartialArguments:
    """Feed it pieces. ``whole`` is False once one of them had no place."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}
        self.whole = True
        self._open = ""

    def add(self, piece: object) -> None:
        """Take a piece, ``{"jsonPath": …, "stringValue" | "numberValue" | …: …}``."""
        if not isinstance(piece, dict) or not isinstance(path := piece.get("jsonPath"), str):
            self.whole = False
            return
        steps = _steps(path)
        if steps is None or not _put(self.value, steps, _value(piece), more=self._open == path):
            self.whole = False
        self._open = path if piece.get("willContinue") else ""


def _value(piece: dict[str, Any]) -> Any:
    return next((piece[name] for name in _VALUES if name in piece), None)


def _steps(path: str) -> list[Step] | None:
    """The names and places that a path goes through; None for one that is not understood."""
    steps: list[Step] = []
    rest = path.removeprefix("$")
    rest = rest if rest.startswith((".", "[")) else f".{rest}"
    while rest:
        found = re.match(_STEP, rest)
        if found is None:
            return None
        bare, place, single, double = found.groups()
        quoted = single if single is not None else double
        name = bare if bare is not None else re.sub(r"\\(.)", r"\1", quoted or "")
        steps.append(int(place) if place is not None else name)
        rest = rest[found.end() :]
    return steps


def _put(into: Any, steps: list[Step], value: Any, *, more: bool) -> bool:
    """Put a value at the end of a path, or more of a string to what is there; whether it could."""
    for step, following in pairwise(steps):
        if not _fits(into, step):
            return False
        empty: Any = [] if isinstance(following, int) else {}
        into = _at(into, step, empty)
    last = steps[-1]
    if not _fits(into, last):
        return False
    before = _at(into, last, None)
    grows = more and isinstance(before, str) and isinstance(value, str)
    into[last] = before + value if grows else value
    return True


def _fits(into: Any, step: Step) -> bool:
    if isinstance(step, int):
        return isinstance(into, list) and step < MOST_ITEMS
    return isinstance(into, dict)


def _at(into: Any, step: Step, empty: Any) -> Any:
    """What is at a place of an object or a list; where there is nothing, ``empty`` from now on."""
    if isinstance(step, int):
        into.extend([None] * (step + 1 - len(into)))
    elif step not in into:
        into[step] = None
    if into[step] is None:
        into[step] = empty
    return into[step]
