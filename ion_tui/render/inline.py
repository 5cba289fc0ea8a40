"""Inline Markdown: the tokens of one paragraph as styled lines.

Emphasis has no hue; code has a tint; a link shows its target when that differs from its text. A
line break in the source stays one, because models mean it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.style import Style

from ion_tui.render.cells import Span
from ion_tui.render.inks import Inks

if TYPE_CHECKING:
    from markdown_it.token import Token

_URL = re.compile(r"(https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]])")
_BOLD, _ITALIC, _STRIKE = Style(bold=True), Style(italic=True), Style(strike=True)
_EMPHASIS = {"strong": _BOLD, "em": _ITALIC, "s": _STRIKE}


def lines(tokens: Iterable[Token], base: Style, inks: Inks) -> list[list[Span]]:
    """The paragraph's lines, each a list of spans on ``base``."""
    found: list[list[Span]] = [[]]
    for text, style in _spans(tokens, base, inks):
        if text == "\n":
            found.append([])
        elif text:
            found[-1].append((text, style))
    return found


def _spans(tokens: Iterable[Token], base: Style, inks: Inks) -> Iterator[Span]:
    styles, links = [base], list[tuple[str, list[str]]]()
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if token.type in ("softbreak", "hardbreak"):
            yield "\n", base
        elif name == "link":
            yield from _link(token, styles, links, inks)
        elif token.type.endswith("_open"):
            styles.append(styles[-1] + _EMPHASIS.get(name, Style.null()))
        elif token.type.endswith("_close"):
            styles.pop()
        else:
            for _, shown in links:
                shown.append(token.content)
            yield from _leaf(token, styles[-1], inks)


def _link(
    token: Token, styles: list[Style], links: list[tuple[str, list[str]]], inks: Inks
) -> Iterator[Span]:
    if token.type == "link_open":
        links.append((str(token.attrGet("href") or ""), []))
        styles.append(styles[-1] + Style(color=inks.accent.color))
        return
    styles.pop()
    target, shown = links.pop()
    if target and target.removeprefix("mailto:") != "".join(shown):
        yield f" ({target})", styles[-1] + Style(color=inks.muted.color)


def _leaf(token: Token, style: Style, inks: Inks) -> Iterator[Span]:
    if token.type == "code_inline":
        yield token.content, style + Style(color=inks.code.color)
    elif token.type == "image":
        yield f"[image: {token.content or 'untitled'}]", style + Style(color=inks.muted.color)
        yield f" ({token.attrGet('src')})", style + Style(color=inks.muted.color)
    elif "://" in token.content:
        for index, piece in enumerate(_URL.split(token.content)):
            yield piece, style + Style(color=inks.accent.color) if index % 2 else style
    else:
        yield token.content, style
