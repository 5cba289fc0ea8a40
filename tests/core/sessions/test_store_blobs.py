"""Bytes that are kept by their sum: the same are one file, damaged ones are never given back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ion_core.errors import StoreError
from ion_core.sessions.blobs import Blobs


def test_the_same_bytes_are_one_file_and_come_back(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    first, second = blobs.keep(b"one", durable=False), blobs.keep(b"one")
    assert first == second
    assert blobs.read(first) == b"one"
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 1


def test_what_was_damaged_on_the_disk_is_not_given_back(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    sha256 = blobs.keep(b"whole")
    torn = tmp_path / "blobs" / sha256[:2] / sha256
    os.truncate(torn, 3)
    with pytest.raises(OSError, match="damaged"):
        blobs.read(sha256)


def test_where_nothing_can_be_kept_a_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(StoreError, match="could not be kept"):
        Blobs(tmp_path / "blobs").keep(b"x")
    with pytest.raises(OSError, match="no SHA-256"):
        Blobs(tmp_path / "blobs").read("../../etc/passwd")
