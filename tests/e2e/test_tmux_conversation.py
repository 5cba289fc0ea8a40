"""The whole product in a real terminal: a person types, reads, leaves and comes back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from ion_core.config.trust import trust
from tests.fakes.chat_server import ChatServer, said

ION = Path(sys.executable).with_name("ion")
PATIENCE_S = 30.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.skipif(not ION.exists(), reason="the ion command is not installed"),
]


class Terminal:
    """A tmux server of the test's own, with one window."""

    def __init__(self, socket: Path) -> None:
        self._socket, self.patience_s = socket, PATIENCE_S

    async def tmux(self, *args: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "tmux",
            "-S",
            str(self._socket),
            "-f",
            "/dev/null",
            *args,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return output.decode()

    async def start(
        self, size: tuple[int, int], folder: Path, env: dict[str, str], *args: str
    ) -> None:
        width, height = map(str, size)
        variables = [f"{name}={value}" for name, value in env.items()]
        command = " ".join(["env", *variables, str(ION), *args, "; echo LEFT $?; sleep 60"])
        await self.tmux(
            "new-session", "-d", "-x", width, "-y", height, "-c", str(folder), "sh", "-c", command
        )

    async def type(self, text: str) -> None:
        await self.tmux("send-keys", "-l", text)

    async def press(self, *keys: str) -> None:
        await self.tmux("send-keys", *keys)

    async def screen(self) -> str:
        return await self.tmux("capture-pane", "-p")

    async def until(self, wanted: Callable[[str], bool]) -> str:
        """The first screen that is as wanted."""
        shown = ""
        try:
            async with asyncio.timeout(self.patience_s):
                while not wanted(shown := await self.screen()):  # noqa: ASYNC110 - a terminal
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"the screen never was as wanted:\n{shown}")
        return shown

    async def shows(self, text: str) -> str:
        return await self.until(lambda screen: text in screen)


@asynccontextmanager
async def terminal() -> AsyncIterator[Terminal]:
    with tempfile.TemporaryDirectory(prefix="ion-") as folder:  # a socket's path must be short
        made = Terminal(Path(folder, "tmux"))
        try:
            yield made
        finally:
            await made.tmux("kill-server")


