"""Rules: instruction files that may hold for some paths alone.

A rule begins with ``---`` lines around ``paths:``, globs relative to the folder that holds
``.ion``; without any it holds always. Only this much of YAML is understood: a list in brackets,
one of dashes, or names with commas between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ion_core.context.grounds import RULES


def is_rule(file: Path) -> bool:
    """Whether a file is one of a folder's rules."""
    return str(file.parent).endswith(f"/{RULES}")


def split(text: str) -> tuple[tuple[str, ...], str]:
    """The globs of a rule and its text."""
    head, body = _front(text)
    return tuple(_globs(head)), body


def fits(file: Path, globs: Sequence[str], touched: Path) -> bool:
    """Whether a rule holds for a path."""
    above = file.parents[2]
    if not touched.is_relative_to(above):
        return False
    name = touched.relative_to(above).as_posix()
    return any(re.fullmatch(_pattern(glob), name) for glob in globs)


def _front(text: str) -> tuple[list[str], str]:
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return [], text
    for at, line in enumerate(lines[1:], 1):
        if line.strip() == "---":
            return lines[1:at], "\n".join(lines[at + 1 :])
    return [], text


def _globs(head: Sequence[str]) -> list[str]:
    found: list[str] = []
    inside = False
    for line in head:
        name, colon, rest = line.partition(":")
        if colon and name.strip() == "paths" and line == line.lstrip():
            inside, rest = True, rest.strip()
            items = re.split(r",(?![^{]*\})", rest.strip("[]"))
            found += [item.strip().strip("'\"") for item in items]
        elif inside and line.lstrip().startswith("- "):
            found.append(line.lstrip()[2:].strip().strip("'\""))
        elif line.strip():
            inside = False
    return [glob.removeprefix("./") for glob in found if glob]


def _pattern(glob: str) -> str:
    """A regular expression: ``*`` and ``?`` within a name, ``**`` across, ``{a,b}`` one of."""
    words = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    depth, out = 0, []
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|.", glob, re.DOTALL):
        if piece == "{":
            depth += 1
            out.append("(?:")
        elif piece == "}" and depth:
            depth -= 1
            out.append(")")
        else:
            out.append("|" if piece == "," and depth else words.get(piece, re.escape(piece)))
    return "".join(out) + ")" * depth
