"""Markdown of models and people as HTML that reaches nothing outside the page: HTML in it is text,
a link is its words with the address beside them, and a picture is its words."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # start-up: only an export needs the parser
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


def prose(text: str) -> str:
    """The HTML of a text."""
    return str(_parser().render(text))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable("image")
    parser.add_render_rule("link_open", _begun)
    parser.add_render_rule("link_close", _ended)
    return parser


def _begun(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return "<span>"


def _ended(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """The address of the link that ends here; links do not hold links."""
    at = next(i for i in range(index, -1, -1) if tokens[i].type == "link_open")
    address = str(tokens[at].attrGet("href") or "")
    shown = "".join(token.content for token in tokens[at + 1 : index])
    beside = "" if shown == address else f" <small>({html.escape(address)})</small>"
    return f"</span>{beside}"