def home(path: Path, server: ChatServer) -> dict[str, str]:
    """A home whose only model is the server's."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.toml").write_text(
        f'model = "work/fake"\n[providers.work]\nprotocol = "openai-chat"\n'
        f'base_url = "{server.base_url}"\n'
    )
    trust(path.parent, path, below=True)
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**keep, "ION_HOME": str(path), "TERM": "screen-256color", "LANG": "C.UTF-8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    return made


async def test_a_conversation_is_there_again_after_leaving(ion_home: Path, folder: Path) -> None:
    calls: Any = [("write", {"path": "hello.txt", "content": "hi\n"})]
    replies = [said("I write it.", calls=calls), said("The file is **written**.")]
    async with ChatServer(replies) as server:
        env = home(ion_home, server)
        async with terminal() as tty:
            await tty.start((120, 35), folder, env)
            await tty.shows("work/fake")
            await tty.type("write hello.txt")
            await tty.press("Enter")
            screen = await tty.shows("The file is written.")
            assert "❯ write hello.txt" in screen
            assert "Wrote hello.txt" in screen
            assert (folder / "hello.txt").read_text() == "hi\n"
            await tty.type("/quit")
            await tty.press("Enter")
            await tty.shows("LEFT 0")
        async with terminal() as tty:
            await tty.start((120, 35), folder, env, "-c")
            again = await tty.shows("The file is written.")
            assert "❯ write hello.txt" in again
            await tty.press("C-c")
            await tty.shows("again to leave")
            await tty.press("C-c")
            await tty.shows("LEFT 0")


async def test_keys_work_in_tmux_as_they_come(ion_home: Path, folder: Path) -> None:
    async with ChatServer([said("Yes.")]) as server, terminal() as tty:
        await tty.start((80, 24), folder, home(ion_home, server))
        await tty.shows("work/fake")
        await tty.press("C-x", "b")
        await tty.shows("Sessions")
        await tty.press("Escape")
        await tty.until(lambda screen: "Sessions" not in screen)
        await tty.press("BTab")
        await tty.shows("READ")
        await tty.press("a", "C-j", "b")
        await tty.until(lambda screen: "❯ a\n  b\n" in screen)
        await tty.press("Enter")
        await tty.shows("Yes.")
        assert server.chats[0]["messages"][-1]["content"].endswith("a\nb")


async def test_a_terminal_that_is_too_small_says_so_and_recovers(
    ion_home: Path, folder: Path
) -> None:
    async with ChatServer([said("Yes.")]) as server, terminal() as tty:
        await tty.start((30, 8), folder, home(ion_home, server))
        await tty.shows("too small")
        await tty.tmux("resize-window", "-x", "80", "-y", "24")
        await tty.shows("work/fake")


async def test_a_session_that_does_not_exist_is_said_and_nothing_opens(
    ion_home: Path, folder: Path
) -> None:
    async with ChatServer([said("Yes.")]) as server, terminal() as tty:
        await tty.start((80, 24), folder, home(ion_home, server), "-r", "nonesuch")
        screen = await tty.shows("LEFT 1")
        assert "There is no session nonesuch." in screen


async def test_nothing_is_written_to_an_idle_terminal(
    ion_home: Path, folder: Path, tmp_path: Path
) -> None:
    async with ChatServer([said("Yes.")]) as server, terminal() as tty:
        await tty.start((120, 35), folder, home(ion_home, server))
        await tty.shows("work/fake")
        await tty.type("hello")
        await tty.press("Enter")
        await tty.shows("Yes.")
        await asyncio.sleep(1)  # the last frame, and the refresh of the sidebar
        written = tmp_path / "written"
        await tty.tmux("pipe-pane", f"cat > {written}")
        await asyncio.sleep(2)  # what is measured is that nothing happens
        assert not written.exists() or written.read_bytes() == b""


def command_lines() -> list[str]:
    """Those of all processes: the number that a command has for itself means nothing outside."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(file.read_text(errors="replace"))
    return found


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
async def test_a_signal_ends_the_turn_and_restores_the_terminal(
    ion_home: Path, folder: Path
) -> None:
    napping = "60.0078125"
    calls: Any = [("bash", {"command": f"touch begun; exec sleep {napping}"})]
    async with ChatServer([said("", calls=calls)]) as server, terminal() as tty:
        await tty.start((80, 24), folder, home(ion_home, server))
        await tty.shows("work/fake")
        await tty.type("wait")
        await tty.press("Enter")
        await tty.shows("Running")
        async with asyncio.timeout(10):
            while not (folder / "begun").exists():  # noqa: ASYNC110 (it cannot tell us)
                await asyncio.sleep(0.01)
        os.kill(await running(tty), signal.SIGTERM)
        await tty.shows(f"LEFT {128 + signal.SIGTERM}")
        modes = "#{alternate_on}#{mouse_any_flag}#{cursor_flag}"
        assert (await tty.tmux("display-message", "-p", modes)).strip() == "001"
        assert not any(napping in line for line in command_lines())


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
async def test_the_whole_screen_is_back_after_a_stop(ion_home: Path, folder: Path) -> None:
    async with ChatServer([]) as server, terminal() as tty:
        await tty.start((80, 24), folder, home(ion_home, server))
        await tty.shows("work/fake")
        app = await running(tty)
        os.kill(app, signal.SIGTSTP)
        await tty.until(lambda screen: "work/fake" not in screen)
        os.kill(app, signal.SIGCONT)
        await tty.shows("Ask ion to do something")
        await tty.shows("Type a task.")


async def test_ctrl_z_bg_and_fg_of_a_shell(ion_home: Path, folder: Path) -> None:
    async with ChatServer([]) as server, terminal() as tty:
        env = {**home(ion_home, server), "PS1": "$ ", "PATH": f"{ION.parent}:{os.environ['PATH']}"}
        variables = [f"{name}={value}" for name, value in env.items()]
        shell = ["env", *variables, "bash", "--norc", "-i"]
        await tty.tmux("new-session", "-d", "-x", "80", "-y", "24", "-c", str(folder), *shell)
        await tty.type("ion")
        await tty.press("Enter")
        await tty.shows("Type a task.")
        await tty.type("half a thought")
        await tty.press("C-z")
        await tty.shows("Stopped")
        await tty.type("bg; sleep 0.3; jobs")
        await tty.press("Enter")
        await tty.until(lambda screen: screen.count("Stopped") >= 2)
        await tty.type("fg")
        await tty.press("Enter")
        await tty.shows("half a thought")
        await tty.type(" is whole")
        await tty.shows("half a thought is whole")


async def test_the_mouse_can_be_left_to_the_terminal(ion_home: Path, folder: Path) -> None:
    async with ChatServer([]) as server, terminal() as tty:
        env = home(ion_home, server)
        with (ion_home / "config.toml").open("a") as file:
            file.write('[tui]\nmouse = "off"\n')
        await tty.start((80, 24), folder, env)
        await tty.shows("work/fake")
        modes = "#{alternate_on}#{mouse_any_flag}"
        assert (await tty.tmux("display-message", "-p", modes)).strip() == "10"


async def running(tty: Terminal) -> int:
    """The process of the app in the terminal."""
    shell = (await tty.tmux("display-message", "-p", "#{pane_pid}")).strip()
    (app,) = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    return int(app)
