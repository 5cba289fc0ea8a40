"""The patch envelope as text: ``*** Begin Patch``, sections of files, ``*** End Patch``.

The form is the one that OpenAI's models were trained on (github.com/openai/codex,
``apply_patch``). What surrounds it out of habit, a code fence or a here-document, is passed over; a
patch without its end was cut off and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

BEGIN, END = "*** Begin Patch", "*** End Patch"
_SECTION = re.compile(r"\*\*\* (Add|Delete|Update) File: (.+)")
_MOVE, _END_OF_FILE = "*** Move to: ", "*** End of File"
_RANGE = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@ ?")


class BadPatch(Exception):
    """The text is no patch. ``str(error)`` says what is wrong, and on which of its lines."""


class Hunk(NamedTuple):
    """One change within a file: ``old`` lines become ``new`` ones, after each of the ``anchors``
    in turn, and at the end of the file where that is said."""

    anchors: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    at_end: bool


class Add(NamedTuple):
    """A file that is made."""

    path: str
    text: str


class Delete(NamedTuple):
    """A file that goes."""

    path: str


class Update(NamedTuple):
    """A file that changes, moves, or both; ``move_to`` is empty for one that stays."""

    path: str
    move_to: str
    hunks: tuple[Hunk, ...]


Section: TypeAlias = Add | Delete | Update


def parsed(patch: str) -> tuple[Section, ...]:
    """The sections of a patch, or of several, one after another; at least one. Raises
    :class:`BadPatch`."""
    lines = patch.replace("\r\n", "\n").split("\n")
    sections: list[Section] = []
    for start, end in _envelopes(lines):
        sections += _sections(lines, start, end)
    if not sections:
        raise BadPatch("the patch changes no file")
    return tuple(sections)


def _envelopes(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Where the lines of each patch are. The end is written as far to the right as the beginning:
    a line of a file that says the same has a sign before it."""
    begins = [number for number, line in enumerate(lines) if line.strip() == BEGIN]
    if not begins:
        raise BadPatch(f"a patch begins with {BEGIN!r}")
    end = -1
    for begin in begins:
        indent = lines[begin].partition(BEGIN)[0]
        if begin < end:
            continue  # a line of a file
        closing = (i for i in range(begin + 1, len(lines)) if lines[i].rstrip() == indent + END)
        end = next(closing, -1)
        if end < 0:
            raise BadPatch(
                f"the patch does not end with {END!r}: it was cut off, and nothing was done"
            )
        yield begin + 1, end


def touched(patch: str) -> list[str]:
    """Every path that a patch names, also where files move to; none for what is no patch."""
    try:
        sections = parsed(patch)
    except BadPatch:
        return []
    moves = [section.move_to for section in sections if isinstance(section, Update)]
    return list(dict.fromkeys(filter(None, (*(section.path for section in sections), *moves))))


def _sections(lines: list[str], at: int, end: int) -> Iterator[Section]:
    while at < end:
        if not lines[at].strip():
            at += 1
            continue
        head = _SECTION.match(lines[at].strip())
        if head is None:
            raise BadPatch(
                f"line {at + 1} is {lines[at][:80]!r}; expected *** Add File: PATH, "
                "*** Update File: PATH or *** Delete File: PATH"
            )
        stop = next((i for i in range(at + 1, end) if _SECTION.match(lines[i])), end)
        yield _section(head[1], head[2].strip(), lines, at + 1, stop)
        at = stop


def _section(kind: str, path: str, lines: list[str], at: int, end: int) -> Section:
    if kind == "Delete":
        if any(line.strip() for line in lines[at:end]):
            raise BadPatch(f"line {at + 1}: nothing may follow *** Delete File")
        return Delete(path)
    if kind == "Add":
        return Add(path, _added(lines, at, end))
    move_to = ""
    if at < end and lines[at].startswith(_MOVE):
        move_to, at = lines[at][len(_MOVE) :].strip(), at + 1
    hunks = tuple(_hunks(lines, at, end))
    if not hunks and not move_to:
        raise BadPatch(f"line {at}: the update of {path} has no lines")
    return Update(path, move_to, hunks)


def _added(lines: list[str], at: int, end: int) -> str:
    while end > at and not lines[end - 1]:
        end -= 1
    for number in range(at, end):
        if not lines[number].startswith("+"):
            raise BadPatch(f"line {number + 1}: each line of an added file begins with +")
    return "".join(f"{line[1:]}\n" for line in lines[at:end])


def _hunks(lines: list[str], at: int, end: int) -> Iterator[Hunk]:
    while at < end:
        anchors = []
        while at < end and lines[at].startswith("@@"):
            anchors.append(_anchor(lines[at]))
            at += 1
        stop = next((i for i in range(at, end) if lines[i].startswith("@@")), end)
        body = lines[at:stop]
        while body and not body[-1]:
            body.pop()  # between the sections, not of the file
        at_end = bool(body) and body[-1].strip() == _END_OF_FILE
        if body:
            yield _hunk(tuple(filter(None, anchors)), body[: len(body) - at_end], at_end, at)
        at = stop


def _anchor(line: str) -> str:
    """What stands behind ``@@``; line numbers, which models guess, count for nothing."""
    if _RANGE.match(line):
        return ""
    return line.removeprefix("@@").strip().removesuffix("@@").strip()


def _hunk(anchors: tuple[str, ...], body: list[str], at_end: bool, start: int) -> Hunk:
    old, new = [], []
    for number, line in enumerate(body, start + 1):
        sign, text = line[:1] or " ", line[1:]
        if sign not in " +-":
            raise BadPatch(
                f"line {number} is {line[:80]!r}; a line of an update begins with a space, + or -"
            )
        old += [text] * (sign != "+")
        new += [text] * (sign != "-")
    if old == new:
        raise BadPatch(f"line {start + 1}: this part of the update changes nothing")
    return Hunk(anchors, tuple(old), tuple(new), at_end)
