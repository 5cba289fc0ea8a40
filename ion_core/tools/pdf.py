"""The pages of a PDF file: their text, and pictures of those that have none or were asked for.

A picture is made of a page without text, as of a scan, and of every page when so few are asked for
that all can be shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias

from ion_core.messages import Display, Image
from ion_core.tools.base import Outcome, failed
from ion_core.tools.page import MOST_CHARS

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PICTURES = 4
_LARGEST_BYTES = 100 << 20
_NOTE_ROOM = 400

Keep: TypeAlias = Callable[[bytes], Image]


class Sheet(NamedTuple):
    """A page by its number, from 1, and its text."""

    number: int
    text: str


def pages(file: BinaryIO, offset: int, limit: int, shown: str, keep: Keep | None = None) -> Outcome:
    """The outcome of reading pages ``offset`` (from 1; negative: from the end) and on. ``keep``
    keeps a picture; without it there are none."""
    if file.seek(0, 2) > _LARGEST_BYTES:
        return failed(f"{shown} is a PDF file of more than 100 MB; take it apart with bash.", shown)
    file.seek(0)
    # Deferred: 0.2 s that only a PDF file needs.
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings would go to the screen
    try:
        reader = PdfReader(file)
        total = len(reader.pages)
        first = max(1, total + 1 + offset) if offset < 0 else offset or 1
        if first > total:
            return failed(f"{shown} has {total} pages; offset {first} is past them.", shown)
        sheets = _sheets(reader, first, min(total, first + limit - 1))
    except Exception as error:  # a broken file meets the parser's errors of every kind
        return failed(f"{shown} could not be read as a PDF file: {error}", shown)
    pictures = _pictures(file, sheets, limit, keep)
    return _outcome(shown, sheets, total, pictures)


def _sheets(reader: PdfReader, first: int, last: int) -> list[Sheet]:
    """Pages and their text, as many as a result may hold."""
    sheets: list[Sheet] = []
    room = MOST_CHARS - _NOTE_ROOM
    for number in range(first, last + 1):
        text = reader.pages[number - 1].extract_text().strip()
        size = len(text) + len(f"[page {number}]\n(no text: it is picture 4)\n")
        if sheets and size > room:
            break
        sheets.append(Sheet(number, text[:room]))
        room -= size
    return sheets


def _pictures(
    file: BinaryIO, sheets: Sequence[Sheet], limit: int, keep: Keep | None
) -> dict[int, Image]:
    """Pictures by the number of their page, in order."""
    wanted = [sheet.number for sheet in sheets if limit <= MOST_PICTURES or not sheet.text]
    if keep is None or not wanted:
        return {}
    from ion_core.tools.pdf_picture import drawn  # deferred: a library that few files need

    return drawn(file, wanted[:MOST_PICTURES], keep)


def _outcome(
    shown: str, sheets: Sequence[Sheet], total: int, pictures: dict[int, Image]
) -> Outcome:
    places = {number: place for place, number in enumerate(pictures, 1)}
    lines = [_described(sheet, places.get(sheet.number)) for sheet in sheets]
    blank = [sheet.number for sheet in sheets if not sheet.text and sheet.number not in pictures]
    if pictures and blank:
        lines.append(f"[to see more pages: offset={blank[0]}, limit={MOST_PICTURES}]")
    last = sheets[-1].number
    if last < total:
        lines.append(f"[pages {sheets[0].number}–{last} of {total}; go on with offset={last + 1}]")
    summary = f"{len(sheets)} of {total} page{'s' * (total != 1)}"
    if pictures:
        summary += f", {len(pictures)} as picture{'s' * (len(pictures) != 1)}"
    return Outcome(
        content="\n".join(lines),
        images=tuple(pictures.values()),
        display=Display(target=shown, summary=summary),
    )


def _described(sheet: Sheet, picture: int | None) -> str:
    """A page under a line with its number."""
    if sheet.text:
        also = f"; it is also picture {picture}" if picture else ""
        return f"[page {sheet.number}{also}]\n{sheet.text}"
    instead = f"it is picture {picture}" if picture else "perhaps a scan"
    return f"[page {sheet.number}]\n(no text: {instead})"
