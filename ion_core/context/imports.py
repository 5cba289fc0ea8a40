"""What instruction files mention as ``@path``, and what of them is for people alone.

Whatever stands in code, fenced or inline, is no import; comments of HTML are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_INLINE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_IMPORT = re.compile(r"(?<![\w.@/`])@((?:~/|\.{1,2}/|/)?[\w./+-]*\w)")


def without_comments(text: str) -> str:
    """The text without ``<!-- … -->``, but for those that stand in fenced code."""
    pieces = (piece if is_code else _COMMENT.sub("", piece) for is_code, piece in _by_fences(text))
    return "".join(pieces)


def imports(text: str) -> list[str]:
    """The paths that are imported, in their order, each once."""
    found: dict[str, None] = {}
    for is_code, piece in _by_fences(text):
        if not is_code:
            found.update(dict.fromkeys(_IMPORT.findall(_INLINE.sub("", piece))))
    return list(found)


def _by_fences(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, each with whether it is fenced code."""
    piece: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if not fence and mark:
            yield False, "".join(piece)
            piece, fence = [line], mark[1]
        elif fence and mark and mark[1].startswith(fence) and not line.strip(" `~\r\n"):
            yield True, "".join([*piece, line])
            piece, fence = [], ""
        else:
            piece.append(line)
    yield bool(fence), "".join(piece)
