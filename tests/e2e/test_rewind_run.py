"""Files come back, to the last bit, after a real run that edited, deleted and created them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_home import ION, scripted_home

SHELL = (
    "sed -i s/two/2/ notes.txt; rm loose.txt; mkdir -p made/deep; echo new > made/deep/new.txt; "
    "mv old.txt moved.txt; chmod 755 tool.sh; rm link; ln -s notes.txt link; "
    "printf '\\1\\377' > bin; rm -r gone"
)
CALLS = [
    {
        "name": "edit",
        "arguments": {"path": "app.py", "edits": [{"old_string": "a", "new_string": "b"}]},
    },
    {"name": "write", "arguments": {"path": "fresh/by_tool.txt", "content": "made\n"}},
    {"name": "bash", "arguments": {"command": SHELL}},
]


def tree_hash(root: Path) -> str:
    """Of every name, mode, link and byte below a folder, git's own things left out."""
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if ".git" in path.relative_to(root).parts:
            continue
        mode = path.lstat().st_mode
        held = os.readlink(path).encode() if path.is_symlink() else b""
        held = path.read_bytes() if path.is_file() and not path.is_symlink() else held
        found.update(f"{path.relative_to(root)} {mode:o} ".encode() + held + b"\0")
    return found.hexdigest()


def fill(ws: Path) -> None:
    ws.mkdir(parents=True)
    (ws / "app.py").write_text("a = 1\n")
    (ws / "notes.txt").write_text("one\ntwo\n")
    (ws / "loose.txt").write_text("never committed\n")
    (ws / "old.txt").write_text("old\n")
    (ws / "tool.sh").write_text("#!/bin/sh\n")
    (ws / "tool.sh").chmod(0o644)
    (ws / "link").symlink_to("old.txt")
    (ws / "bin").write_bytes(bytes(range(256)))
    (ws / "gone/deep").mkdir(parents=True)
    (ws / "gone/deep/f").write_text("f\n")


