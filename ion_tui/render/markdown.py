"""Markdown typeset in rows: no ``#``, no fences, no ``>`` reach the screen.

The unit is a chunk (see :mod:`ion_tui.render.split`), so that only what is visible or still growing
is ever typeset. Parsing is markdown-it's; raw HTML is shown as the text it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from rich.style import Style

from ion_tui.render import inline, table
from ion_tui.render.cells import Cut, Span, fold, wrap
from ion_tui.render.highlight import highlight
from ion_tui.render.rows import TEXT, Page, Row, blank, row
from ion_tui.render.split import Chunk

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

TABLE_LINES = 300
"""A chunk with more lines is typeset as plain text while it still grows."""

_TASK = re.compile(r"\[([ xX])\] ")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Deferred: 25 ms that the first paint does not need.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def warm() -> None:
    """Import the parser."""
    _parser()


def typeset(chunk: Chunk, page: Page, *, growing: bool = False) -> list[Row]:
    """The rows of a chunk, with the blank rows above it."""
    rows = [blank(page)] * chunk.lead
    if chunk.kind == "code":
        return rows + code(chunk.text, chunk.info, page)
    if growing and (chunk.text.count("\n") > TABLE_LINES or _open_table(chunk.text)):
        return rows + plain(chunk.text, page, page.inks.page)
    return rows + _Setter(page).set(_parser().parse(chunk.text))


def _open_table(text: str) -> bool:
    """Whether a table is being written: its columns would jump with every cell."""
    return text.rsplit("\n", 1)[-1].lstrip().startswith("|")


def plain(text: str, page: Page, style: Style) -> list[Row]:
    """Text as it is, wrapped at words, in the column of text."""
    rows = []
    for line in text.split("\n"):
        for cut in wrap([(line, style)], page.prose):
            spans = ((" " * TEXT, page.inks.page), *cut.spans)
            rows.append(row(spans, page.width, page.inks.page, gutter=TEXT, join=cut.join))
    return rows


def code(text: str, info: str, page: Page) -> list[Row]:
    """Lines of code on their own surface, in the column of results."""
    return _code(text, info, page, [], [])


def _code(text: str, info: str, page: Page, first: list[Span], rest: list[Span]) -> list[Row]:
    margin = sum(len(part) for part, _ in rest) or TEXT
    ink, width = page.inks.code_page, max(8, page.prose + TEXT - margin)
    rows: list[Row] = []
    language = re.split(r"[\s{,:]", info.strip(), maxsplit=1)[0].lower() if info else ""
    for spans in highlight(text, language, ink, page.inks):
        for cut in fold(spans, width - 4):
            lead = first if first and not rows else rest or [(" " * TEXT, page.inks.page)]
            pad = (" " * (width - cut.cells - 2), ink)
            line = (*lead, ("  ", ink), *cut.spans, pad)
            rows.append(row(line, page.width, page.inks.page, gutter=margin + 2, join=cut.join))
    return rows


class _Margin:
    """What stands left of a list item or quote: the marker once, then its space or bar."""

    def __init__(self, first: Span, rest: Span) -> None:
        self.first, self.rest, self.used = first, rest, False


class _Setter:
    """Walks the tokens of one chunk and sets rows."""

    def __init__(self, page: Page) -> None:
        self._page, self._inks = page, page.inks
        self._rows: list[Row] = []
        self._margins: list[_Margin] = []
        self._lists: list[int | None] = []
        self._previous = ""
        self._base = page.inks.page

    def set(self, tokens: list[Token]) -> list[Row]:
        index = 0
        while index < len(tokens):
            index = self._token(tokens, index)
        return self._rows

    def _token(self, tokens: list[Token], index: int) -> int:
        token = tokens[index]
        match token.type:
            case "heading_open":
                self._paragraph(tokens[index + 1], self._inks.bright, "heading")
                return index + 3
            case "paragraph_open":
                self._paragraph(tokens[index + 1], self._base, "paragraph")
                return index + 3
            case "fence" | "code_block":
                self._code(token)
            case "hr":
                self._rule()
            case "table_open":
                return self._table(tokens, index)
            case _:
                self._container(token, tokens[index : index + 3])
        return index + 1

    def _container(self, token: Token, following: list[Token]) -> None:
        match token.type:
            case "bullet_list_open":
                self._gap("list")
                self._lists.append(None)
            case "ordered_list_open":
                self._gap("list")
                self._lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
                self._previous = "list"
            case "list_item_open":
                self._item(following)
            case "blockquote_open":
                self._gap("quote")
                bar = (f"{self._inks.glyphs.bar} ", self._inks.line)
                self._margins.append(_Margin(bar, bar))
                self._base = self._inks.muted
            case "list_item_close" | "blockquote_close":
                self._leave(token)

    def _leave(self, token: Token) -> None:
        margin = self._margins.pop()
        if not margin.used and token.type == "list_item_close":
            self._margins.append(margin)
            self._emit([Cut([], 0, None)])
            self._margins.pop()
        if token.type == "blockquote_close":
            self._base, self._previous = self._inks.page, "quote"

    def _item(self, following: list[Token]) -> None:
        number = self._lists[-1]
        marker = f"{self._inks.glyphs.bullet} "
        if number is not None:
            marker, self._lists[-1] = f"{number}. ", number + 1
        inner = following[2] if len(following) == 3 and following[2].type == "inline" else None
        if inner is not None and (task := _TASK.match(inner.content)):
            marker = "☐ " if task[1] == " " else "☑ "
            if inner.children:
                inner.children[0].content = inner.children[0].content[4:]
        self._margins.append(_Margin((marker, self._inks.muted), (" " * len(marker), self._base)))
        self._previous = "item"

    def _paragraph(self, token: Token, base: Style, kind: str) -> None:
        self._gap(kind)
        for line in inline.lines(token.children or (), base, self._inks):
            self._emit(wrap(line, self._room()))
        self._previous = kind

    def _code(self, token: Token) -> None:
        self._gap("code")
        text = token.content.removesuffix("\n")
        self._rows += _code(text, token.info, self._page, self._lead(), self._lead())
        self._previous = "code"

    def _rule(self) -> None:
        self._gap("rule")
        width = min(self._room(), 24)
        self._emit([Cut([(self._inks.glyphs.rule * width, self._inks.line)], width, None)])
        self._previous = "rule"

    def _table(self, tokens: list[Token], index: int) -> int:
        self._gap("table")
        end = next(i for i in range(index, len(tokens)) if tokens[i].type == "table_close")
        read = self._read_table(tokens[index:end])
        for line in table.draw(read, self._room(), self._inks):
            self._emit([Cut(line, 0, None)])
        self._previous = "table"
        return end + 1

    def _read_table(self, tokens: list[Token]) -> table.Table:
        aligns: list[table.Align] = []
        rows: list[list[list[Span]]] = []
        for position, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                style = str(token.attrGet("style") or "")
                if token.type == "th_open":
                    aligns.append(cast("table.Align", style.rpartition(":")[2] or "left"))
                base = self._inks.bright if token.type == "th_open" else self._base
                found = inline.lines(tokens[position + 1].children or (), base, self._inks)
                rows[-1].append([span for line in found for span in line])
        return table.Table(aligns, rows)

    def _gap(self, kind: str) -> None:
        """A blank row between blocks: not after a heading, not around the parts of an item."""
        if not self._previous or self._previous == "item":
            return
        if self._previous == "heading" and kind != "table":
            return
        if self._lists and not (kind == self._previous == "paragraph"):
            return
        self._emit([Cut([], 0, None)])

    def _room(self) -> int:
        used = sum(len(margin.rest[0]) for margin in self._margins)
        return max(8, self._page.prose - used)

    def _lead(self) -> list[Span]:
        lead: list[Span] = [(" " * TEXT, self._inks.page)]
        for margin in self._margins:
            lead.append(margin.rest if margin.used else margin.first)
            margin.used = True
        return lead

    def _emit(self, cuts: list[Cut]) -> None:
        for cut in cuts:
            lead = self._lead()
            gutter = TEXT if cut.join is None else sum(len(text) for text, _ in lead)
            line, page = (*lead, *cut.spans), self._inks.page
            self._rows.append(row(line, self._page.width, page, gutter=gutter, join=cut.join))
