"""The text of a PDF file's pages. Where a page is a scan there is none, and that is said."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, BinaryIO

from ion_core.messages import Display
from ion_core.tools.base import Outcome, failed
from ion_core.tools.page import MOST_CHARS

if TYPE_CHECKING:
    from pypdf import PdfReader

_LARGEST_BYTES = 100 << 20
_NOTE_ROOM = 200


def pages(file: BinaryIO, offset: int, limit: int, shown: str) -> Outcome:
    """The outcome of reading pages ``offset`` (from 1; negative: from the end) and on."""
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
        texts = _texts(reader, first, min(total, first + limit - 1))
    except Exception as error:  # a broken file meets the parser's errors of every kind
        return failed(f"{shown} could not be read as a PDF file: {error}", shown)
    last = first + len(texts) - 1
    content = "\n".join(texts)
    if last < total:
        content += f"\n[pages {first}–{last} of {total}; go on with offset={last + 1}]"
    summary = f"{len(texts)} of {total} page{'s' * (total != 1)}"
    return Outcome(content=content, display=Display(target=shown, summary=summary))


def _texts(reader: PdfReader, first: int, last: int) -> list[str]:
    """Pages, each under a line with its number, as many as a result may hold."""
    texts: list[str] = []
    room = MOST_CHARS - _NOTE_ROOM
    for number in range(first, last + 1):
        words = reader.pages[number - 1].extract_text().strip()
        text = f"[page {number}]\n{words or '(no text: perhaps a scan)'}"
        if texts and len(text) > room:
            break
        texts.append(text[:room])
        room -= len(text) + 1
    return texts
