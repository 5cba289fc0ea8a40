"""The editor at the bottom: text for the agent, or a command behind ``/``.

It takes every key in its own queue, so that a burst of keys keeps its order. What was typed is
never lost: what Ctrl+C or Esc clears goes into the history, and a draft outlives a look at an
older prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual import events, on
from textual.widgets import TextArea

from ion_core.ids import Clock
from ion_tui.chords import Chords
from ion_tui.intents import (
    CommandWanted,
    CopyWanted,
    FollowUpWanted,
    InterruptWanted,
    Said,
    Submitted,
    TakeBackWanted,
)
from ion_tui.mentioning import completed
from ion_tui.recall import Recall
from ion_tui.widgets.listbox import Choice, ListBox

PLACEHOLDER = "Ask ion to do something"
DOUBLE_S = 0.6
"""Two presses of Esc within this time clear the text (`tui.md` §3.5.1)."""
QUIT_S = 2.0
"""Two presses of Ctrl+C on an empty prompt within this time leave."""
GUARD_S = 0.15
"""Esc is ignored this long after a paste or a change of size: it may be a torn sequence."""


class Prompt(TextArea):
    """``busy`` and ``waiting`` are what it must know of the session: does a turn run, and how many
    messages wait. ``escapes_twice`` makes an interrupt take two presses. ``complete`` gives the
    choices for a text and what of it is before the cursor, none when there is nothing to offer.
    """

    def __init__(
        self,
        *,
        chords: Chords,
        popup: ListBox,
        complete: Callable[[str, str], Sequence[Choice]],
        clock: Clock,
    ) -> None:
        super().__init__(
            id="prompt",
            compact=True,
            highlight_cursor_line=False,
            placeholder="Ask ion to do something",
        )
        self.cursor_blink = False
        self.busy, self.waiting = False, 0
        self.escapes_twice = False
        self.recall = Recall()
        self._chords, self._popup, self._complete, self._clock = chords, popup, complete, clock
        self._escaped = self._quit_asked = self._guarded = float("-inf")
        self._offered = ""

    async def _on_key(self, event: events.Key) -> None:
        if self.text != self._offered:
            self._offer()  # keys that came together are ahead of the news that the text changed
        context = "completion" if self._popup.display else "prompt"
        command = self._chords.press(context, event.key)
        if command is None and context == "completion":
            command = self._chords.press("prompt", event.key)
        if command is not None and (not command or self.obey(command)):
            event.stop()
            event.prevent_default()
        elif event.is_printable:
            await super()._on_key(event)
        else:
            await self._edit(event)

    async def _edit(self, event: events.Key) -> None:
        """Do what the editor itself binds to a key now, not after the next key."""
        if event.key == "enter":
            return
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)

    def obey(self, command: str) -> bool:
        """Run a command here or ask for it; False when the key means something else just now."""
        match command:
            case "prompt.submit":
                self._submit()
            case "prompt.newline":
                self.insert("\n")
            case "prompt.queue":
                self._queue()
            case "prompt.previous":
                return self._previous()
            case "prompt.next":
                return self._next()
            case "prompt.undo":
                self.undo()
            case "prompt.redo":
                self.redo()
            case "completion.next" | "completion.previous":
                self._popup.move(1 if command == "completion.next" else -1)
            case "completion.accept":
                self._accept()
            case "completion.run":
                self._run()
            case "ui.escape":
                self._escape()
            case "ui.interrupt":
                self.interrupt()
            case "help.if_empty" | "transcript.follow_if_empty" | "app.quit_if_empty":
                if self.text:
                    return False
                wanted = {"help": "help.open", "app": "app.quit"}
                place = command.partition(".")[0]
                self.post_message(CommandWanted(wanted.get(place, "transcript.follow")))
            case _:
                self.post_message(CommandWanted(command))
        return True

    def put(self, text: str) -> None:
        """Replace the text; the cursor goes to its end."""
        self.text = text
        self.move_cursor(self.document.end)

    def give_back(self, text: str) -> None:
        """Bring text back that was sent or waiting, in front of what was written meanwhile."""
        self.put(f"{text}\n{self.text}" if self.text.strip() else text)

    def clear_to_history(self) -> None:
        """Empty the editor; ↑ brings the text back."""
        self.recall.add(self.text)
        self.put("")

    def _take(self) -> str:
        text = self.text.replace("\r\n", "\n").replace("\r", "\n")
        self.recall.add(text)
        self.put("")
        return text

    def _submit(self) -> None:
        row, column = self.cursor_location
        if self.get_line(row).plain[:column].endswith("\\"):
            self.replace("\n", (row, column - 1), (row, column))
        elif self.text.strip():
            self.post_message(Submitted(self._take()))

    def _queue(self) -> None:
        if self.busy and self.text.strip():
            self.post_message(FollowUpWanted(self._take()))
        elif not self.text:
            self.post_message(CommandWanted("focus.next"))

    def _previous(self) -> bool:
        if self.waiting and not self.text:
            self.post_message(TakeBackWanted())
            return True
        if not self.navigator.is_first_wrapped_line(self.cursor_location):
            return False
        older = self.recall.older(self.text)
        if older is not None:
            self.put(older)
        return older is not None

    def _next(self) -> bool:
        if not self.navigator.is_last_wrapped_line(self.cursor_location):
            return False
        newer = self.recall.newer(self.text)
        if newer is not None:
            self.put(newer)
        return newer is not None

    def _escape(self) -> None:
        """One step down the ladder of `tui.md` §3.5.1."""
        now = self._clock()
        if self._popup.display:
            self._popup.display = False
        elif now - self._guarded < GUARD_S:
            return
        elif self.busy and (not self.escapes_twice or now - self._escaped <= DOUBLE_S):
            self.post_message(InterruptWanted())
        elif self.busy or now - self._escaped > DOUBLE_S:
            self._escaped = now
        else:
            self._escaped = float("-inf")
            if self.text:
                self.clear_to_history()
            else:
                self.post_message(CommandWanted("session.rewind"))

    def interrupt(self) -> None:
        """Copy, stop the turn, clear the text or leave: whichever comes first."""
        now = self._clock()
        if selected := self.selected_text or self.screen.get_selected_text():
            self.screen.clear_selection()
            self.post_message(CopyWanted(selected))
        elif self.busy:
            self.post_message(InterruptWanted())
        elif self.text:
            self.clear_to_history()
        elif now - self._quit_asked <= QUIT_S:
            self.post_message(CommandWanted("app.quit"))
        else:
            self._quit_asked = now
            key = self._chords.keymap.hint("ui.interrupt")
            self.post_message(Said(f"Press {key} again to leave."))

    def _accept(self) -> None:
        if (choice := self._popup.choice) and not self._mention(choice):
            self.put(f"{choice.name} ")

    def _run(self) -> None:
        choice = self._popup.choice
        if choice is not None and self._mention(choice):
            return
        if choice is not None:
            self.put(choice.name)
        self._popup.display = False
        self._submit()

    def _mention(self, choice: Choice) -> bool:
        """Complete the mention that was begun; False when none was."""
        done = completed(self.text, self._head, str(choice.value))
        if done is None:
            return False
        self.text = done[0]
        before = done[0][: done[1]]
        self.move_cursor((before.count("\n"), len(before.rpartition("\n")[2])))
        return True

    @property
    def _head(self) -> str:
        """The text before the cursor."""
        return self.get_text_range((0, 0), self.cursor_location)

    def offer_again(self) -> None:
        """More is known of what the text could become."""
        if self.text:
            self._offer()

    @on(TextArea.Changed)
    def _offer(self) -> None:
        """Show what the text could become."""
        self._offered = self.text
        choices = self._complete(self.text, self._head)
        self._popup.display = bool(choices)
        if choices:
            self._popup.offer(choices)

    async def _on_paste(self, event: events.Paste) -> None:
        self._guarded = self._clock()
        event.prevent_default()
        event.stop()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        self.replace(text, *self.selection, maintain_selection_offset=False)

    def guard(self) -> None:
        """Ignore Esc for a moment: the terminal changed, and a torn sequence may follow."""
        self._guarded = self._clock()

    @property
    def lines_wanted(self) -> int:
        """Rows that the whole text takes at the present width."""
        return max(1, self.wrapped_document.height)

    @property
    def is_blank(self) -> bool:
        """Whether nothing but blanks is in it."""
        return cell_len(self.text.strip()) == 0
