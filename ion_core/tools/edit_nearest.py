"""What a model is told whose old text is not in the file: where it nearly is.

The place is shown with its white space visible, since that is what differs most often.
"""

from __future__ import annotations

from collections import Counter

_LARGEST_SEARCH = 5_000
_MOST_SHOWN = 12
_LONGEST_LINE = 300

_VISIBLE = {"\t": "→", " ": "·", "\u00a0": "⍽", "\u200b": "⟨U+200B⟩", "\r": "␍"}


def not_found(text: str, old: str, new: str = "") -> str:
    """A few lines: that it is not there, what is there instead, and where it first differs."""
    lead = "old_string is not in the file."
    if new.strip() and len(new) > 8 and text.count(new) == 1:
        number = text.count("\n", 0, text.index(new)) + 1
        return f"{lead} new_string is there already, on line {number}."
    lines, wanted = text.split("\n"), old.strip("\n").split("\n")
    start = _nearest(lines, wanted)
    if start is None:
        return f"{lead} Nothing in it looks alike; read the file again."
    block = lines[start : start + len(wanted)]
    same_words = [line.split() for line in block] == [line.split() for line in wanted]
    hint = " Only the white space differs." if same_words else ""
    shown = "\n".join(
        f"{start + i + 1}\t{visible(line[:_LONGEST_LINE])}"
        for i, line in enumerate(block[:_MOST_SHOWN])
    )
    return (
        f"{lead}{hint} The nearest text is this, on line {start + 1} (→ shows a tab, · a space "
        f"at either end):\n{shown}{_first_difference(block, wanted, start)}"
    )


def visible(line: str) -> str:
    """A line whose outer white space, tabs and odd spaces can be seen."""
    core = line.strip(" \t")
    if not core:
        return _marked(line)
    begin = line.index(core)
    inner = "".join(_VISIBLE[c] if c in _VISIBLE and c != " " else c for c in core)
    return _marked(line[:begin]) + inner + _marked(line[begin + len(core) :])


def _marked(blank: str) -> str:
    return "".join(_VISIBLE.get(char, char) for char in blank)


def _first_difference(block: list[str], wanted: list[str], start: int) -> str:
    for index, (own, asked) in enumerate(zip(block, wanted, strict=False)):
        if own != asked and asked.strip():
            number = start + index + 1
            yours = visible(asked[:_LONGEST_LINE])
            return f"\nIt first differs on line {number}, where old_string has:\n\t{yours}"
    return ""


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

    stripped = [line.strip()[:_LONGEST_LINE] for line in lines[:_LARGEST_SEARCH]]
    near = difflib.get_close_matches(longest[:_LONGEST_LINE], stripped, n=1, cutoff=0.6)
    if not near:
        return None
    offset = next(i for i, line in enumerate(wanted) if line.strip() == longest)
    return max(0, stripped.index(near[0]) - offset)
