"""What stands at a path is put back whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from ion_core.sessions.blobs import Blobs
from ion_core.sessions.file_states import LARGEST, NOTHING, State, look, put_back


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def roots(tmp_path: Path) -> tuple[str]:
    (tmp_path / "ws").mkdir()
    return (str((tmp_path / "ws").resolve()),)


def test_a_file_comes_back_with_its_mode(tmp_path: Path, blobs: Blobs) -> None:
    inside = roots(tmp_path)
    file = tmp_path / "ws/deep/run"
    file.parent.mkdir()
    file.write_bytes(b"\0\xff")
    file.chmod(0o751)
    state = look(str(file), blobs)
    file.unlink()
    file.parent.rmdir()
    assert put_back(str(file), state, blobs, inside) == ""
    assert look(str(file)) == state


def test_a_link_is_no_way_out(tmp_path: Path, blobs: Blobs) -> None:
    inside = roots(tmp_path)
    (tmp_path / "ws/away").symlink_to(tmp_path)
    state = State("file", bytes.fromhex(blobs.keep(b"new")), 0o600)
    assert "not followed" in put_back(f"{inside[0]}/away/f", state, blobs, inside)
    assert "outside" in put_back(str(tmp_path / "f"), state, blobs, inside)
    assert not (tmp_path / "f").exists()


def test_what_cannot_be_read_again_leaves_the_file_whole(tmp_path: Path, blobs: Blobs) -> None:
    inside = roots(tmp_path)
    file = tmp_path / "ws/f"
    file.write_text("old\n")
    lost = replace(look(str(file)), digest=b"\1" * 32)
    assert put_back(str(file), lost, blobs, inside) != ""
    assert file.read_text() == "old\n"
    assert [each.name for each in (tmp_path / "ws").iterdir()] == ["f"]


def test_a_folder_that_holds_something_stays(tmp_path: Path, blobs: Blobs) -> None:
    inside = roots(tmp_path)
    (tmp_path / "ws/d").mkdir()
    (tmp_path / "ws/d/mine").write_text("mine\n")
    assert "not empty" in put_back(f"{inside[0]}/d", NOTHING, blobs, inside)
    assert (tmp_path / "ws/d/mine").exists()


def test_a_file_that_is_too_large_is_not_kept(tmp_path: Path, blobs: Blobs) -> None:
    (tmp_path / "large").write_bytes(b"0" * (LARGEST + 1))
    assert look(str(tmp_path / "large"), blobs).kind == "unkept"
    assert not (tmp_path / "blobs").exists()
