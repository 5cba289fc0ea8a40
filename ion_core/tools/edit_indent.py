"""Indentation as a file has it, for lines that a model indented in its own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import gcd

_USUAL = 4


def indent_of(line: str) -> str:
    """The white space that a line begins with."""
    return line[: len(line) - len(line.lstrip())]


class Indents:
    """What the model's indentation means in the file, learnt from ``pairs`` of the same lines in
    both. ``certain`` is False when one indentation of the model stands for several."""

    def __init__(
        self, pairs: Iterable[tuple[str, str]], written: Sequence[str], file: Sequence[str]
    ) -> None:
        self._known: dict[str, str] = {}
        self.certain = True
        for model, own in pairs:
            self.certain &= self._known.setdefault(model, own) == own
        self._tabs = any("\t" in own for own in self._known.values()) or (
            not any(self._known.values()) and _prefers_tabs(file)
        )
        self._unit = self._told_unit() or _model_unit([*self._known, *map(indent_of, written)])
        self._file_unit = _usual_step(file)

    def _told_unit(self) -> int:
        """How many of the model's spaces a tab of the file is, where all known lines agree."""
        units = {
            len(model) / len(own) for model, own in self._known.items() if own and "\t" not in model
        }
        told = units.pop() if self._tabs and len(units) == 1 else 0.0
        return int(told) if told == int(told) else 0

    def mapped(self, indent: str) -> str:
        """The file's indentation for one of the model's."""
        if indent in self._known:
            return self._known[indent]
        below = max((k for k in self._known if indent.startswith(k)), key=len, default=None)
        if below is not None:
            return self._known[below] + self._translated(indent[len(below) :])
        above = min((k for k in self._known if k.startswith(indent)), key=len, default=None)
        if above is None:
            return self._translated(indent)
        own, less = self._known[above], self._translated(above[len(indent) :])
        return own[: -len(less)] if less and own.endswith(less) else ""

    def _translated(self, more: str) -> str:
        """Indentation that comes on top of a known one."""
        width = len(more.expandtabs(self._unit)) if "\t" in more else len(more)
        if self._tabs:
            return "\t" * (width // self._unit) + " " * (width % self._unit)
        if "\t" in more:
            return more.replace("\t", " " * self._file_unit)
        return " " * round(width * self._ratio)

    @property
    def _ratio(self) -> float:
        """How many of the file's spaces one of the model's is."""
        widths = sorted((len(model), len(own)) for model, own in self._known.items())
        if len(widths) > 1:
            (model_least, own_least), (model_most, own_most) = widths[0], widths[-1]
            return (own_most - own_least) / (model_most - model_least)
        same = all(model == own for model, own in self._known.items())
        return 1.0 if same or self._unit < 2 else self._file_unit / self._unit


def _model_unit(indents: Sequence[str]) -> int:
    """The step in which the model indents: 1 for a tab."""
    spaces = [len(indent) for indent in indents if indent and "\t" not in indent]
    return gcd(*spaces) if spaces else 1 if any(indents) else _USUAL


def _usual_step(lines: Sequence[str]) -> int:
    """By how many spaces a file usually indents more."""
    steps: Counter[int] = Counter()
    before = 0
    for line in lines:
        if line.strip():
            width = len(indent_of(line))
            if width - before > 1:
                steps[width - before] += 1
            before = width
    return steps.most_common(1)[0][0] if steps else _USUAL


def _prefers_tabs(lines: Sequence[str]) -> bool:
    tabs = sum(line.startswith("\t") for line in lines)
    return tabs > sum(line.startswith("  ") for line in lines)
