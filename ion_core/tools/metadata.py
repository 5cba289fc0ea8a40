"""What a model is told of a file that is no text: its kind, its size, and how it begins."""

from __future__ import annotations

import os
import time
from typing import BinaryIO

from ion_core.messages import Display
from ion_core.tools.base import Outcome

_SHOWN_BYTES, _ROW = 256, 16

_KINDS = (
    (b"\x7fELF", "an ELF program or library"),
    (b"PK\x03\x04", "a ZIP archive (also jar, docx, xlsx, whl)"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xca\xfe\xba\xbe", "a Java class or a Mach-O program"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"MZ", "a Windows program or library"),
    (b"\0asm", "WebAssembly"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"OggS", "Ogg sound or video"),
    (b"ID3", "MP3 sound"),
    (b"wOF", "a web font"),
    (b"\0\1\0\0", "a TrueType font"),
)


def described(file: BinaryIO, start: bytes, shown: str) -> Outcome:
    """The outcome of reading a file that begins with ``start``."""
    status = os.fstat(file.fileno())
    kind = next((words for begin, words in _KINDS if start.startswith(begin)), "")
    changed = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.st_mtime))
    size = f"{status.st_size:,} byte{'s' * (status.st_size != 1)}"
    content = (
        f"{shown} is not text ({size}{f'; {kind}' if kind else ''}; changed {changed}). "
        f"It begins:\n{_dump(start[:_SHOWN_BYTES])}"
    )
    return Outcome(content=content, display=Display(target=shown, summary=f"not text, {size}"))


def _dump(data: bytes) -> str:
    rows = []
    for at in range(0, len(data), _ROW):
        row = data[at : at + _ROW]
        seen = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        rows.append(f"{at:04x}  {row.hex(' '):<{3 * _ROW}} {seen}")
    return "\n".join(rows)
