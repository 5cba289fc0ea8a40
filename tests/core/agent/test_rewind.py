"""Going back in an open session: the conversation, the files, or both."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ion_core.agent.session import Session
from ion_core.errors import StoreError
from ion_core.messages import Message
from ion_core.runtime import Runtime
from tests.fakes.scripted_home import scripted_home


def bash(command: str, **more: Any) -> dict[str, Any]:
    return {"calls": [{"name": "bash", "arguments": {"command": command, **more}}]}


@asynccontextmanager
async def opened(
    tmp_path: Path, steps: Sequence[dict[str, Any]], **how: Any
) -> AsyncIterator[Session]:
    ws = tmp_path / "ws"
    ws.mkdir()
    (ws / "a.txt").write_text("one\n")
    env = scripted_home(tmp_path / "home", steps)
    flags = {"sandbox": {"enabled": "off"}}
    async with Runtime(ws, env=env, flags=flags, trusted=True, **how) as runtime:
        yield await runtime.open()


async def say(session: Session, text: str) -> None:
    await session.submit(text)
    await session.idle()


def said(session: Session, text: str) -> Any:
    return next(
        e.id for e in session.view.entries if isinstance(e.body, Message) and e.body.text == text
    )


STEPS = [bash("echo two >> a.txt"), {"text": "ok"}, bash("echo three >> a.txt"), {"text": "ok"}]


async def test_the_files_alone(tmp_path: Path) -> None:
    async with opened(tmp_path, STEPS) as session:
        await say(session, "first")
        await say(session, "second")
        entries = list(session.view.entries)
        shown = await session.preview_rewind(said(session, "second"))
        assert (shown.prompt, shown.entries) == ("second", 4)
        assert "-three" in shown.files[0].diff
        done = await session.rewind(said(session, "second"), "files")
        assert done.restored == (str(tmp_path / "ws/a.txt"),)
        assert (tmp_path / "ws/a.txt").read_text() == "one\ntwo\n"
        assert session.view.entries == entries


async def test_the_conversation_alone_and_back(tmp_path: Path) -> None:
    async with opened(tmp_path, STEPS) as session:
        await say(session, "first")
        await say(session, "second")
        entries = list(session.view.entries)
        done = await session.rewind(said(session, "second"), "conversation")
        assert (done.prompt, done.restored) == ("second", ())
        assert session.view.entries == entries[:4]
        assert (tmp_path / "ws/a.txt").read_text() == "one\ntwo\nthree\n"
        await session.redo()
        assert session.view.entries == entries


async def test_back_twice_and_on_another_branch(tmp_path: Path) -> None:
    steps = [*STEPS, bash("echo other > b.txt"), {"text": "ok"}]
    async with opened(tmp_path, steps) as session:
        await say(session, "first")
        first = said(session, "first")
        await say(session, "second")
        await session.rewind(said(session, "second"), "both")
        await say(session, "instead")
        assert (tmp_path / "ws/b.txt").read_text() == "other\n"
        await session.rewind(first, "both")
        assert (tmp_path / "ws/a.txt").read_text() == "one\n"
        assert not (tmp_path / "ws/b.txt").exists()
        await session.redo()
        assert (tmp_path / "ws/a.txt").read_text() == "one\ntwo\n"
        assert (tmp_path / "ws/b.txt").read_text() == "other\n"
        with pytest.raises(StoreError, match="nothing to redo"):
            await session.redo()


async def test_each_going_back_can_be_taken_back_in_turn(tmp_path: Path) -> None:
    file = tmp_path / "ws/a.txt"
    async with opened(tmp_path, [*STEPS, bash("echo four >> a.txt"), {"text": "ok"}]) as session:
        texts, prompts = ["one\n"], ("first", "second", "third")
        for prompt in prompts:
            await say(session, prompt)
            texts.append(file.read_text())
        for prompt, before in zip(reversed(prompts), reversed(texts[:-1]), strict=True):
            await session.rewind(said(session, prompt), "both")
            assert file.read_text() == before
        for after in texts[1:]:
            await session.redo()
            assert file.read_text() == after
        assert said(session, "third")
        with pytest.raises(StoreError, match="nothing to redo"):
            await session.redo()


async def test_what_the_person_wrote_stays_theirs_after_a_redo(tmp_path: Path) -> None:
    file = tmp_path / "ws/a.txt"
    async with opened(tmp_path, STEPS[:2]) as session:
        await say(session, "first")
        first = said(session, "first")
        file.write_text("one\ntwo\nmine\n")
        await session.rewind(first, "files", overwrite=[str(file)])
        assert file.read_text() == "one\n"
        await session.redo()
        assert file.read_text() == "one\ntwo\nmine\n"
        done = await session.rewind(first, "files")
        assert done.restored == ()
        assert file.read_text() == "one\ntwo\nmine\n"


@pytest.mark.parametrize(
    "command",
    [
        "git add -f x.log; echo more >> x.log",
        "rm .gitignore; echo more >> x.log",
        "echo '*.txt' > .gitignore; echo more >> x.log",
    ],
)
async def test_what_was_ignored_until_a_command_changed_it_is_never_deleted(
    tmp_path: Path, command: str
) -> None:
    async with opened(tmp_path, [bash(command), {"text": "ok"}]) as session:
        ws = tmp_path / "ws"
        git = await asyncio.create_subprocess_exec("git", "init", "-q", cwd=ws)
        await git.wait()
        (ws / ".gitignore").write_text("*.log\n")
        (ws / "x.log").write_text("mine\n")
        await say(session, "first")
        shown = await session.preview_rewind(said(session, "first"))
        assert any("x.log" in gap for gap in shown.gaps)
        await session.rewind(said(session, "first"), "files")
        assert (ws / "x.log").read_text() == "mine\nmore\n"


async def test_not_while_a_job_runs_and_then_as_nobody_knows_whose(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    command = f"read go < {begun}; echo job >> a.txt"
    steps = [bash(command, background=True), {"text": "ok"}, {"text": "ok"}]
    async with opened(tmp_path, steps, interactive=True) as session:
        await say(session, "first")
        first, (job,) = said(session, "first"), session.jobs.running
        with pytest.raises(StoreError, match="while a job runs"):
            await session.rewind(first, "files")
        await asyncio.to_thread(begun.write_text, "go\n")
        await job.end_within(30)
        (change,) = (await session.preview_rewind(first)).files
        assert (change.path, "nobody knows" in change.conflict) == (f"{tmp_path}/ws/a.txt", True)
        await session.rewind(first, "files", [change.path])
        assert (tmp_path / "ws/a.txt").read_text() == "one\n"


async def test_what_only_looks_leaves_no_checkpoint(tmp_path: Path) -> None:
    async with opened(tmp_path, [bash("ls"), {"text": "ok"}]) as session:
        await say(session, "first")
        assert not (tmp_path / "home/blobs").exists()


async def test_what_git_ignored_before_is_not_taken_for_new(tmp_path: Path) -> None:
    async with opened(tmp_path, [bash("rm .gitignore"), {"text": "ok"}]) as session:
        ws = tmp_path / "ws"
        git = await asyncio.create_subprocess_exec("git", "init", "-q", cwd=ws)
        await git.wait()
        (ws / ".gitignore").write_text("kept.env\n")
        (ws / "kept.env").write_text("mine\n")
        await asyncio.sleep(0.1)  # what changed just before a command counts as changed by it
        await say(session, "first")
        await session.rewind(said(session, "first"), "files")
        assert (ws / "kept.env").read_text() == "mine\n"
        assert (ws / ".gitignore").read_text() == "kept.env\n"


async def test_a_session_that_leaves_nothing_keeps_no_files(tmp_path: Path) -> None:
    async with opened(tmp_path, STEPS[:2], keep=False) as session:
        await say(session, "first")
        assert "kept" in (await session.preview_rewind(said(session, "first"))).gaps[0]
        with pytest.raises(StoreError, match="Nothing is kept"):
            await session.rewind(said(session, "first"), "files")
        assert not (tmp_path / "home/blobs").exists()
