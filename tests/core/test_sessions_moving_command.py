"""``ion sessions export`` and ``import``, as people call them."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ion_core.ids import SessionId
from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, did, said


def ion(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ION_HOME": str(home), "HOME": "/home/somebody"}
    command = [sys.executable, "-m", "ion_core", "sessions", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def session(tmp_path: Path) -> SessionId:
    async def made() -> SessionId:
        store, info = await SqliteStore.open(tmp_path / "one" / "sessions.db"), an_info()
        words = "Use /home/somebody/x with sk-ant-REDACTED, please"
        bodies = [user(words), said("Yes.", "c1"), did("c1"), said("Done.")]
        await store.create(info, [Append(body=body) for body in bodies])
        await store.aclose()
        return info.id

    return asyncio.run(made())


def test_a_session_moves_to_another_home(session: SessionId, tmp_path: Path) -> None:
    one, two, file = tmp_path / "one", tmp_path / "two", tmp_path / "s.jsonl"
    sent = ion(one, "export", session[:30], "--format", "jsonl", "--output", str(file))
    assert (sent.returncode, sent.stderr) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = json.loads(ion(two, "import", str(file), "--json").stdout)
    assert (first["session"], first["entries"], first["skipped"]) == (session, 4, 0)
    assert json.loads(ion(two, "import", str(file), "--json").stdout)["entries"] == 0
    shown = [json.loads(ion(home, "show", session, "--json").stdout) for home in (one, two)]
    told = [[(row["role"], row["text"]) for row in each["entries"]] for each in shown]
    assert told[0] == told[1]
    assert len(told[0]) == 4


def test_the_same_lines_go_to_standard_output(session: SessionId, tmp_path: Path) -> None:
    sent = ion(tmp_path / "one", "export", session)
    lines = [json.loads(line) for line in sent.stdout.splitlines()]
    assert lines[0]["ion"] == 1
    assert lines[0]["session"]["id"] == session
    assert [line["line"] for line in lines[1:]] == ["entry"] * 4


@pytest.mark.parametrize("ending", ["jsonl", "md", "html"])
def test_redacting_leaves_out_tokens_and_the_home_folder(
    session: SessionId, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"s.{ending}"
    told = ion(tmp_path / "one", "export", session, "--redact", "--json", "--output", str(file))
    assert json.loads(told.stdout) == {
        "session": session,
        "file": str(file),
        "entries": 4,
        "missing": 0,
    }
    words = file.read_text()
    assert "sk-ant" not in words
    assert "somebody" not in words
    assert "[key]" in words


@pytest.mark.parametrize(("ending", "has"), [("jsonl", True), ("md", False), ("html", False)])
def test_what_people_read_has_no_keys_and_what_is_imported_has_all(
    session: SessionId, tmp_path: Path, ending: str, has: bool
) -> None:
    file = tmp_path / f"s.{ending}"
    assert ion(tmp_path / "one", "export", session, "--output", str(file)).returncode == 0
    words = file.read_text()
    assert ("sk-ant" in words) is has
    assert "somebody" in words


def test_a_file_that_is_there_stays(session: SessionId, tmp_path: Path) -> None:
    file = tmp_path / "s.md"
    file.write_text("mine")
    refused = ion(tmp_path / "one", "export", session, "--output", str(file))
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert file.read_text() == "mine"
    assert ion(tmp_path / "one", "export", session, "--output", str(file), "--force").stderr == ""
    assert file.read_text().startswith("# Use")


def test_a_file_of_no_known_format_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello")
    assert ion(tmp_path / "one", "import", str(file)).returncode == 2
    assert ion(tmp_path / "one", "import", str(tmp_path / "nothing")).returncode == 2


def test_a_path_is_chosen_by_its_ends(session: SessionId, tmp_path: Path) -> None:
    home = tmp_path / "one"
    rows = json.loads(ion(home, "show", session, "--json").stdout)["entries"]
    first, last = rows[1]["id"], rows[2]["id"]
    sent = ion(home, "export", session, "--format", "md", "--from", first, "--to", last)
    assert "Yes." in sent.stdout
    assert "Done." not in sent.stdout
    assert "please" not in sent.stdout.partition("## ")[2]
    refused = ion(home, "export", session, "--from", first)
    assert refused.returncode == 2
    assert "--from goes with --format md and html" in refused.stderr
    unknown = ion(home, "export", session, "--branch", "nowhere")
    assert (unknown.returncode, "There are: main." in unknown.stderr) == (1, True)
