"""Pages of a PDF file, drawn as PNG pictures of a size that models look at whole."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from ion_core.errors import ConfigError
from ion_core.messages import Image

_SIDES = (1568, 1092, 768)
"""Pixels of the longer side: what models see without shrinking it (Anthropic's "Vision" page,
November 2026), and what is tried when that makes too large a file."""

_ALONE = threading.Lock()  # PDFium is one library for the process, and not made for threads


def drawn(
    file: BinaryIO, numbers: Sequence[int], keep: Callable[[bytes], Image]
) -> dict[int, Image]:
    """The pages with these numbers, from 1, each kept. A page that cannot be drawn, or only as
    too large a picture, is left out. Raises what ``keep`` raises but ``ConfigError``."""
    import pypdfium2  # type: ignore[import-untyped]  # it has no types

    found: dict[int, Image] = {}
    with _ALONE:
        file.seek(0)
        try:
            document = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError:
            return {}
        try:
            for number in numbers:
                image = _kept(document, number - 1, keep)
                if image is not None:
                    found[number] = image
        finally:
            document.close()
    return found


def _kept(document: Any, index: int, keep: Callable[[bytes], Image]) -> Image | None:
    import pypdfium2

    for side in _SIDES:
        try:
            return keep(_png(document[index], side))
        except ConfigError:
            continue  # too large: smaller
        except (pypdfium2.PdfiumError, ValueError, MemoryError):
            return None
    return None


def _png(page: Any, side: int) -> bytes:
    """A page as PNG (third edition): 8 bits of red, green and blue, no filter."""
    scale = side / max(*page.get_size(), 1.0)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    try:
        pixels, width, height = memoryview(bitmap.buffer).cast("B"), bitmap.width, bitmap.height
        channels, stride = bitmap.n_channels, bitmap.stride
        rows = (
            bytes(pixels[at : at + width * channels]) for at in range(0, stride * height, stride)
        )
        data = b"".join(b"\0" + _rgb(row, channels) for row in rows)
    finally:
        bitmap.close()
        page.close()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(data, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _rgb(row: bytes, channels: int) -> bytes:
    """A row without what is no colour."""
    if channels == 3:
        return row
    if channels == 1:
        return b"".join(bytes((grey, grey, grey)) for grey in row)
    colours = bytearray(len(row) // 4 * 3)
    for place in range(3):
        colours[place::3] = row[place::4]
    return bytes(colours)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
