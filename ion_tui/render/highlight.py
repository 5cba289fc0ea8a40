"""Code in the colours of the one syntax theme.

Pygments is imported at the first highlighted line, long after the first paint. What it does not
know stays plain; nothing here ever fails because of odd code.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rich.style import Style

from ion_tui.render.cells import Span
from ion_tui.render.inks import Inks

LIMIT = 50_000
"""Characters of the longest piece that is highlighted: a lexer takes about 10 µs for 20 of them."""

_ROLES = (
    ("Token.Comment", "comment"),
    ("Token.Literal.String.Doc", "comment"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Keyword.Type", "type"),
    ("Token.Keyword.Constant", "number"),
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Operator", "operator"),
    ("Token.Punctuation", "operator"),
    ("Token.Name.Function", "function"),
    ("Token.Name.Class", "type"),
    ("Token.Name.Exception", "type"),
    ("Token.Name.Namespace", "type"),
    ("Token.Name.Builtin.Pseudo", "number"),
    ("Token.Name.Builtin", "function"),
    ("Token.Name.Decorator", "function"),
    ("Token.Name.Tag", "keyword"),
    ("Token.Name.Attribute", "function"),
)


def highlight(code: str, language: str, page: Style, inks: Inks) -> list[list[Span]]:
    """The lines of ``code``, coloured on the background of ``page``. ``language`` is a name as in
    a fence, or a file's name."""
    lexer = _lexer(language) if language and len(code) <= LIMIT else None
    if lexer is None:
        return [[(line, page)] if line else [] for line in code.split("\n")]
    lines: list[list[Span]] = [[]]
    for kind, text in lexer.get_tokens(code):
        style = _style(kind, page, inks)
        first, *more = text.split("\n")
        if first:
            lines[-1].append((first, style))
        for line in more:
            lines.append([(line, style)] if line else [])
    return _as_long_as(code.count("\n") + 1, lines)


def _as_long_as(count: int, lines: list[list[Span]]) -> list[list[Span]]:
    """Lexers may add a last line end or drop blank lines at the end."""
    return lines[:count] + [[] for _ in range(count - len(lines))]


@lru_cache(maxsize=512)
def _style(kind: object, page: Style, inks: Inks) -> Style:
    name = str(kind)
    for prefix, role in _ROLES:
        if name.startswith(prefix):
            return page + inks.syntax[role]
    return page


@lru_cache(maxsize=64)
def _lexer(language: str) -> Any:
    # Deferred: the first lexer costs about 20 ms, which no start should pay.
    from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
    from pygments.util import ClassNotFound

    find = get_lexer_for_filename if "." in language else get_lexer_by_name
    try:
        return find(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def warm() -> None:
    """Import the lexers that most answers need."""
    for language in ("python", "bash"):
        _lexer(language)
