"""``ion sessions gc`` and ``list --archived``, as processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ion_core.messages import user
from ion_core.sessions.base import Append, Change
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info

DAY = 86_400.0


@pytest.fixture
async def home(ion_home: Path) -> Path:
    """A home with one session of today, one of long ago, and one in the trash since long ago."""
    for name, days in (("new", 0), ("old", 100), ("gone", 40)):
        then = time.time() - days * DAY
        store = await SqliteStore.open(ion_home / "sessions.db", clock=lambda then=then: then)
        info = an_info(name)
        await store.create(info, [Append(body=user(f"the {name} one"))])
        if name == "gone":
            await store.commit(info.id, Change(deleted=True))
        await store.aclose()
    return ion_home


def sessions(cwd: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ion_core", "sessions", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(cwd: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sessions(cwd, "gc", "--json", *words))
    return found


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["session"] for row in rows]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(home: Path, tmp_path: Path) -> None:
    for _ in range(2):
        found = told(tmp_path, "--dry-run")
        assert found["dry_run"] is True
        assert (ids(found["archived"]), ids(found["deleted"])) == (["old"], ["gone"])
    prose = sessions(tmp_path, "gc", "--dry-run")
    assert "Would be archived: 1" in prose
    assert "the old one" in prose


def test_what_is_old_leaves_the_list_and_the_trash_is_emptied(home: Path, tmp_path: Path) -> None:
    found = told(tmp_path)
    assert (ids(found["archived"]), ids(found["deleted"])) == (["old"], ["gone"])
    listed = json.loads(sessions(tmp_path, "list", "--all", "--json"))
    archived = json.loads(sessions(tmp_path, "list", "--all", "--archived", "--json"))
    assert (ids(listed), ids(archived)) == (["new"], ["old"])
    assert "Nothing is due." in sessions(tmp_path, "gc")


def test_the_settings_are_obeyed(home: Path, tmp_path: Path) -> None:
    (home / "config.toml").write_text("[sessions]\narchive_after_days = 0\n")
    assert told(tmp_path, "--dry-run")["archived"] == []
