"""What stands between the conversation and the prompt when the person is asked something.

The oldest question is shown, the others are counted. The prompt stays as it is: letters typed there
are text. A card takes the keyboard when nobody is typing and nothing is typed, and decides nothing
before it could be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key, Paste
from textual.timer import Timer

from ion_core.events import ApprovalRequested, Emitted, QuestionAsked
from ion_core.ids import Clock
from ion_core.view import SessionView
from ion_tui.chords import SWALLOWED, Chords
from ion_tui.intents import CommandWanted, Typed
from ion_tui.widgets.arming import Arming
from ion_tui.widgets.permission_card import PermissionCard
from ion_tui.widgets.question_card import QuestionCard

LOOK_S = 0.1
LOW = 12
"""Rows above the prompt below which no blank one is between page and card."""
CALM: Final = frozenset({"up", "down", "pageup", "pagedown", "escape"})
"""Keys that nobody types a text with: they mean what they mean at once."""


class Asking(Vertical, can_focus=True):
    """A panel. ``is_free`` says whether the prompt is empty and nothing covers the page, ``room``
    how many rows there are above the prompt."""

    def __init__(
        self,
        *,
        chords: Chords,
        clock: Clock,
        is_free: Callable[[], bool],
        room: Callable[[], int],
    ) -> None:
        super().__init__(id="asking")
        self._chords, self._is_free, self._room = chords, is_free, room
        self.arming = Arming(clock)
        self.permission = PermissionCard(lambda: chords.keymap, self.post_message, self.focus)
        self.questions = QuestionCard(lambda: chords.keymap, self.post_message, self.focus)
        self._shown: ApprovalRequested | QuestionAsked | None = None
        self._waiting = 0
        self._came = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """One of them is on screen."""
        yield self.permission
        yield self.questions

    def reset(self, view: SessionView) -> None:
        """Panel: show the state."""
        self.update(view, ())

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: show the oldest question; none, no row at all."""
        asked, self._waiting = next(iter(view.asking.values()), None), len(view.asking)
        if asked is None:
            self._hide()
            return
        had_keyboard = self.has_focus_within
        if asked != self._shown:
            self._shown = asked
            self.arming.hold()
            self.call_after_refresh(self._painted, asked)
        is_question = isinstance(asked, QuestionAsked)
        self.permission.display, self.questions.display = not is_question, is_question
        self.display = True
        self._tell()
        if had_keyboard and not self._drafting:
            self.focus()
        if self._timer is None:
            self._timer = self.set_interval(LOOK_S, self._look)

    def _painted(self, asked: ApprovalRequested | QuestionAsked) -> None:
        if asked is self._shown:
            self.arming.painted()

    @property
    def _drafting(self) -> bool:
        return self.permission.drafting or self.questions.drafting

    def _hide(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._shown is not None:
            had_keyboard = self.has_focus_within
            self._shown, self.display = None, False
            self.permission.put_away()
            self.questions.put_away()
            if had_keyboard:
                self.post_message(CommandWanted("focus.prompt"))

    def _look(self) -> None:
        """Take the keyboard once nobody types and nothing is typed; keep to the room there is."""
        if not self.has_focus_within and self.arming.armed and self._is_free():
            self.focus()
            self.arming.disturb()
            self._came = True
        self._fit()

    def on_focus(self) -> None:
        """Whoever comes here first reads."""
        self.arming.disturb()
        self.call_after_refresh(self._tell)

    def on_blur(self) -> None:
        """Say how to come back."""
        self.call_after_refresh(self._tell)

    def on_resize(self) -> None:
        """The text wraps anew."""
        self._fit()

    def _tell(self) -> None:
        """Show the question; where the keyboard is elsewhere, how to answer."""
        count = f"1 of {self._waiting}" if self._waiting > 1 else ""
        way = "" if self.has_focus_within else f"{self._chords.hint('focus.next')} answers"
        note = " · ".join(part for part in (count, way) if part)
        if isinstance(self._shown, QuestionAsked):
            self.questions.show(self._shown, note)
        elif self._shown is not None:
            self.permission.show(self._shown, note)
        self._fit()

    def _fit(self) -> None:
        room = self._room()
        self.set_class(room < LOW, "-low")
        for card in (self.permission, self.questions):
            card.fit(room - (room >= LOW))

    def on_key(self, event: Key) -> None:
        """A key of the card; anything else that can be typed goes to the prompt."""
        if self._drafting:
            return
        event.stop()
        event.prevent_default()
        card = self.questions if self.questions.display else self.permission
        command = self._chords.press(card.context, event.key)
        own = command is not None and command.startswith(f"{card.context}.")
        if command and own and (self.arming.armed or event.key in CALM):
            card.obey(command)
            self._fit()
            return
        came, self._came = self._came and not self.arming.armed, False
        self.arming.disturb()
        if came and command == "focus.next":
            return  # whoever pressed it was coming here
        if command and not own:
            self.post_message(CommandWanted(command))
        elif command != SWALLOWED and event.character and event.is_printable:
            self.post_message(Typed(event.character))

    def on_paste(self, event: Paste) -> None:
        """What is pasted is text, never an answer."""
        if not self._drafting:
            event.stop()
            self.arming.disturb()
            self.post_message(Typed(event.text))
