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
from textual.content import Content
from textual.events import Key
from textual.timer import Timer
from textual.widgets import Static

from ion_core.events import ApprovalRequested, Emitted, QuestionAsked
from ion_core.ids import Clock
from ion_core.view import SessionView
from ion_tui.chords import Chords
from ion_tui.intents import CommandWanted, Typed
from ion_tui.widgets.arming import Arming
from ion_tui.widgets.permission_card import PermissionCard
from ion_tui.widgets.question_card import QuestionCard

LOOK_S = 0.1
CALM: Final = frozenset({"up", "down", "pageup", "pagedown", "escape"})
"""Keys that nobody types a text with: they mean what they mean at once."""


class Asking(Vertical, can_focus=True):
    """A panel. ``is_free`` says whether the prompt is empty and nothing covers the page."""

    def __init__(self, *, chords: Chords, clock: Clock, is_free: Callable[[], bool]) -> None:
        super().__init__(id="asking")
        self._chords, self._is_free = chords, is_free
        self.arming = Arming(clock)
        self.permission = PermissionCard(lambda: chords.keymap, self.post_message)
        self.questions = QuestionCard(lambda: chords.keymap, self.post_message)
        self._foot = Static(id="asking-foot")
        self._shown: ApprovalRequested | QuestionAsked | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """One card, and how to get at it."""
        yield self.permission
        yield self.questions
        yield self._foot

    def reset(self, view: SessionView) -> None:
        """Panel: show the state."""
        self.update(view, ())

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Panel: show the oldest question; none, no row at all."""
        asked = next(iter(view.asking.values()), None)
        if asked is None:
            self._hide()
            return
        if asked != self._shown:
            self._shown = asked
            self.arming.disturb()
        count = f"1 of {len(view.asking)}" if len(view.asking) > 1 else ""
        is_question = isinstance(asked, QuestionAsked)
        self.permission.display, self.questions.display = not is_question, is_question
        self.display = True
        if isinstance(asked, QuestionAsked):
            self.questions.show(asked, count)
        else:
            self.permission.show(asked, count)
        if self._timer is None:
            self._timer = self.set_interval(LOOK_S, self._look)
        self._tell()

    def _hide(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._shown is not None:
            had_keyboard = self.has_focus_within
            self._shown, self.display = None, False
            if had_keyboard:
                self.post_message(CommandWanted("focus.prompt"))

    def _look(self) -> None:
        """Take the keyboard once nobody types and nothing is typed."""
        if not self.has_focus_within and self.arming.armed and self._is_free():
            self.focus()
            self.arming.disturb()

    def on_focus(self) -> None:
        """Whoever comes here first reads."""
        self.arming.disturb()
        self.call_after_refresh(self._tell)

    def on_blur(self) -> None:
        """Say how to come back."""
        self.call_after_refresh(self._tell)

    def _tell(self) -> None:
        key = self._chords.hint("focus.next")
        self._foot.display = not self.has_focus_within
        self._foot.update(Content.styled(f"{key} answers", "$ion-muted"))

    def on_key(self, event: Key) -> None:
        """A key of the card; anything else that can be typed goes to the prompt."""
        if self.permission.drafting or self.questions.drafting:
            return
        event.stop()
        event.prevent_default()
        context = "questions" if self.questions.display else "card"
        command = self._chords.press(context, event.key) or ""
        card = self.questions if self.questions.display else self.permission
        own = command.startswith(f"{context}.")
        if own and (self.arming.armed or event.key in CALM):
            card.obey(command)
            return
        self.arming.disturb()
        if command and not own:
            self.post_message(CommandWanted(command))
        elif event.character and event.is_printable:
            self.post_message(Typed(event.character))
