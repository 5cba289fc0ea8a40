"""``ion sessions`` and a session's tree, as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ion_core.ids import SessionId
from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, did, said, ticking

INFO = an_info()


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A home whose session has two branches, ``main`` and ``main~2``."""
    store = await SqliteStore.open(tmp_path / "home" / "sessions.db", clock=ticking())
    first = (user("write it"), said("I look", "c1"), did("c1", "here"), said("done"))
    entries = await store.create(INFO, [Append(body=body) for body in first])
    await store.commit(INFO.id, MoveHead(to=entries[2].id), Append(body=said("otherwise \x1b[31m")))
    await store.aclose()
    return tmp_path / "home"


def ion(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ion_core", "sessions", *words],
        env={**os.environ, "ION_HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(home: Path, *words: str) -> Any:
    done = ion(home, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_tree_is_drawn_with_its_branches(home: Path) -> None:
    lines = ion(home, "tree", INFO.id).stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["e1", "user"],
        ["e2", "assistant"],
        ["e3", "tool"],
        ["e4", "assistant"],
        ["e5", "assistant"],
    ]
    assert lines[0].startswith("e1")
    assert lines[3].startswith("  e4")
    assert "(main)" in lines[3]
    assert "(*main~2)" in lines[4]
    assert "\x1b" not in lines[4]
    nodes = told(home, "tree", INFO.id)["nodes"]
    assert [(node["id"], node["parent"]) for node in nodes][-2:] == [("e4", "e3"), ("e5", "e3")]
    assert nodes[1]["text"] == "I look"
    assert nodes[1]["tools"] == ["bash"]


def test_a_branch_is_named_and_gone_back_to(home: Path) -> None:
    assert told(home, "branch", INFO.id, "main~2", "the bold one")["branch"] == "the bold one"
    told(home, "switch", INFO.id, "main")
    branches = told(home, "branches", INFO.id)["branches"]
    assert [(b["name"], b["tip"], b["active"]) for b in branches] == [
        ("main", "e4", True),
        ("the bold one", "e5", False),
    ]
    assert told(home, "show", INFO.id)["entries"][-1]["text"] == "done"
    wrong = ion(home, "switch", INFO.id, "nowhere")
    assert wrong.returncode == 1
    assert "no branch nowhere. There are: main, the bold one." in wrong.stderr
    taken = ion(home, "branch", INFO.id, "main", "the bold one")
    assert taken.returncode == 1
    assert "already a branch" in taken.stderr


def test_a_fork_is_a_session_of_its_own(home: Path) -> None:
    before = told(home, "tree", INFO.id)
    forked = told(home, "fork", INFO.id, "--at", "e2", "--name", "Another way")
    assert told(home, "tree", INFO.id) == before
    shown = told(home, "show", forked["session"])
    assert [entry["text"] for entry in shown["entries"]] == ["write it", "I look"]
    assert (shown["title"], shown["parent"], shown["parent_entry"]) == (
        "Another way",
        INFO.id,
        "e2",
    )
    assert (shown["kind"], shown["cost_usd"]) == ("fork", 0)
    gone = ion(home, "fork", INFO.id, "--at", "e99")
    assert gone.returncode == 1
    assert "no entry e99" in gone.stderr


def test_words_are_put_on_sessions_and_entries(home: Path) -> None:
    assert told(home, "tag", INFO.id, "+urgent", "+parser")["tags"] == ["parser", "urgent"]
    assert told(home, "tag", INFO.id, "-urgent")["tags"] == ["parser"]
    assert "Write +odd to add" in ion(home, "tag", INFO.id, "odd").stderr
    told(home, "label", INFO.id, "e4", "good one")
    assert told(home, "tree", INFO.id)["nodes"][3]["labels"] == ["good one"]
    told(home, "label", INFO.id, "e4", "good one", "--remove")
    assert told(home, "tree", INFO.id)["nodes"][3]["labels"] == []
    told(home, "describe", INFO.id, "what", "it", "is")
    told(home, "pin", INFO.id)
    [listed] = told(home, "list", "--all", "--tag", "parser")
    assert (listed["description"], listed["pinned"], listed["branches"]) == ("what it is", True, 2)
    assert told(home, "list", "--all", "--tag", "urgent") == []
    assert "★  #parser  2 branches" in ion(home, "list", "--all").stdout


def test_an_archived_session_leaves_the_list_and_comes_back(home: Path) -> None:
    told(home, "archive", INFO.id)
    assert told(home, "list", "--all") == []
    assert [each["session"] for each in told(home, "list", "--all", "--archived")] == [INFO.id]
    told(home, "unarchive", INFO.id)
    assert [SessionId(each["session"]) for each in told(home, "list", "--all")] == [INFO.id]
