"""``ion sessions repair`` counts the files that no session names, and removes none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ion_core.messages import Image, Message
from ion_core.sessions.base import Append
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, ticking

INFO = an_info()


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A home with a picture that an entry names and long output of its session."""
    picture = Image(media_type="image/png", sha256=Blobs(tmp_path / "blobs").keep(b"wanted"))
    store = await SqliteStore.open(tmp_path / "sessions.db", clock=ticking())
    await store.create(INFO, [Append(body=Message(role="user", parts=(picture,)))])
    await store.aclose()
    spilt(tmp_path, INFO.id)
    return tmp_path


def spilt(home: Path, session: str) -> None:
    text = home / "cache" / "spill" / session / "call.txt"
    text.parent.mkdir(parents=True)
    text.write_text("long output\n")


def repair(home: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ion_core", "sessions", "repair", *options],
        env={**os.environ, "ION_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_what_a_session_names_is_no_orphan(home: Path) -> None:
    assert repair(home) == f"{home / 'sessions.db'} is whole.\n"
    assert json.loads(repair(home, "--json"))["orphans"] == {"files": 0, "bytes": 0}


def test_a_picture_and_long_output_that_nothing_names_are_counted_and_stay(home: Path) -> None:
    Blobs(home / "blobs").keep(b"forgotten")
    spilt(home, "gone")
    before = sorted(home.glob("blobs/*/*"))
    assert json.loads(repair(home, "--check", "--json"))["orphans"] == {"files": 2, "bytes": 21}
    assert "2 files of pictures" in repair(home)
    assert "ion sessions gc" in repair(home)
    assert sorted(home.glob("blobs/*/*")) == before
    assert (home / "cache" / "spill" / "gone" / "call.txt").exists()


def test_nothing_is_an_orphan_while_a_damaged_database_may_name_it(home: Path) -> None:
    Blobs(home / "blobs").keep(b"forgotten")
    (home / "sessions.db.broken-20250101-000000").write_bytes(b"damaged")
    assert json.loads(repair(home, "--json"))["orphans"] == {"files": 0, "bytes": 0}
