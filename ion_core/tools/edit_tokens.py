"""Finding the words and signs of a text whatever white space is between them.

What the model keeps stays with the file's own white space. Where added lines would need an
indentation that nothing tells, nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ion_core.tools.edit_forms import Form, normal
from ion_core.tools.edit_span import Span

_TOKEN = re.compile(r"\w+|[^\w\s]")
_LOOK = 6
_FEWEST_CHARS = 8
"""Fewer signs than this may stand anywhere by chance."""


class _Token(NamedTuple):
    text: str
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


class FileTokens:
    """The tokens of a file."""

    def __init__(self, text: str) -> None:
        self._text, self._form = text, Form(text)
        self._all = _tokens(self._form.text)
        self._texts = [token.text for token in self._all]

    def same(self, old: str, new: str) -> list[Span]:
        """Where the tokens of ``old`` stand one after another."""
        wanted = [token.text for token in _tokens(normal(old))]
        if sum(map(len, wanted)) < _FEWEST_CHARS:
            return []
        count, start, spans = len(wanted), wanted[:_LOOK], []
        for at, text in enumerate(self._texts):
            if text != start[0] or self._texts[at : at + len(start)] != start:
                continue
            if self._texts[at : at + count] == wanted:
                span = self._span(self._all[at : at + count], old, new)
                if span is not None:
                    spans.append(span)
        return spans

    def _span(self, found: Sequence[_Token], old: str, new: str) -> Span | None:
        first, last = found[0].start, found[-1].end
        if not (self._form.is_between(first) and self._form.is_between(last)):
            return None
        own = [
            _Token(
                self._text[self._form.start(token.start) : self._form.end(token.end)],
                self._form.start(token.start),
                self._form.end(token.end),
            )
            for token in found
        ]
        text = _Weave(self._text, own, old, new).text()
        return None if text is None else Span(own[0].start, own[-1].end, text)


class _Weave:
    """``new`` with the file's own tokens and white space where it keeps those of ``old``."""

    def __init__(self, file: str, own: Sequence[_Token], old: str, new: str) -> None:
        self._own, self._old, self._new = own, _tokens(old), _tokens(new)
        self._gaps_own, self._gaps_old = _gaps(file, own), _gaps(old, self._old)
        self._gaps_new = _gaps(new, self._new)
        self._edges_agree = _edges(old, self._old) == _edges(new, self._new) or not self._new
        self._indents: dict[str, str] = {}
        for model, file_gap in zip(self._gaps_old, self._gaps_own, strict=False):
            if "\n" in model and "\n" in file_gap:
                self._indents.setdefault(_indent(model), _indent(file_gap))

    def text(self) -> str | None:
        if len(self._old) != len(self._own) or not self._edges_agree:
            return None
        import difflib  # deferred: 5 ms that only an inexact edit needs

        pieces: list[str] = []
        a, b = [t.text for t in self._old], [t.text for t in self._new]
        for kind, first, last, start, end in difflib.SequenceMatcher(
            None, a, b, False
        ).get_opcodes():
            paired = last - first == end - start
            for offset in range(end - start):
                gap = self._gap(start + offset, first + offset if paired else None)
                if gap is None:
                    return None
                kept = kind == "equal"
                pieces += [gap, self._own[first + offset].text if kept else b[start + offset]]
        return "".join(pieces)

    def _gap(self, index: int, paired: int | None) -> str | None:
        """The white space before token ``index`` of ``new``; none before the first."""
        if index == 0:
            return ""
        written = self._gaps_new[index]
        if paired and self._gaps_old[paired] == written:
            return self._gaps_own[paired]
        if "\n" not in written:
            return written
        indent = self._indents.get(_indent(written))
        return None if indent is None else written[: written.rindex("\n") + 1] + indent


def _gaps(text: str, tokens: Sequence[_Token]) -> list[str]:
    """The white space before each token; of the first, nothing."""
    ends = [token.end for token in tokens]
    between = [text[end : token.start] for end, token in zip(ends, tokens[1:], strict=False)]
    return ["", *between]


def _edges(text: str, tokens: Sequence[_Token]) -> tuple[str, str]:
    return (text[: tokens[0].start], text[tokens[-1].end :]) if tokens else ("", "")


def _indent(gap: str) -> str:
    return gap[gap.rindex("\n") + 1 :]
