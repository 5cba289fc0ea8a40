"""Pictures that people send: which files are some, and which are too large.

The kind is told by a file's first bytes, never by its name. Sizes are what every vendor accepts
(5 MB of base64 at Anthropic, November 2026).
"""

from __future__ import annotations

from pathlib import Path

from ion_core.errors import ConfigError
from ion_core.messages import Image
from ion_core.sessions.blobs import Blobs

LIMIT_BYTES = 5_000_000 * 3 // 4
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def media_type(data: bytes) -> str:
    """The kind of picture that ``data`` is, "" for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in _BEGINNINGS if data.startswith(begin)), "")


def picture(path: Path, blobs: Blobs) -> Image:
    """The picture in a file, kept. Raises ``ConfigError`` for what is none, or is too large, and
    ``StoreError`` when it cannot be kept."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    return kept(data, str(path), blobs)


def kept(data: bytes, path: str, blobs: Blobs) -> Image:
    """The picture that ``data`` is, kept; ``path`` names it in what is raised, as above."""
    kind = media_type(data)
    if not kind:
        raise ConfigError(f"{path} is no PNG, JPEG, GIF or WebP picture.")
    if len(data) > LIMIT_BYTES:
        raise ConfigError(
            f"{path} has {len(data) / 1e6:.1f} MB; models take {LIMIT_BYTES / 1e6:.2f} MB at most. "
            "Make it smaller."
        )
    return Image(media_type=kind, sha256=blobs.keep(data))
