"""A list over the page: type to filter, Enter chooses, Esc goes back.

It lies where the prompt is and leaves the page above visible, so that a theme can be previewed on
the conversation itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static

from ion_tui.keymap import Keymap
from ion_tui.offer import Offer
from ion_tui.screens.sheet import lay
from ion_tui.widgets.field import Field
from ion_tui.widgets.listbox import Choice, ListBox

if TYPE_CHECKING:
    from ion_tui.widgets.difference import Difference  # start-up: few lists have one

FRAME_ROWS = 3
"""The heading, the rule and the field."""
BESIDE_COLUMNS = 120
"""Columns of the terminal from which a pane is beside the list; below it before that."""
SHARE, LEAST_ROWS = 0.4, 3
"""Of the rows that list and pane share, what the list takes at most where the pane is below it."""


class Picker(ModalScreen[Choice | None]):
    """``place`` gives the region of the chat, whose bottom it covers; ``moved`` hears every row
    that the choice passes; ``free`` makes what was typed a choice when no row matches. A ``pane``
    shows what the chosen row would do, beside the list or below it; both then take all the height
    that there is."""

    def __init__(
        self,
        offer: Offer,
        *,
        keymap: Keymap,
        place: Callable[[], Region],
        chosen: Callable[[Choice], bool] | None = None,
        moved: Callable[[Choice], None] | None = None,
        placeholder: str = "Type to filter",
        text: str = "",
        free: bool = False,
        pane: Difference | None = None,
    ) -> None:
        super().__init__(name="picker")
        self._pane = pane
        self.offer, self._place = offer, place
        self._keymap, self._is_chosen, self._moved, self._free = keymap, chosen, moved, free
        self.list = ListBox(id="picker-list")
        self.field = Field(
            press=self._press, changed=self._narrow, text=text, placeholder=placeholder
        )
        self._counter = Static(id="picker-counter")
        self._title, self._foot = Static(id="picker-title"), Static(id="picker-foot")

    @property
    def choices(self) -> Sequence[Choice]:
        """The rows that are listed now."""
        return self.list.choices

    def compose(self) -> ComposeResult:
        """Heading, note, columns, list, field, foot."""
        with Vertical(id="picker-sheet"):
            with Horizontal(id="picker-head"):
                yield self._title
                yield self._counter
            if self.offer.note:
                yield Static(Content(self.offer.note), id="picker-note")
            if self.offer.columns:
                with Horizontal(id="picker-columns"):
                    yield Static(Content(f"  {self.offer.aside}"), id="picker-aside")
                    yield Static(Content(self.offer.columns), id="picker-right")
            with Container(id="picker-body"):
                yield self.list
                if self._pane is not None:
                    yield self._pane
            with Horizontal(id="picker-row"):
                yield Static("❯", id="picker-glyph")
                yield self.field
            if self.offer.foot:
                yield self._foot

    def on_mount(self) -> None:
        """Show everything, with the present one chosen."""
        self.list.set_class(bool(self.offer.columns), "-columns")
        self._fill(self.field.value, None if self.field.value else self._is_chosen)
        self._settle()
        self.call_after_refresh(self._settle)
        self.field.focus()

    def on_resize(self) -> None:
        """Stay over the chat."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        place, sheet = self._place(), self.query_one("#picker-sheet")
        body = self.query_one("#picker-body")
        lay(self, sheet, place)
        around = sum(child.outer_size.height for child in sheet.children if child != body)
        room = max(1, place.bottom - max(FRAME_ROWS, around))
        self.list.styles.max_height = room
        if self._pane is not None:
            body.styles.height = room
            beside = self.app.size.width >= BESIDE_COLUMNS
            self.set_class(beside, "-beside")
            self.list.allow(room if beside else max(LEAST_ROWS, int(room * SHARE)))

    def _press(self, key: str) -> bool:
        context = self.offer.context
        own = self._keymap.command(context, key) if context else None
        if own is not None and own.startswith(f"{context}."):
            self.obey(own)
            return True
        command = self._keymap.command("list", key) or ""
        self.obey(command)
        return command.startswith("list.")

    def obey(self, command: str) -> None:
        """Move, choose or leave; anything else is for the offer."""
        page = self.list.limit - 1
        steps = {"list.down": 1, "list.up": -1, "list.page_down": page, "list.page_up": -page}
        if command in steps:
            self.list.move(steps[command])
        elif command == "list.close":
            self.dismiss(None)
        elif command == "list.choose":
            self._choose()
        else:
            self._elsewhere(command)

    def _elsewhere(self, command: str) -> None:
        if self._pane is None or not self._pane.obey(command):
            self._follow(self.offer.obey(command, self.list.choice))

    def _follow(self, outcome: str) -> None:
        if outcome == "choose":
            self._choose()
        elif outcome == "next":
            self.list.move(1)
        elif outcome == "again":
            before = self.list.choice.value if self.list.choice else None
            self._fill(self.field.value, lambda row: bool(row.value == before))
        elif outcome == "anew":
            self._fill(self.field.value, None)

    def _choose(self) -> None:
        typed = self.field.value.strip()
        if self.list.choice is not None:
            self.dismiss(self.list.choice)
        elif self._free and typed:
            self.dismiss(Choice(value=typed, name=typed))

    def _fill(self, text: str, chosen: Callable[[Choice], bool] | None) -> None:
        self.list.offer(self.offer.rows(text), chosen)
        self.list.display = bool(self.choices)
        self._tell()
        self._title.update(Content(f"  {self.offer.title}"))
        self._foot.update(Content(f"  {self.offer.foot}"))
        self._count()

    def _tell(self) -> None:
        if self._pane is not None:
            self._pane.about(self.list.choice)

    def _count(self) -> None:
        close = self._keymap.hint("list.close", "list")
        position = f"{self.list.position}  " if self.list.display else ""
        self._counter.update(Content(f"{position}{close} "))

    def _narrow(self, text: str) -> None:
        self._fill(text, None if text else self._is_chosen)

    @on(ListBox.Moved)
    def _pass(self, moved: ListBox.Moved) -> None:
        self._count()
        self._tell()
        if self._moved is not None:
            self._moved(moved.choice)

    @on(ListBox.Chosen)
    def _clicked(self, chosen: ListBox.Chosen) -> None:
        self.dismiss(chosen.choice)
