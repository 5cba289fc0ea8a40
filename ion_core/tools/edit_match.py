"""Replacing text in text: exact, unique, and nothing else is touched.

Line ends are the one thing that may differ: a model writes ``\\n``, and a file that has ``\\r\\n``
keeps it. What cannot be found is answered with the place that looks most like it.
"""

from __future__ import annotations

from collections import Counter

from ion_core.tools.text import Lines

_LARGEST_SEARCH = 5_000
_MOST_SHOWN = 12


class NoMatch(Exception):
    """A replacement cannot be made. ``str(error)`` says why and shows where it nearly fits."""


def replaced(original: str, old: str, new: str, *, everywhere: bool = False) -> str:
    """``original`` with ``old`` replaced by ``new``: once, or ``everywhere``. Raises
    :class:`NoMatch` when ``old`` is missing, or is there more than once."""
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if not old:
        raise NoMatch("old_string is empty. Give the text to replace, or use write.")
    if old == new:
        raise NoMatch("old_string and new_string are the same: nothing would change.")
    lines = Lines(original)
    found = _occurrences(lines.text, old)
    if not found:
        raise NoMatch(_not_found(lines.text, old))
    if len(found) > 1 and not everywhere:
        raise NoMatch(_ambiguous(lines, found))
    return _put(lines, found, len(old), new.replace("\n", lines.end))


def _put(lines: Lines, found: list[int], length: int, new: str) -> str:
    pieces, at = [], 0
    for index in found:
        pieces += [lines.original[at : lines.position(index)], new]
        at = lines.position(index + length)
    return "".join([*pieces, lines.original[at:]])


def _occurrences(text: str, old: str) -> list[int]:
    found, at = [], text.find(old)
    while at >= 0:
        found.append(at)
        at = text.find(old, at + len(old))
    return found


def _ambiguous(lines: Lines, found: list[int]) -> str:
    numbers = [str(lines.number(index)) for index in found[:_MOST_SHOWN]]
    more = ", …" if len(found) > _MOST_SHOWN else ""
    return (
        f"old_string is there {len(found)} times, on lines {', '.join(numbers)}{more}. Add lines "
        "around it until it is unique, or set replace_all."
    )


def _not_found(text: str, old: str) -> str:
    lead = "old_string is not in the file."
    lines, wanted = text.split("\n"), old.strip("\n").split("\n")
    start = _nearest(lines, wanted)
    if start is None:
        return f"{lead} Nothing in it looks alike; read the file again."
    count = min(len(wanted), _MOST_SHOWN)
    block = lines[start : start + len(wanted)]
    same_words = [line.split() for line in block] == [line.split() for line in wanted]
    hint = " Only the white space differs." if same_words else ""
    shown = "\n".join(f"{start + i + 1}\t{line[:300]}" for i, line in enumerate(block[:count]))
    return f"{lead} The nearest text is this, on line {start + 1}:{hint}\n{shown}"


def _nearest(lines: list[str], wanted: list[str]) -> int | None:
    """The first line of the block that shares most lines with ``wanted``, else of the line that
    is most like its longest one."""
    keys = {line.strip() for line in wanted if line.strip()}
    starts: Counter[int] = Counter()
    places = {line.strip(): index for index, line in reversed(list(enumerate(wanted)))}
    for index, line in enumerate(lines):
        if line.strip() in keys:
            starts[max(0, index - places[line.strip()])] += len(line.strip())
    if starts:
        return starts.most_common(1)[0][0]
    return _alike(lines, max(wanted, key=lambda line: len(line.strip())).strip(), wanted)


def _alike(lines: list[str], longest: str, wanted: list[str]) -> int | None:
    import difflib  # deferred: 5 ms that only a failed edit needs

    stripped = [line.strip()[:300] for line in lines[:_LARGEST_SEARCH]]
    near = difflib.get_close_matches(longest[:300], stripped, n=1, cutoff=0.6)
    if not near:
        return None
    offset = next(i for i, line in enumerate(wanted) if line.strip() == longest)
    return max(0, stripped.index(near[0]) - offset)
