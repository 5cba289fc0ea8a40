"""A recorded run on the screen: the same lines, at the person's pace."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from ion_core import codec
from ion_core.bus import Subscription
from ion_core.ids import CallId
from ion_core.messages import Part, Reasoning, Text, ToolCall
from ion_core.recording import read
from ion_tui import themes
from ion_tui.bridge import Bridge
from ion_tui.replay import ReplayApp
from ion_tui.widgets.transcript import Transcript
from tests.fakes.scene import scene

WIDTH, HEIGHT = 100, 40


class Live(App[None]):
    """A session on the app's transcript while it works."""

    CSS = "Transcript { height: 1fr; padding: 0 1; }"

    def compose(self) -> ComposeResult:
        yield Transcript()

    def on_mount(self) -> None:
        look = themes.load(themes.DEFAULT)
        self.register_theme(look.theme())
        self.theme = look.name


def lines(transcript: Transcript) -> list[str]:
    return [transcript.render_line(y).text.rstrip() for y in range(transcript.size.height)]


def written(heard: Subscription, file: Path) -> None:
    file.write_bytes(b"".join(codec.encode(each) + b"\n" for each in heard.take()))


@pytest.fixture
async def recorded(tmp_path: Path) -> tuple[Path, list[str]]:
    """A recording, and the lines that were on the screen when it ended."""
    folder, file = tmp_path / "work", tmp_path / "run.jsonl"
    call = ToolCall(id=CallId("c1"), name="list", arguments={"path": "."})
    lost = ToolCall(id=CallId("c2"), name="read", arguments={"path": "absent.txt"})
    first: list[Part] = [Reasoning(text="I look first."), Text(text="Let me see."), call, lost]
    steps = [first, "# There\n\n- one\n- **two**\n\n```python\nx = 1\n```\n"]
    app = Live()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot, scene(folder, steps) as played:
        (folder / "a.txt").write_text("x")
        transcript = app.query_one(Transcript)
        _, heard = played.session.subscribe(lossless=True)
        bridge = Bridge(played.session)  # type: ignore[arg-type]  # the real one
        bridge.show(transcript)
        showing = asyncio.create_task(bridge.run())
        await played.play("What is here?")
        written(heard, file)
        await played.session.aclose()
        await showing
        await pilot.pause(0.1)
        return file, lines(transcript)


async def test_the_screen_ends_up_with_the_same_lines(recorded: tuple[Path, list[str]]) -> None:
    file, live = recorded
    app = ReplayApp(read(file))
    async with app.run_test(size=(WIDTH, HEIGHT + 1)) as pilot:
        await pilot.press("end")
        await pilot.pause(0.1)
        assert app.over
        assert any("What is here?" in line for line in live)
        assert any("two" in line for line in live)
        assert lines(app.transcript) == live


async def test_a_person_sets_the_pace(recorded: tuple[Path, list[str]]) -> None:
    app = ReplayApp(read(recorded[0]))
    app.paused = True  # a run as short as this one would be over before a key is pressed
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        before = app.at
        await pilot.press("right", "right")
        assert app.at == before + 2
        await pilot.press("+", "+")
        assert app.speed == 4
        await pilot.press("-", "-", "-")
        assert app.speed == 0.5
        await pilot.press("+", "+", "+", "+", "+", "+", "space")
        while not app.over:
            await pilot.pause(0.02)
        await pilot.press("q")
    assert not app.is_running
