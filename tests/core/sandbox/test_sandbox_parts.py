"""The parts that need no process: filters, repositories, new configuration of git."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest

from ion_core.sandbox.base import Bounds
from ion_core.sandbox.bwrap import Masks, arguments
from ion_core.sandbox.feed import Feed
from ion_core.sandbox.fresh import defused
from ion_core.sandbox.guard import Guard
from ion_core.sandbox.opening import Opening
from ion_core.sandbox.places import Places
from ion_core.sandbox.repositories import Repositories, enclosing, repository
from ion_core.sandbox.seccomp import Filter, program
from ion_core.sandbox.syscalls import MACHINES, NUMBERS

ALLOWED, EPERM, ENOSYS, KILLED = 0x7FFF0000, 0x50001, 0x50026, 0x80000000


def verdict(machine: str, chosen: Filter, name: str, *arguments: int, foreign: int = 0) -> int:
    """What the filter says of a call, by running its instructions."""
    kind = MACHINES[machine]
    number = NUMBERS[name][kind.column] if name in NUMBERS else 1
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=iIQ6Q", (number or 0) + foreign, kind.audit, 0, *padded)
    code = list(struct.iter_unpack("=HBBI", program(chosen, machine)))
    loaded, at = 0, 0
    while True:
        what, if_true, if_false, value = code[at]
        at += 1
        match what:
            case 0x06:
                return value
            case 0x20:
                loaded = struct.unpack_from("=I", data, value)[0]
            case 0x15:
                at += if_true if loaded == value else if_false
            case 0x35:
                at += if_true if loaded >= value else if_false
            case 0x45:
                at += if_true if loaded & value else if_false


@pytest.mark.parametrize("machine", list(MACHINES))
def test_the_filter_lets_ordinary_calls_through(machine: str) -> None:
    assert verdict(machine, Filter(), "write") == ALLOWED
    assert verdict(machine, Filter(), "clone", 0x01200011) == ALLOWED
    assert verdict(machine, Filter(), "ioctl", 0, 0x5401) == ALLOWED
    assert verdict(machine, Filter(), "socketpair", 1) == ALLOWED
    assert verdict(machine, Filter(), "fchmod") == ALLOWED


@pytest.mark.parametrize("machine", list(MACHINES))
def test_the_filter_refuses_by_call_and_by_argument(machine: str) -> None:
    for name in ("ptrace", "io_uring_setup", "mount", "bpf", "setns", "keyctl"):
        assert verdict(machine, Filter(), name) == EPERM
    assert verdict(machine, Filter(), "clone3") == ENOSYS
    assert verdict(machine, Filter(), "clone", 0x10000000) == EPERM
    assert verdict(machine, Filter(), "unshare", 0x00020000) == EPERM
    assert verdict(machine, Filter(), "ioctl", 0, 0x5412) == EPERM
    assert verdict(machine, Filter(labels=False), "fchmod") == EPERM


@pytest.mark.parametrize("machine", list(MACHINES))
def test_the_filter_knows_families_of_sockets(machine: str) -> None:
    unix, inet, packet, vsock = 1, 2, 17, 40
    assert verdict(machine, Filter(), "socket", unix) == EPERM
    assert verdict(machine, Filter(unix=True), "socket", unix) == ALLOWED
    assert verdict(machine, Filter(unix=True), "socket", inet) == EPERM
    assert verdict(machine, Filter(network=True), "socket", inet) == ALLOWED
    for family in (packet, vsock):
        assert verdict(machine, Filter(unix=True, network=True), "socket", family) == EPERM


def test_the_filter_ends_calls_of_another_convention() -> None:
    assert verdict("x86_64", Filter(), "write", foreign=0x40000000) == KILLED


def test_a_worktree_is_followed_only_where_git_points_back(tmp_path: Path) -> None:
    tree, private = tmp_path / "tree", tmp_path / "main" / ".git" / "worktrees" / "tree"
    tree.mkdir()
    private.mkdir(parents=True)
    (tree / ".git").write_text(f"gitdir: {private}\n")
    mark = str(tree / ".git")
    found = repository(str(tree))
    assert found is not None
    assert (found.common, found.private) == (mark, "")
    (private / "gitdir").write_text(f"{mark}\n")
    (private / "commondir").write_text("../../../../evil\n")
    found = repository(str(tree))
    assert found is not None
    assert (found.common, found.private) == (mark, "")
    (private / "commondir").write_text("../..\n")
    found = repository(str(tree))
    assert found is not None
    assert (found.common, found.private) == (str(tmp_path / "main" / ".git"), str(private))


def test_repositories_are_found_to_some_depth_and_when_they_are_new(tmp_path: Path) -> None:
    finder = Repositories()
    deep = tmp_path.joinpath(*"abcdefghijklmnopq")
    (deep / ".git").mkdir(parents=True)
    assert finder.below(str(tmp_path)) == ()
    (deep.parent / ".git").mkdir()
    assert [one.mark for one in finder.below(str(tmp_path))] == [f"{deep.parent}/.git"]


def test_a_folder_that_is_set_back_in_time_is_looked_into_again(tmp_path: Path) -> None:
    finder, folder = Repositories(), tmp_path / "sub"
    folder.mkdir()
    time.sleep(0.1)  # older than the kernel's clock is coarse, so that it is remembered
    assert finder.below(str(tmp_path)) == ()
    before = folder.stat()
    (folder / "x" / ".git").mkdir(parents=True)
    (folder / ".env").touch()
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = finder.inside(str(tmp_path))
    assert [one.mark for one in found.repositories] == [f"{folder}/x/.git"]
    assert found.keys == (f"{folder}/.env",)


def test_the_folder_of_the_person_is_no_repository_around_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "home" / ".git").mkdir(parents=True)
    (tmp_path / "home" / "repo" / ".git").mkdir(parents=True)
    home = f"{tmp_path}/home"
    assert enclosing(f"{home}/repo/src", home) == f"{home}/repo"
    assert enclosing(f"{home}/other/src", home) == ""


def test_a_guard_puts_back_files_folders_links_and_modes(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / "hooks").mkdir()
    (root / "hooks" / "one").write_text("one")
    (root / "link").symlink_to("hooks")
    (root / "script").write_text("x")
    (root / "script").chmod(0o755)
    guard = Guard([f"{root}/{name}" for name in ("hooks", "link", "script", "absent")], str(root))
    (root / "hooks" / "one").write_text("two")
    (root / "hooks" / "two").write_text("two")
    (root / "link").unlink()
    (root / "script").chmod(0o644)
    (root / "absent").mkdir()
    told = guard.restore()
    assert len(told) == 4
    assert [path.name for path in (root / "hooks").iterdir()] == ["one"]
    assert (root / "hooks" / "one").read_text() == "one"
    assert (root / "link").is_symlink()
    assert (root / "script").stat().st_mode & 0o777 == 0o755
    assert not (root / "absent").exists()
    assert guard.restore() == ()


@pytest.mark.parametrize(
    "line",
    [
        "[core]\n\tfsmonitor = ./evil",
        "[core] fsmonitor = ./evil",
        "[core]\n\tpager = ev\\\n\til",
        '[filter "x"]\n\tclean = ./evil',
        "[include]\n\tpath = ../evil",
        '[includeIf "gitdir:/"]\n\tpath = ../evil',
        "[alias]\n\tst = !./evil",
        "[core]\n\thooksPath = evil",
        "[core]\n\tworktree = /",
        "[diff]\n\texternal = ./evil",
        '[remote "o"]\n\tuploadpack = ./evil',
        "[CORE]\n\tSSHCommand=./evil",
    ],
)
def test_new_configuration_of_git_keeps_only_what_is_harmless(tmp_path: Path, line: str) -> None:
    mark = tmp_path / ".git"
    mark.mkdir()
    (mark / "config").write_text(f"[core]\n\tbare = false\n{line}\n")
    assert len(defused([str(mark)])) == 1
    kept = (mark / "config").read_text()
    assert "evil" not in kept
    assert "worktree" not in kept
    assert "bare = false" in kept


def test_new_configuration_of_an_ordinary_clone_is_left_alone(tmp_path: Path) -> None:
    mark = tmp_path / ".git"
    mark.mkdir()
    written = (
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"
        '[remote "origin"]\n\turl = ../up\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
        '[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n'
    )
    (mark / "config").write_text(written)
    assert defused([str(mark)]) == ()
    assert (mark / "config").read_text() == written


def test_what_the_person_may_not_read_is_not_mounted_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, other = tmp_path / "shadow", tmp_path / "key"
    secret.touch()
    other.touch()
    bounds = Bounds(profile="write", root=str(tmp_path), home="/h", own="/h/ion")
    places = Places(
        looked_at=(str(tmp_path),), changed=(), denied=(str(secret), str(other)), guarded=()
    )
    masks = Masks(folder="/mask/folder", file="/mask/file")

    def masked() -> list[str]:
        words = arguments(bounds, places, masks)
        return [words[at + 1] for at, word in enumerate(words) if word == "/mask/file"]

    assert masked() == [str(secret), str(other)]
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    monkeypatch.setattr(os, "access", lambda path, how: path != str(secret))
    assert masked() == [str(other)]


def test_a_feed_that_is_never_read_leaks_nothing() -> None:
    before = len(os.listdir("/proc/self/fd"))
    feed = Feed()
    feed.release(bytes(70_000))
    feed.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_cannot_be_arranged_begins_nothing_and_leaves_nothing_open() -> None:
    def arrange() -> list[str]:
        raise OSError("The disk is full.")

    before = len(os.listdir("/proc/self/fd"))
    opening = Opening(arrange, b"x", 512)
    with pytest.raises(OSError, match="full"):
        opening.release()
    opening.close()
    assert len(os.listdir("/proc/self/fd")) == before
