"""A list over the page: type to filter, Enter chooses, Esc goes back.

It lies where the prompt is and leaves the page above visible, so that a theme can be previewed on
the conversation itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static

from ion_tui.keymap import Keymap
from ion_tui.widgets.field import Field
from ion_tui.widgets.listbox import Choice, ListBox, matching

FRAME_ROWS = 3
"""The heading, the rule and the field."""


class Picker(ModalScreen[Choice | None]):
    """``place`` gives the region of the chat, whose bottom it covers; ``moved`` hears every row
    that the choice passes; ``free`` makes what was typed a choice when no row matches."""

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        keymap: Keymap,
        place: Callable[[], Region],
        chosen: Callable[[Choice], bool] | None = None,
        moved: Callable[[Choice], None] | None = None,
        placeholder: str = "Type to filter",
        text: str = "",
        free: bool = False,
    ) -> None:
        super().__init__(id="picker")
        self.heading, self.choices, self._place = title, list(choices), place
        self._keymap, self._is_chosen, self._moved, self._free = keymap, chosen, moved, free
        self.list = ListBox(id="picker-list")
        self.field = Field(
            press=self._press, changed=self._narrow, text=text, placeholder=placeholder
        )
        self._counter = Static(id="picker-counter")

    def compose(self) -> ComposeResult:
        """Heading, list, field."""
        with Vertical(id="picker-sheet"):
            with Horizontal(id="picker-head"):
                yield Static(Content(f"  {self.heading}"), id="picker-title")
                yield self._counter
            yield self.list
            with Horizontal(id="picker-row"):
                yield Static("❯", id="picker-glyph")
                yield self.field

    def on_mount(self) -> None:
        """Show everything, with the present one chosen."""
        self._settle()
        self.list.offer(self.choices, self._is_chosen)
        self.list.display = bool(self.choices)
        self.field.focus()
        self._count()

    def on_resize(self) -> None:
        """Stay over the chat."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        place = self._place()
        sheet = self.query_one("#picker-sheet")
        sheet.styles.width = place.width
        self.list.styles.max_height = max(1, place.bottom - FRAME_ROWS)
        sheet.styles.margin = (0, 0, max(0, self.app.size.height - place.bottom), place.x)

    def _press(self, key: str) -> bool:
        command = self._keymap.command("list", key) or ""
        self.obey(command)
        return command.startswith("list.")

    def obey(self, command: str) -> None:
        """Move, choose or leave."""
        page = self.list.limit - 1
        steps = {"list.down": 1, "list.up": -1, "list.page_down": page, "list.page_up": -page}
        if command in steps:
            self.list.move(steps[command])
        elif command == "list.close":
            self.dismiss(None)
        elif command == "list.choose":
            self._choose()

    def _choose(self) -> None:
        typed = self.field.value.strip()
        if self.list.choice is not None:
            self.dismiss(self.list.choice)
        elif self._free and typed:
            self.dismiss(Choice(value=typed, name=typed))

    def _count(self) -> None:
        position = self.list.position if self.choices else ""
        close = self._keymap.hint("list.close", "list")
        self._counter.update(Content(f"{position}  {close} "))

    def _narrow(self, text: str) -> None:
        if self.choices:
            chosen = None if text else self._is_chosen
            self.list.offer(matching(self.choices, text), chosen)
            self._count()

    @on(ListBox.Moved)
    def _pass(self, moved: ListBox.Moved) -> None:
        self._count()
        if self._moved is not None:
            self._moved(moved.choice)

    @on(ListBox.Chosen)
    def _clicked(self, chosen: ListBox.Chosen) -> None:
        self.dismiss(chosen.choice)
