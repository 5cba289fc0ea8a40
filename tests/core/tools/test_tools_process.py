"""Children start, speak, end, and leave nobody behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tools_bench import gone, until

from ion_core.tools.descendants import group_lives
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.process import Child, Command, watch_exit_by_thread


def command(*argv: str, cwd: str = "/") -> Command:
    return Command(argv=argv, cwd=cwd, environment={"PATH": os.environ["PATH"]})


async def said(child: Child) -> bytes:
    pieces = []
    while batch := await child.read():
        pieces.append(batch)
    return b"".join(pieces)


async def test_output_of_both_streams_and_exit_code_arrive(launcher: ThreadLauncher) -> None:
    child = await launcher.start(command("sh", "-c", "echo out; echo err >&2; exit 7"))
    try:
        assert await said(child) == b"out\nerr\n"
        assert await child.wait() == 7
    finally:
        await child.stop()


async def test_a_missing_program_or_folder_is_an_error(launcher: ThreadLauncher) -> None:
    with pytest.raises(FileNotFoundError):
        await launcher.start(command("no-such-program-here"))
    with pytest.raises(FileNotFoundError):
        await launcher.start(command("true", cwd="/no/such/folder"))


async def test_an_impossible_argument_does_not_end_the_launcher(launcher: ThreadLauncher) -> None:
    with pytest.raises(ValueError, match="null byte"):
        await launcher.start(command("echo", "a\0b"))
    child = await launcher.start(command("echo", "still here"))
    try:
        assert await said(child) == b"still here\n"
    finally:
        await child.stop()


async def test_a_child_has_no_input_and_a_session_of_its_own(launcher: ThreadLauncher) -> None:
    code = "import os,sys; print(sys.stdin.read() == '', os.getsid(0) == os.getpid())"
    child = await launcher.start(command(sys.executable, "-I", "-S", "-c", code))
    try:
        assert await said(child) == b"True True\n"
    finally:
        await child.stop()


async def test_a_child_inherits_nothing_but_its_three_streams(launcher: ThreadLauncher) -> None:
    secret = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(secret, True)
    code = f"import os\ntry: os.fstat({secret})\nexcept OSError: print('closed')"
    child = await launcher.start(command(sys.executable, "-I", "-S", "-c", code))
    try:
        assert await said(child) == b"closed\n"
    finally:
        await child.stop()
        os.close(secret)


async def test_a_grandchild_that_holds_the_pipe_holds_up_nobody(launcher: ThreadLauncher) -> None:
    child = await launcher.start(command("sh", "-c", "echo done; sleep 60 & exit 0"))
    try:
        async with asyncio.timeout(10):
            assert await said(child) == b"done\n"
        assert await child.leaves_others()
    finally:
        await child.stop()
    assert not group_lives(child.pid)


async def test_a_grandchild_that_never_stops_talking_is_cut_off(launcher: ThreadLauncher) -> None:
    child = await launcher.start(command("sh", "-c", "(while :; do echo x; done) & echo y"))
    try:
        async with asyncio.timeout(20):
            assert b"y" in await said(child)
    finally:
        await child.stop()
    assert not group_lives(child.pid)


async def test_a_child_that_ignores_sigterm_is_killed(launcher: ThreadLauncher) -> None:
    child = await launcher.start(
        command("sh", "-c", "trap '' TERM; echo ready; sleep 60; sleep 60")
    )
    assert await child.read() == b"ready\n"
    await child.stop()
    assert await child.wait() == -signal.SIGKILL
    assert not group_lives(child.pid)


async def test_a_child_may_tidy_up_when_stopped(launcher: ThreadLauncher, tmp_path: Path) -> None:
    script = "trap 'touch tidy; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    child = await launcher.start(command("bash", "-c", script, cwd=str(tmp_path)))
    assert await child.read() == b"ready\n"
    await child.stop()
    assert (tmp_path / "tidy").exists()


async def test_stopping_everything_ends_what_left_the_group(launcher: ThreadLauncher) -> None:
    child = await launcher.start(command("sh", "-c", "setsid sleep 60 & echo $!; sleep 60"))
    pid = int(await child.read())
    await child.stop_all()
    await gone(pid)


async def test_stopping_twice_is_harmless(launcher: ThreadLauncher) -> None:
    child = await launcher.start(command("true"))
    assert await child.wait() == 0
    await child.stop()
    await child.stop()


async def test_a_cancelled_stop_kills_at_once(launcher: ThreadLauncher) -> None:
    child = await launcher.start(
        command("sh", "-c", "trap '' TERM; echo ready; sleep 60; sleep 60")
    )
    assert await child.read() == b"ready\n"
    stopping = asyncio.ensure_future(child.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    await until(lambda: not group_lives(child.pid))


async def test_a_cancelled_start_leaves_no_child(launcher: ThreadLauncher, tmp_path: Path) -> None:
    script = f"echo $$ > {tmp_path}/pid; exec sleep 60"
    for _ in range(20):
        starting = asyncio.ensure_future(launcher.start(command("sh", "-c", script)))
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
    last = await launcher.start(command("true"))  # the thread is through with the others
    await last.wait()
    await last.stop()
    if (tmp_path / "pid").exists() and (text := (tmp_path / "pid").read_text()):
        await gone(int(text))


async def test_exits_are_seen_without_a_pidfd_too() -> None:
    ended = asyncio.Event()
    process = subprocess.Popen(["true"])  # noqa: ASYNC220 (the thing under test)
    unwatch = watch_exit_by_thread(process, ended.set)
    async with asyncio.timeout(5):
        await ended.wait()
    unwatch()
    assert process.poll() == 0


async def test_many_children_leak_no_descriptor(launcher: ThreadLauncher) -> None:
    async def once() -> None:
        child = await launcher.start(command("echo", "x"))
        await said(child)
        await child.stop()

    await once()
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    for _ in range(20):
        await once()
    assert not before or len(os.listdir("/proc/self/fd")) <= before
