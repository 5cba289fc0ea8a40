"""A person finds what was said weeks ago, with the keyboard alone, in a real terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.config.trust import trust
from tests.e2e.test_tmux_conversation import home, pytestmark, terminal
from tests.fakes.chat_server import ChatServer
from tests.tui.kept_sessions import Kept

__all__ = ["pytestmark"]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_search_then_open_at_the_message(
    ion_home: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    kept = Kept(ion_home, folder)
    trust(folder, ion_home, below=True)
    talk = [f"{'question' if n % 2 == 0 else 'answer'} {n}\n\n" + "row\n" * 4 for n in range(60)]
    talk[11] = "answer 11: the walrus was in the parser"
    session = await kept.keep("An old talk", *talk, age_s=900_000)
    await kept.branch(session, "something else", "quite another answer")
    async with ChatServer([]) as server, terminal() as tty:
        await tty.start(size, folder, home(ion_home, server))
        await tty.shows("work/fake")
        await tty.type("/search walrus")
        await tty.press("Enter")
        await tty.shows("1 found")
        await tty.press("Enter")
        screen = await tty.shows("answer 11: the walrus was in the parser")
        assert "answer 59" not in screen
        await tty.press("C-c")
        await tty.shows("again to leave")
        await tty.press("C-c")
        await tty.shows("LEFT 0")
