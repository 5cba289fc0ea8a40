"""The real app in two terminals: what was typed outlives it, and one session has one writer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from ion_core.runtime import Runtime
from tests.fakes.pty_bytes import PATIENCE_S, PtyBytes
from tests.fakes.scripted_home import scripted_home

SIZE = (24, 80)
APP = ["-c", "from ion_tui.cli import main; main()"]
Open = Callable[..., "Terminal"]


class Terminal:
    """An app in a terminal, as a person sees it."""

    def __init__(self, env: dict[str, str], cwd: Path, *options: str) -> None:
        self.pty = PtyBytes([*APP, *options], env, cwd, SIZE)

    @property
    def rows(self) -> str:
        screen = pyte.Screen(SIZE[1], SIZE[0])
        pyte.ByteStream(screen).feed(self.pty.sent)
        return "\n".join(screen.display)

    def shows(self, text: str) -> None:
        self.pty.until(lambda _: text in self.rows)

    def loses(self, text: str) -> None:
        self.pty.until(lambda _: text not in self.rows)

    def kill(self) -> None:
        self.pty.kill()


@pytest.fixture
def place(tmp_path: Path) -> tuple[dict[str, str], Path]:
    (tmp_path / "ws").mkdir()
    answers = [{"text": f"Answer {number}.", "delay_s": 0.01} for number in range(5)]
    return scripted_home(tmp_path / "home", answers), tmp_path / "ws"


@pytest.fixture
def open_app(place: tuple[dict[str, str], Path]) -> Iterator[Open]:
    opened: list[Terminal] = []

    def open_one(*options: str) -> Terminal:
        opened.append(Terminal(*place, *options))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.pty.close()


def begun(place: tuple[dict[str, str], Path]) -> str:
    async def begin() -> str:
        env, cwd = place
        async with Runtime(cwd, env=env) as runtime:
            session = await runtime.open()
            await session.submit("begin")
            await session.idle()
            return session.id

    return asyncio.run(begin())


def test_what_was_typed_is_there_after_kill_minus_nine(
    open_app: Open, place: tuple[dict[str, str], Path]
) -> None:
    drafts = Path(place[0]["ION_HOME"]) / "drafts"
    first = open_app()
    first.shows("Ask ion")
    first.pty.type("never sent")
    first.shows("never sent")
    end = time.monotonic() + PATIENCE_S
    while "never sent" not in [path.read_text() for path in drafts.glob("*.txt")]:
        assert time.monotonic() < end
        time.sleep(0.02)
    first.kill()
    second = open_app()
    second.shows("never sent")


def test_the_second_app_reads_along_and_takes_over(
    open_app: Open, place: tuple[dict[str, str], Path]
) -> None:
    session = begun(place)
    first = open_app("--resume", session)
    first.shows("Answer 0.")
    second = open_app("--resume", session)
    second.shows("writes this session")
    first.pty.type("more\r")
    first.shows("Answer 0.")
    second.shows("more")
    second.pty.type("\x18O")
    second.loses("takes over")
    first.pty.type("again\r")
    first.shows("takes over")
    first.kill()
    second.pty.type("mine\r")
    second.shows("mine")
