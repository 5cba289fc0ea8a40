"""What sandboxed commands can read and write, with real processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from sandbox_cell import Cell

STEERING = (
    ".git/config",
    ".git/hooks/pre-commit",
    ".git/info/attributes",
    ".git/commondir",
    ".git/config.worktree",
    ".ion/config.toml",
    ".mcp.json",
    ".vscode/tasks.json",
    ".idea/workspace.xml",
    ".envrc",
)


async def test_the_workspace_can_be_written_and_is_kept(cell: Cell) -> None:
    ran = await cell.run("mkdir -p src && echo hi > src/a && chmod +x src/a && cat src/a")
    assert (ran.code, ran.output) == (0, "hi\n")
    assert (cell.root / "src" / "a").read_text() == "hi\n"
    assert sorted(os.listdir(cell.root)) == [".git", "src"]


@pytest.mark.parametrize("place", ["{home}/x", "{home}/.bashrc", "/etc/x", "/usr/x", "/x"])
async def test_writing_elsewhere_is_refused(cell: Cell, place: str) -> None:
    path = place.format(home=cell.home)
    ran = await cell.run(f"echo evil >> {path}")
    assert ran.code != 0
    assert not Path(path).exists() or "evil" not in Path(path).read_text()


async def test_the_read_profile_changes_nothing_in_the_workspace(cell: Cell) -> None:
    (cell.root / "kept").write_text("as it was")
    for script in ("echo no > kept", "rm kept", "touch new", "mkdir d", "ln -s a b", "mv kept k"):
        assert (await cell.run(script, "read")).code != 0
    for script in ("chmod 600 kept", "touch -d 2001-01-01 kept"):
        assert (await cell.run(script, "read")).code != 0
    assert (cell.root / "kept").read_text() == "as it was"
    assert (await cell.run("cat kept && echo t > $TMPDIR/t && cat $TMPDIR/t", "read")).code == 0


async def test_devices_without_content_can_be_used(cell: Cell) -> None:
    assert (await cell.run("echo x > /dev/null && head -c 4 /dev/urandom | wc -c")).output == "4\n"


@pytest.mark.parametrize("name", [".ssh/id_ed25519", ".aws/credentials", ".netrc", ".bashrc"])
async def test_files_of_the_person_cannot_be_read(cell: Cell, name: str) -> None:
    for script in (f"cat {cell.home}/{name}", f"ln -s {cell.home}/{name} l; cat l"):
        ran = await cell.run(script)
        assert ran.code != 0
        assert "SECRET" not in ran.output


async def test_a_secret_in_a_readable_folder_stays_denied(cell: Cell) -> None:
    cell.settings["readable"] = (str(cell.home),)
    (cell.home / "notes").write_text("fine")
    assert (await cell.run(f"cat {cell.home}/notes")).output == "fine"
    assert "SECRET" not in (await cell.run(f"cat {cell.home}/.ssh/* {cell.home}/.netrc")).output


async def test_a_secret_that_the_person_names_can_be_read(cell: Cell) -> None:
    cell.settings["readable"] = (str(cell.home / ".netrc"),)
    assert "SECRET" in (await cell.run(f"cat {cell.home}/.netrc")).output


async def test_the_files_of_ion_cannot_be_read(cell: Cell) -> None:
    cell.own.mkdir(parents=True, exist_ok=True)
    (cell.own / "auth.json").write_text("SECRET key")
    assert "SECRET" not in (await cell.run(f"cat {cell.own}/auth.json")).output


async def test_passwords_of_the_system_cannot_be_read(cell: Cell) -> None:
    assert (await cell.run("cat /etc/shadow")).code != 0
    assert (await cell.run("cat /etc/passwd")).code == 0


async def test_env_files_of_the_workspace_are_masked(full: Cell) -> None:
    (full.root / ".env").write_text("KEY=SECRET")
    (full.root / ".env.example").write_text("KEY=")
    below = full.root / "apps" / "web"
    below.mkdir(parents=True)
    for name in (".env.local", "server.pem"):
        (below / name).write_text("KEY=SECRET")
    said = (await full.run("cat .env apps/web/.env.local apps/web/*.pem; grep -r SECRET .")).output
    assert "SECRET" not in said
    assert "KEY" not in said
    assert (await full.run("cat .env.example")).output == "KEY="


@pytest.mark.parametrize("name", STEERING)
async def test_what_steers_other_programs_is_neither_made_nor_changed(
    cell: Cell, name: str
) -> None:
    path = cell.root / name
    before = path.read_text() if path.exists() else None
    await cell.run(f"mkdir -p {path.parent}; echo evil >> {name}; rm -f {name}.tmp")
    await cell.run(f"echo evil > evil; mv -f evil {name}; ln -sf /tmp {name}")
    assert (path.read_text() if path.exists() else None) == before


async def test_what_stands_in_is_hardly_seen(cell: Cell) -> None:
    ran = await cell.run(
        "git status --porcelain; grep -r such-a-word .; tar cf $TMPDIR/t . && "
        "tar tf $TMPDIR/t | grep -v '^./.git/' | sort; ls"
    )
    said = [line for line in ran.output.splitlines() if "socket ignored" not in line]
    assert said == ["./"]
    assert sorted(os.listdir(cell.root)) == [".git"]


async def test_nobody_can_open_what_stands_in(full: Cell) -> None:
    for name in (".ion", ".mcp.json", ".vscode", ".idea", ".envrc"):
        for script in (f"cat {name}", f"mkdir -p {name}/x", f"rm -rf {name}", f"mv {name} y"):
            assert (await full.run(f"timeout 5 {script}")).code not in (0, 124), script


async def test_hooks_are_not_made_where_there_is_no_folder_for_them(cell: Cell) -> None:
    for sample in (cell.root / ".git" / "hooks").iterdir():
        sample.unlink()
    (cell.root / ".git" / "hooks").rmdir()
    await cell.run("mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit")
    assert not (cell.root / ".git" / "hooks").exists()


async def test_the_folder_of_git_cannot_be_swapped(cell: Cell) -> None:
    before = (cell.root / ".git" / "config").read_text()
    await cell.run(
        "mv .git g; mkdir -p .git/hooks; echo e > .git/hooks/post-checkout; cp g/config .git"
    )
    await cell.run("mv .git g2; cp -r g2 evil; echo e >> evil/config; ln -s evil .git")
    assert not (cell.root / ".git" / "hooks" / "post-checkout").exists()
    assert (cell.root / ".git" / "config").read_text() == before
    assert not (cell.root / ".git").is_symlink()


async def test_the_folder_of_ion_cannot_become_a_link(cell: Cell) -> None:
    (cell.root / ".ion").mkdir()
    (cell.root / ".ion" / "config.toml").write_text('model = "a/b"\n')
    await cell.run("rm -rf .ion; mkdir evil; echo x > evil/config.toml; ln -s evil .ion")
    assert not (cell.root / ".ion").is_symlink()
    assert (cell.root / ".ion" / "config.toml").read_text() == 'model = "a/b"\n'


async def test_a_nested_repository_is_guarded_too(cell: Cell) -> None:
    nested = cell.root / "a" / "b"
    (nested / ".git" / "hooks").mkdir(parents=True)
    (nested / ".git" / "config").write_text("[core]\n")
    await cell.run("echo evil > a/b/.git/hooks/pre-commit; echo evil >> a/b/.git/config")
    assert not list((nested / ".git" / "hooks").iterdir())
    assert (nested / ".git" / "config").read_text() == "[core]\n"


async def test_a_new_repository_keeps_no_hook(cell: Cell) -> None:
    ran = await cell.run(
        "git init -q sub && cd sub && echo evil > .git/hooks/pre-commit && "
        "git config core.fsmonitor ./evil && git config user.name me"
    )
    assert ran.code == 0, ran.output
    assert not (cell.root / "sub" / ".git" / "hooks" / "pre-commit").exists()
    kept = (cell.root / "sub" / ".git" / "config").read_text()
    assert "fsmonitor" not in kept
    assert "name = me" in kept
    assert any("pre-commit" in remark for remark in ran.remarks)


async def test_git_can_commit(cell: Cell) -> None:
    ran = await cell.run(
        "echo x > f && git add f && git -c user.name=a -c user.email=a@b commit -qm one && "
        "git checkout -q -b other && git log --oneline | wc -l"
    )
    assert (ran.code, ran.output) == (0, "1\n"), ran.output
    assert ran.remarks == ()


ADD_TREE = ("git", "worktree", "add", "-q", "../tree")
COMMIT = "git -c user.name=a -c user.email=a@b commit -q --allow-empty -m"


@pytest.mark.parametrize("place", ["worktree", "subfolder"])
async def test_git_can_commit_from_a_part_of_a_repository(cell: Cell, place: str) -> None:
    main = cell.root
    assert (await cell.run(f"{COMMIT} one && mkdir sub && touch sub/f")).code == 0
    if place == "worktree":
        await asyncio.to_thread(subprocess.run, ADD_TREE, cwd=main, check=True)
    cell.root = cell.home / "tree" if place == "worktree" else main / "sub"
    ran = await cell.run(f"{COMMIT} two && git log --oneline | wc -l")
    assert (ran.code, ran.output) == (0, "2\n"), ran.output
    for steering in (main / ".git" / "hooks" / "post-commit", main / ".git" / "config"):
        await cell.run(f"echo evil >> {steering}")
        assert not steering.exists() or "evil" not in steering.read_text()
    assert (await cell.run(f"echo x > {main}/other")).code != 0 or not (main / "other").exists()


async def test_a_link_to_another_place_of_git_opens_no_folder(cell: Cell) -> None:
    other = cell.home / "private"
    (other / "hooks").mkdir(parents=True)
    (other / "config").write_text("SECRET\n")
    sub = cell.root / "sub"
    sub.mkdir()
    (sub / ".git").write_text(f"gitdir: {other}\n")
    ran = await cell.run(f"cat {other}/config; echo evil > {other}/hooks/pre-commit")
    assert "SECRET" not in ran.output
    assert not list((other / "hooks").iterdir())


async def test_hard_links_lead_to_nothing_outside(cell: Cell) -> None:
    ran = await cell.run(f"ln {cell.home}/.netrc h || ln /etc/passwd h; echo evil >> h; cat h")
    assert "SECRET" not in ran.output
    assert "evil" not in Path("/etc/passwd").read_text()
    await cell.run("ln .git/config h2 && echo evil >> h2")
    assert "evil" not in (cell.root / ".git" / "config").read_text()


async def test_files_cannot_be_moved_out(cell: Cell) -> None:
    (cell.root / "f").write_text("x")
    assert (await cell.run(f"mv f {cell.home}/f")).code != 0
    assert not (cell.home / "f").exists()


async def test_names_with_odd_characters_are_no_way_out(cell: Cell) -> None:
    folder = cell.root / "--ro-bind x\n"
    folder.mkdir()
    (folder / ".git").mkdir()
    assert (await cell.run("echo fine")).output == "fine\n"
