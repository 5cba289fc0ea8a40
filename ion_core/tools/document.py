"""A text file that a tool changes: read whole, checked, and put back in its own encoding.

Bytes that stand for text that did not change are the same afterwards.
"""

from __future__ import annotations

import os
from pathlib import Path

from ion_core.tools.files import open_regular, replace_file
from ion_core.tools.seen import Seen
from ion_core.tools.text import Encoding, encoding_of

LARGEST_BYTES = 32 << 20
HALF = "The text holds half a character (a lone surrogate)."


class NotText(Exception):
    """The file cannot be changed as text. ``str(error)`` says why."""


class Document:
    """A text file as it was when it was read. ``status`` is None for one that is not there."""

    def __init__(
        self, path: Path, shown: str, status: os.stat_result | None, data: bytes, encoding: Encoding
    ) -> None:
        self.path, self.shown, self.status = path, shown, status
        self.data, self.encoding = data, encoding
        try:
            self.text = encoding.decode(data)
        except UnicodeError as error:
            raise NotText(f"{shown} is damaged {encoding.codec}; change it with bash.") from error

    @classmethod
    def read(cls, path: Path, shown: str) -> Document:
        """The file at ``path``. Raises ``OSError``, ``PathRefused`` and :class:`NotText`."""
        with open_regular(path) as file:
            status = os.fstat(file.fileno())
            data = file.read(LARGEST_BYTES + 1)
        encoding = encoding_of(data)
        if encoding is None or len(data) > LARGEST_BYTES:
            raise NotText(f"{shown} is not text, or is larger than 32 MB; change it with bash.")
        return cls(path, shown, status, data, encoding)

    @classmethod
    def unread(cls, path: Path, shown: str) -> Document:
        """A file that is no text and is not to be changed; its content is nothing here. Raises
        ``OSError``, ``PathRefused`` and, for one larger than is read, :class:`NotText`."""
        with open_regular(path) as file:
            status, data = os.fstat(file.fileno()), file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise NotText(f"{shown} is larger than 32 MB; change it with bash.")
        made = cls(path, shown, status, b"", Encoding("utf-8"))
        made.data = data
        return made

    @classmethod
    def new(cls, path: Path, shown: str) -> Document:
        """A file that is to be made, in UTF-8."""
        return cls(path, shown, None, b"", Encoding("utf-8"))

    def check(self, seen: Seen) -> None:
        """Raises ``Stale`` when it is not what the session has seen last."""
        if self.status is not None:
            seen.check(self.path, self.status, self.data, self.text, self.shown)

    def encoded(self, text: str) -> bytes:
        """The bytes of ``text`` in this file. Raises :class:`NotText` for what it cannot hold."""
        try:
            return self.encoding.encode(text)
        except UnicodeEncodeError as error:
            char = text[error.start : error.start + 1]
            if "\ud800" <= char <= "\udfff":
                raise NotText(HALF) from error
            codec = self.encoding.codec
            sentence = f"Nothing was changed: {self.shown} is {codec}, which has no {char!r}."
            raise NotText(sentence) from error

    def replace(self, text: str, seen: Seen) -> None:
        """Put ``text`` in its place, durably, and note that the session knows it. Raises
        ``OSError``, ``FileChanged`` and :class:`NotText`."""
        data = self.encoded(text)
        replace_file(self.path, data, self.status)
        seen.note(self.path, os.stat(self.path), data, text)
