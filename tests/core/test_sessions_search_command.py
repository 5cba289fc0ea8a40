"""``ion sessions search``, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, did, said, ticking


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A home whose store has one session."""
    store = await SqliteStore.open(tmp_path / "home" / "sessions.db", clock=ticking())
    bodies = (user("why is it flaky"), said("", "c1"), did("c1", "\x1b[31m zebra sk-canary-123456"))
    await store.create(an_info(), [Append(body=body) for body in bodies])
    await store.aclose()
    return tmp_path / "home"


def search(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ION_HOME": str(home), "CANARY_API_KEY": "sk-canary-123456"}
    return subprocess.run(
        [sys.executable, "-m", "ion_core", "sessions", "search", *words],
        env=env,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_hits_are_json_with_the_entry_and_its_session(home: Path) -> None:
    done = search(home, "flaky", "--json")
    assert done.returncode == 0, done.stderr
    (hit,) = json.loads(done.stdout)["hits"]
    assert set(hit) == {"session", "title", "entry", "branch", "role", "at", "snippet", "score"}
    assert (hit["entry"], hit["role"], hit["snippet"]) == ("e1", "user", "why is it «flaky»")


def test_people_read_neither_escape_sequences_nor_secrets(home: Path) -> None:
    done = search(home, "zebra")
    assert done.returncode == 0, done.stderr
    assert "«zebra»" in done.stdout
    assert "\x1b" not in done.stdout
    assert "canary-123456" not in done.stdout


@pytest.mark.parametrize("query", ['"(NEAR* 🦓', "x" * 10_240, "walrus"])
def test_nothing_found_is_no_failure(home: Path, query: str) -> None:
    done = search(home, query)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Nothing found.\n")


def test_a_limit_below_one_is_a_usage_error(home: Path) -> None:
    assert search(home, "x", "--limit", "0").returncode == 2
