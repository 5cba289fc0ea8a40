"""A recorded run on the screen again, event by event, at the pace that it had or another one.

The transcript is the app's own and is told the same events, so that it ends up with the same
lines. Nothing is asked of a model, and nothing is written.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static

from ion_core.recording import Recording
from ion_core.view import SessionView
from ion_tui import themes
from ion_tui.widgets.transcript import Transcript

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 32.0)
LONGEST_S = 3.0
"""Recorded seconds without an event that are waited for; nobody needs to see a model think."""
TOGETHER_S = 1 / 30
"""Events so close to one another are shown at once."""
HINTS = "space pauses   → one step   + − speed   end all of it   q leaves"


class ReplayApp(App[None]):
    """Shows ``recording``. ``at`` is how many of its events are shown."""

    TITLE = "ion replay"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    CSS = """
    Transcript { height: 1fr; padding: 0 1; }
    #replay { height: 1; padding: 0 1; color: $ion-muted; background: $ion-surface; }
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._recording = recording
        self._view = SessionView(session=recording.session)
        self.at, self.paused, self._speed = 0, False, SPEEDS.index(1.0)
        self._turned = asyncio.Event()
        self.transcript = Transcript(clock=self._now)
        self._line = Static(id="replay", markup=False)
        look = themes.load(themes.DEFAULT)
        self.register_theme(look.theme())
        self.theme = look.name

    def compose(self) -> ComposeResult:
        """The conversation, and a line about the replay."""
        yield self.transcript
        yield self._line

    def on_mount(self) -> None:
        """Begin."""
        self.transcript.reset(self._view)
        self.transcript.focus()
        self._tell()
        self.run_worker(self._play())

    @property
    def over(self) -> bool:
        """Whether everything is shown."""
        return self.at == len(self._recording.events)

    @property
    def speed(self) -> float:
        """Recorded seconds in a second."""
        return SPEEDS[self._speed]

    def on_key(self, event: events.Key) -> None:
        """Space, arrows, plus and minus; everything else moves the transcript."""
        known = {
            "space": self._toggle,
            "right": self._step,
            "plus": lambda: self._hurry(1),
            "minus": lambda: self._hurry(-1),
            "end": self._finish,
            "pageup": self.transcript.page_up,
            "pagedown": self.transcript.page_down,
            "q": self.exit,
            "escape": self.exit,
        }
        if act := known.get(event.key):
            event.stop()
            event.prevent_default()
            act()

    async def _play(self) -> None:
        while not self.over:
            self._turned.clear()
            try:
                async with asyncio.timeout(None if self.paused else self._pause_s()):
                    await self._turned.wait()
            except TimeoutError:
                self._show(self._near())

    def _pause_s(self) -> float:
        return min(self._gap_s(self.at), LONGEST_S) / self.speed

    def _gap_s(self, at: int) -> float:
        """Recorded seconds between an event and the one before it."""
        told = self._recording.events
        return max(0.0, told[at].at - told[at - 1].at) if at else 0.0

    def _near(self) -> int:
        """How many events are shown next: those that came, at this speed, within a frame."""
        last, gone_s = self.at + 1, 0.0
        while last < len(self._recording.events):
            gone_s += self._gap_s(last) / self.speed
            if gone_s > TOGETHER_S:
                break
            last += 1
        return last - self.at

    def _show(self, count: int) -> None:
        batch = self._recording.events[self.at : self.at + count]
        for emitted in batch:
            self._view.apply(emitted)
        self.at += len(batch)
        self.transcript.update(self._view, batch)
        self._tell()

    def _toggle(self) -> None:
        self.paused = not self.paused
        self._turn()

    def _step(self) -> None:
        """One event more, and stay there."""
        self.paused = True
        self._show(1)
        self._turn()

    def _hurry(self, by: int) -> None:
        self._speed = min(max(0, self._speed + by), len(SPEEDS) - 1)
        self._turn()

    def _finish(self) -> None:
        self._show(len(self._recording.events))
        self.transcript.end()
        self._turn()

    def _turn(self) -> None:
        self._turned.set()
        self._tell()

    def _now(self) -> float:
        """The time that it was then."""
        return self._recording.events[max(0, self.at - 1)].at

    def _tell(self) -> None:
        state = "over" if self.over else "paused" if self.paused else f"{self.speed:g}×"
        total = len(self._recording.events)
        self._line.update(f"{state}   {self.at} of {total} events   {HINTS}")
