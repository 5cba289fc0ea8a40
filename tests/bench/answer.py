"""The long answer: Markdown of every common kind, the same in every run.

Prose with emphasis and inline code, headings, lists, quotes, tables and code in three languages,
in the proportions of an answer that explains a program. The last line is :data:`LAST`.
"""

from __future__ import annotations

from itertools import cycle, islice

LAST = "The-very-last-line-of-the-answer."

_BLOCKS = (
    ("## Part {n}: how the *reader* finds its place", ""),
    (
        "The reader keeps **two** numbers, `start` and `stop`, and moves the first at a line end.",
        "Everything between them was read but not yet understood, which is why block {n} may grow",
        "until a line end comes; a limit of 32 MB keeps a broken server from filling the memory.",
        "",
    ),
    (
        "```python",
        "def read_{n}(source: bytes, start: int = 0) -> list[str]:",
        '    """The whole lines of ``source`` after ``start``."""',
        "    lines: list[str] = []",
        '    while (stop := source.find(b"\\n", start)) >= 0:',
        '        lines.append(source[start:stop].decode("utf-8", "replace"))',
        "        start = stop + 1",
        "    return lines",
        "```",
        "",
    ),
    (
        "- first, look for the line end from `start`;",
        "- then cut, decode and keep the line:",
        "  - an empty line ends an event,",
        "  - a line that begins with a colon is a comment;",
        "- at last, move `start` behind it.",
        "",
    ),
    (
        "| step | reads | keeps | note |",
        "|:-----|------:|------:|------|",
        "| {n} | 4,096 | 120 | the usual chunk |",
        "| next | 65,536 | 9 | a burst |",
        "| last | 17 | 17 | no line end |",
        "",
    ),
    ("> A chunk is not a line, and a line is not an event. Part {n} relies on that.", ""),
    (
        "1. Run `make check`.",
        "2. Read what it says about part {n}.",
        "3. Repeat until it is silent.",
        "",
    ),
    (
        "```json",
        '{{"part": {n}, "lines": [1, 2, 3], "note": "café, 東京, ✓", "open": false}}',
        "```",
        "",
    ),
    ("```sh", 'for file in part-{n}-*.txt; do wc -l "$file"; done | sort -n', "```", ""),
)


def long_answer(lines: int = 5_000) -> str:
    """Markdown of exactly ``lines`` lines, with :data:`LAST` as a paragraph at its end."""
    body: list[str] = []
    for number, block in enumerate(islice(cycle(_BLOCKS), lines), start=1):
        if len(body) + len(block) > lines - 2:
            break
        body += [line.format(n=number) for line in block]
    body += ["The end is near."] * (lines - 2 - len(body))
    return "\n".join([*body, "", LAST])