def git(folder: Path, *command: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


def ion(ws: Path, env: dict[str, str], *args: str, code: int = 0) -> str:
    done = subprocess.run(
        [*ION, *args], cwd=ws, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr if code else done.stdout


def played(ws: Path, home: Path, calls: list[dict[str, Any]]) -> tuple[dict[str, str], str, str]:
    """The environment, the session and its first message."""
    env = scripted_home(home, [{"calls": [call]} for call in calls] + [{"text": "Done."}])
    out = ion(ws, env, "run", "--sandbox", "off", "--output-format", "json", "go")
    session = json.loads(out.splitlines()[-1])["session"]
    entries = json.loads(ion(ws, env, "sessions", "show", session, "--json"))["entries"]
    first = next(entry["id"] for entry in entries if entry["role"] == "user")
    return env, session, first


def there_and_back(ws: Path, home: Path) -> None:
    start = tree_hash(ws)
    env, session, first = played(
        ws, home, [{"name": "read", "arguments": {"path": "app.py"}}, *CALLS]
    )
    end = tree_hash(ws)
    assert end != start
    assert (ws / "made/deep/new.txt").exists()
    assert not (ws / "loose.txt").exists()
    rewind = ("sessions", "rewind", session)
    done = json.loads(ion(ws, env, *rewind, "--to", first, "--yes", "--json"))
    assert done["kept"] == []
    assert tree_hash(ws) == start
    assert json.loads(ion(ws, env, "sessions", "show", session, "--json"))["entries"] == []
    done = json.loads(ion(ws, env, *rewind, "--redo", "--yes", "--json"))
    assert done["kept"] == []
    assert tree_hash(ws) == end
    assert json.loads(ion(ws, env, "sessions", "show", session, "--json"))["entries"]
    assert "nothing to redo" in ion(ws, env, *rewind, "--redo", "--yes", code=1)


def test_outside_a_repository(tmp_path: Path) -> None:
    fill(tmp_path / "ws")
    there_and_back(tmp_path / "ws", tmp_path / "home")


def test_in_a_repository_whose_git_is_not_touched(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    git(ws, "init", "-q")
    git(ws, "add", "app.py", "notes.txt", "old.txt", "tool.sh", "gone")
    git(ws, "commit", "-qm", "start")
    kept = {path: path.read_bytes() for path in (ws / ".git").rglob("*") if path.is_file()}
    there_and_back(ws, tmp_path / "home")
    assert {p: p.read_bytes() for p in (ws / ".git").rglob("*") if p.is_file()} == kept


def test_in_a_part_of_a_repository_whose_sibling_changes_meanwhile(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    fill(repo / "mine")
    fill(repo / "theirs")
    git(repo, "init", "-q")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "start")
    env, session, first = played(repo / "mine", tmp_path / "home", CALLS)
    (repo / "theirs/app.py").write_text("meanwhile\n")
    (repo / "theirs/new.py").write_text("new\n")
    theirs = tree_hash(repo / "theirs")
    ion(repo / "mine", env, "sessions", "rewind", session, "--to", first, "--yes")
    assert tree_hash(repo / "theirs") == theirs
    assert (repo / "mine/app.py").read_text() == "a = 1\n"
    assert (repo / "mine/loose.txt").exists()
    assert not (repo / "mine/made").exists()


def test_what_the_person_changed_since_is_kept_unless_named(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    env, session, first = played(ws, tmp_path / "home", CALLS)
    (ws / "app.py").write_text("mine = 1\n")
    rewind = ("sessions", "rewind", session, "--to", first, "--files", "--yes", "--json")
    done = json.loads(ion(ws, env, *rewind))
    assert [kept.partition(":")[0] for kept in done["kept"]] == [str(ws / "app.py")]
    assert (ws / "app.py").read_text() == "mine = 1\n"
    assert (ws / "notes.txt").read_text() == "one\ntwo\n"
    ion(ws, env, *rewind, "--overwrite", str(ws / "app.py"))
    assert (ws / "app.py").read_text() == "a = 1\n"


def test_it_is_shown_first_and_not_done_unasked(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    env, session, first = played(ws, tmp_path / "home", CALLS)
    end = tree_hash(ws)
    told = ion(ws, env, "sessions", "rewind", session, "--to", first, code=2)
    assert "-b = 1" in told
    assert "+a = 1" in told
    assert "--yes" in told
    assert tree_hash(ws) == end


def test_what_is_too_large_is_told(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    (ws / "large").write_bytes(b"0" * (21 << 20))
    command = {"name": "bash", "arguments": {"command": "echo 1 >> large; sed -i s/a/b/ app.py"}}
    env, session, first = played(ws, tmp_path / "home", [command])
    told = ion(ws, env, "sessions", "rewind", session, "--to", first, "--yes")
    assert f"{ws}/large was changed, and what it held before was not kept." in told
    assert (ws / "app.py").read_text() == "a = 1\n"


@pytest.mark.parametrize("to", ["outside", "hard"])
def test_nothing_is_restored_through_links(tmp_path: Path, to: str) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    (ws / "sub").mkdir()
    (ws / "sub/f").write_text("inside\n")
    command = {"name": "bash", "arguments": {"command": "echo more >> sub/f"}}
    env, session, first = played(ws, tmp_path / "home", [command])
    (tmp_path / "away").mkdir()
    if to == "outside":
        (ws / "sub/f").rename(tmp_path / "away/f")
        (ws / "sub").rmdir()
        (ws / "sub").symlink_to(tmp_path / "away")
    else:
        (tmp_path / "away/f").hardlink_to(ws / "sub/f")
    rewind = ("sessions", "rewind", session, "--to", first, "--yes", "--json")
    done = json.loads(ion(ws, env, *rewind, "--overwrite", str(ws / "sub/f")))
    assert len(done["kept"]) >= 1
    assert (tmp_path / "away/f").read_text() == "inside\nmore\n"


def killed_while_it_runs(ws: Path, home: Path, command: str) -> tuple[dict[str, str], str]:
    """The environment and the session of an ion that was killed inside a command which says that
    it has done its part by the file ``done``."""
    call = {"name": "bash", "arguments": {"command": f"{command}; touch done; sleep 300"}}
    env = scripted_home(home, [{"calls": [call]}, {"text": "Done."}])
    running = subprocess.Popen(
        [*ION, "run", "--trust-once", "go"], cwd=ws, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 40
        while not (ws / "done").exists():
            assert time.monotonic() < end
            assert running.poll() is None
            time.sleep(0.02)
    finally:
        running.kill()
        running.wait()
    listed = json.loads(ion(ws, env, "sessions", "list", "--json"))
    return env, listed[0]["session"]


@pytest.mark.parametrize("is_repository", [True, False])
def test_a_command_that_ion_was_killed_in_can_be_gone_back_from(
    tmp_path: Path, *, is_repository: bool
) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    if is_repository:
        git(ws, "init", "-q")
    start = tree_hash(ws)
    env, session = killed_while_it_runs(ws, tmp_path / "home", SHELL)
    assert tree_hash(ws) != start
    entries = json.loads(ion(ws, env, "sessions", "show", session, "--json"))["entries"]
    first = next(entry["id"] for entry in entries if entry["role"] == "user")
    rewind = ("sessions", "rewind", session, "--to", first, "--yes", "--json")
    done = json.loads(ion(ws, env, *rewind, "--files"))
    assert done["restored"] == []  # nobody knows whose these changes are
    names = [kept.partition(": ")[0] for kept in done["kept"]]
    assert str(ws / "loose.txt") in names
    forced = [word for name in names for word in ("--overwrite", name)]
    assert json.loads(ion(ws, env, *rewind, *forced))["kept"] == []
    assert tree_hash(ws) == start


def test_what_nothing_is_kept_of_is_told(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    git(ws, "init", "-q")
    (ws / ".gitignore").write_text("*.log\nbuild/\nquiet/\n__pycache__/\n")
    for name in ("build", "quiet", "__pycache__", "inner", "still"):
        (ws / name).mkdir()
        (ws / name / "f").write_text("before\n")
    git(ws / "inner", "init", "-q")
    git(ws / "still", "init", "-q")
    time.sleep(0.1)
    command = "for d in build inner __pycache__; do echo 1 > $d/f; done; echo 1 > a.log"
    env, session, first = played(
        ws, tmp_path / "home", [{"name": "bash", "arguments": {"command": command}}]
    )
    told = ion(ws, env, "sessions", "rewind", session, "--to", first, "--yes")
    assert "Not kept, and changed since (git ignores these): a.log, build." in told
    assert "Not kept, and changed since (these are repositories of their own): inner." in told


def test_a_fork_goes_back_too(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    start = tree_hash(ws)
    read = {"name": "read", "arguments": {"path": "app.py"}}
    env, session, _ = played(ws, tmp_path / "home", [read, *CALLS])
    entries = json.loads(ion(ws, env, "sessions", "show", session, "--json"))["entries"]
    forked = json.loads(
        ion(ws, env, "sessions", "fork", session, "--at", entries[-1]["id"], "--json")
    )["session"]
    entries = json.loads(ion(ws, env, "sessions", "show", forked, "--json"))["entries"]
    first = next(entry["id"] for entry in entries if entry["role"] == "user")
    done = json.loads(ion(ws, env, "sessions", "rewind", forked, "--to", first, "--yes", "--json"))
    assert done["kept"] == []
    assert tree_hash(ws) == start


def test_what_agents_did_is_gone_back_from_with_it(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    fill(ws)
    start = tree_hash(ws)
    task = {"agent": "general", "prompt": "change it", "description": "change"}
    steps = [
        {"calls": [{"name": "task", "arguments": task}]},
        {"calls": [{"name": "bash", "arguments": {"command": SHELL}}]},
        {"text": "Changed."},
        {"text": "Done."},
    ]
    env = scripted_home(tmp_path / "home", steps)
    out = ion(ws, env, "run", "--sandbox", "off", "--output-format", "json", "go")
    session = json.loads(out.splitlines()[-1])["session"]
    end = tree_hash(ws)
    assert end != start
    entries = json.loads(ion(ws, env, "sessions", "show", session, "--json"))["entries"]
    first = next(entry["id"] for entry in entries if entry["role"] == "user")
    rewind = ("sessions", "rewind", session, "--yes", "--json")
    assert json.loads(ion(ws, env, *rewind, "--to", first))["kept"] == []
    assert tree_hash(ws) == start
    assert json.loads(ion(ws, env, *rewind, "--redo"))["kept"] == []
    assert tree_hash(ws) == end
