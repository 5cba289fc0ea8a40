"""The ranks that tiktoken counts by, put where it finds them without a network.

They travel inside the package, compressed (``ranks/``), and are unpacked once into a folder of
their own, under the name that tiktoken's cache gives to what it would otherwise download.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from ion_core.config.atomic import replace_file
from ion_core.config.paths import private_folder

ENCODING = "o200k_base"
SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""Of the unpacked ranks, as tiktoken itself demands it."""

_PACKED = Path(__file__).parent / "ranks" / f"{ENCODING}.tiktoken.gz"
_PUBLIC = f"https://openaipublic.blob.core.windows.net/encodings/{ENCODING}.tiktoken"


def unpacked(folder: Path) -> Path:
    """The ranks as a file of ``folder`` (made when absent): whole, and exactly those of SHA256.

    Raises ``OSError`` when they cannot be read or written, ``ValueError`` when the packed ones
    are not what they should be.
    """
    file = folder / hashlib.sha1(_PUBLIC.encode(), usedforsecurity=False).hexdigest()
    if file.exists() and _sound(file.read_bytes()):
        return file
    data = gzip.decompress(_PACKED.read_bytes())
    if not _sound(data):
        raise ValueError(f"{_PACKED}: these are not the ranks of {ENCODING}")
    private_folder(folder)
    replace_file(file, data, 0o600)
    return file


def _sound(data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == SHA256
