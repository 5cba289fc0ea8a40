"""Glob patterns of paths: ``*`` and ``?`` within a component, ``**`` across, ``[…]`` and ``{a,b}``.

A pattern without a slash means a name at any depth, as in ``.gitignore``.
"""

from __future__ import annotations

import re


class BadPattern(Exception):
    """The pattern is not one. ``str(error)`` is a sentence."""


def compiled(pattern: str) -> re.Pattern[str]:
    """What fully matches the relative paths that ``pattern`` means. Raises :class:`BadPattern`."""
    pattern = pattern.removeprefix("./")
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    try:
        return re.compile(_translated(pattern), re.DOTALL)
    except re.error as error:
        raise BadPattern(f"{pattern} is not a pattern: {error}.") from error


def _translated(pattern: str) -> str:
    pieces, at, depth = [], 0, 0
    while at < len(pattern):
        char = pattern[at]
        piece, length = re.escape(char), 1
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            piece, length = "(?:.*/)?", 3
        elif pattern.startswith("**", at):
            piece, length = ".*", 2
        elif char in "*?":
            piece = {"*": "[^/]*", "?": "[^/]"}[char]
        elif char == "[" and (end := pattern.find("]", at + 2)) > 0:
            piece, length = _class(pattern[at + 1 : end]), end - at + 1
        elif char == "\\" and at + 1 < len(pattern):
            piece, length = re.escape(pattern[at + 1]), 2
        elif char == "{":
            piece, depth = "(?:", depth + 1
        elif char in "},":
            piece = {"}": ")", ",": "|"}[char] if depth else re.escape(char)
            depth -= depth > 0 and char == "}"
        pieces.append(piece)
        at += length
    return "".join(pieces)


def _class(members: str) -> str:
    negated = members[0] in "!^"
    body = members[negated:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"(?!/)[{'^' * negated}{body}]"
