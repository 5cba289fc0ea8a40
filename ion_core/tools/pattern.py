"""Glob patterns of paths: ``*`` and ``?`` within a component, ``**`` across, ``[…]`` and ``{a,b}``.

A pattern without a slash means a name at any depth, as in ``.gitignore``.
"""

from __future__ import annotations

import re

_MOST_OPEN = 5
"""Wildcards that try more than one place: each multiplies the time that a hostile name takes."""


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
    """The expression. A ``*`` before another one of its component takes the first place that fits
    and never another, so that no name makes it try them all."""
    pieces, at, depth, open_stars = [], 0, 0, 0
    while at < len(pattern):
        char = pattern[at]
        piece, length = re.escape(char), 1
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            piece, length = "(?:.*/)?", 3
            while pattern.startswith("**/", at + length):
                length += 3
            open_stars += 1
        elif char == "*" and pattern.startswith("**", at):
            piece, length = ".*", len(pattern) - at - len(pattern[at:].lstrip("*"))
            open_stars += 1
        elif char == "*":
            run, length = _run(pattern, at + 1)
            ends = pattern[at + length : at + length + 1]
            is_first = ends == "*" and not depth and not pattern.startswith("**", at + length)
            piece = f"(?>[^/]*?{run})" if is_first else f"[^/]*{run}"
            open_stars += not is_first and (depth > 0 or ends not in ("", "/"))
        elif char in "?[\\":
            piece, length = _single(pattern, at)
        elif char == "{":
            piece, depth = "(?:", depth + 1
        elif char in "},":
            piece = {"}": ")", ",": "|"}[char] if depth else re.escape(char)
            depth -= depth > 0 and char == "}"
        pieces.append(piece)
        at += length
    if open_stars > _MOST_OPEN:
        raise BadPattern(f"{pattern[:80]} has more ** and stars beside braces than can be tried.")
    return "".join(pieces)


def _run(pattern: str, at: int) -> tuple[str, int]:
    """The expression of what follows a star up to anything that is no single character, and the
    length of both in the pattern."""
    pieces, start = [], at
    while at < len(pattern) and pattern[at] not in "*/{},":
        piece, length = _single(pattern, at)
        pieces.append(piece)
        at += length
    return "".join(pieces), at - start + 1


def _single(pattern: str, at: int) -> tuple[str, int]:
    """The expression of one character of a path, and its length in the pattern."""
    char = pattern[at]
    if char == "?":
        return "[^/]", 1
    if char == "[" and (end := pattern.find("]", at + 2)) > 0:
        return _class(pattern[at + 1 : end]), end - at + 1
    if char == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), 2
    return re.escape(char), 1


def _class(members: str) -> str:
    negated = members[0] in "!^"
    body = members[negated:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"(?!/)[{'^' * negated}{body}]"
