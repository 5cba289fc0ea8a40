"""Pictures are told by their bytes, kept once, and refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.errors import ConfigError
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.pictures import LIMIT_BYTES, media_type, picture

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"RIFF1234WAVE", ""),
        (b"<svg/>", ""),
        (b"", ""),
    ],
)
def test_the_kind_is_told_by_the_bytes(data: bytes, kind: str) -> None:
    assert media_type(data) == kind


def test_a_picture_is_kept_once_and_comes_back(tmp_path: Path) -> None:
    blobs, file = Blobs(tmp_path / "blobs"), tmp_path / "shot.txt"
    file.write_bytes(PNG)
    first, second = picture(file, blobs), picture(file, blobs)
    assert first == second
    assert blobs.read(first.sha256) == PNG
    assert len([p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize(
    ("data", "word"), [(b"words", "no PNG"), (PNG + b"0" * LIMIT_BYTES, "smaller"), (None, "read")]
)
def test_what_cannot_be_sent_is_said(tmp_path: Path, data: bytes | None, word: str) -> None:
    file = tmp_path / "shot.png"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(ConfigError, match=word):
        picture(file, Blobs(tmp_path / "blobs"))
