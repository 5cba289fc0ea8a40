"""Text in files: which encoding, which line ends, and back to the very same bytes."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from typing import NamedTuple

SNIFFED_BYTES = 8192

_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROL_SHARE = 0.3

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Encoding(NamedTuple):
    """A codec and the byte order mark before the text. UTF-8 keeps bytes that are no UTF-8 as
    lone surrogates (PEP 383), and gives them back."""

    codec: str
    mark: bytes = b""

    def decode(self, data: bytes) -> str:
        """Text without its mark. Raises ``UnicodeDecodeError`` for damaged UTF-16."""
        return data[len(self.mark) :].decode(self.codec, self._errors)

    def encode(self, text: str) -> bytes:
        """The mark and the text. Raises ``UnicodeEncodeError`` for what the codec cannot say."""
        return self.mark + text.encode(self.codec, self._errors)

    @property
    def _errors(self) -> str:
        return "surrogateescape" if self.codec == "utf-8" else "strict"


def encoding_of(start: bytes) -> Encoding | None:
    """The encoding of a file by its first bytes; None when they are not text."""
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return Encoding(codec, mark)
    if b"\0" in start[:SNIFFED_BYTES]:
        return _unmarked_utf16(start[:SNIFFED_BYTES])
    if len(_CONTROLS.findall(start[:SNIFFED_BYTES])) > _CONTROL_SHARE * min(
        len(start), SNIFFED_BYTES
    ):
        return None
    if not _is_utf8(start):
        from ion_core.tools.legacy import legacy_codec  # start-up: most files are UTF-8

        return Encoding(legacy_codec(start))
    return Encoding("utf-8")


def _is_utf8(start: bytes) -> bool:
    """Whether these are the first bytes of UTF-8, perhaps cut within a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _unmarked_utf16(start: bytes) -> Encoding | None:
    """UTF-16 of mostly Latin text without a mark: every other byte is NUL, and none else."""
    even, odd = start[0::2], start[1::2]
    for codec, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(start) >= 4 and 0 not in low and high.count(0) * 10 >= len(high) * 7:
            return Encoding(codec)
    return None


class Lines:
    """A text seen with ``\\n`` line ends only, and the way back to its own positions."""

    def __init__(self, original: str) -> None:
        self.original = original
        self.text = original.replace("\r\n", "\n")
        self._doubled = _doubled(original) if "\r\n" in original else []

    @property
    def end(self) -> str:
        """The line end that most lines have."""
        alone = self.text.count("\n") - len(self._doubled)
        return "\r\n" if len(self._doubled) > alone else "\n"

    def position(self, index: int) -> int:
        """Where the character at ``index`` of ``text`` begins in ``original``."""
        return index + bisect_left(self._doubled, index)

    def number(self, index: int) -> int:
        """The line, from 1, that ``index`` of ``text`` is on."""
        return self.text.count("\n", 0, index) + 1


def _doubled(original: str) -> list[int]:
    """Where, in the text with ``\\n`` only, the line ends are that were ``\\r\\n``."""
    found: list[int] = []
    at = original.find("\r\n")
    while at >= 0:
        found.append(at - len(found))
        at = original.find("\r\n", at + 2)
    return found
