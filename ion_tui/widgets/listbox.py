"""The one list of the app: slash commands, models, themes, sessions, help.

It is drawn line by line: one row per choice, cut with ``…``; the chosen row inverted; names in a
column of their own; what belongs to the right end dim. It takes no keys itself: whoever shows it
moves the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

LIMIT = 10
"""Rows that are shown at most (rule 14 of `looks.md`)."""


class Choice(Struct, frozen=True, kw_only=True):
    """A row. ``value`` is what choosing it means; a heading has none and is never chosen."""

    value: Any = None
    name: str
    detail: str = ""
    right: str = ""
    mark: str = ""

    @property
    def heading(self) -> bool:
        return self.value is None


def fit(text: str, width: int) -> str:
    """Text in exactly ``width`` cells; what is too long ends in ``…``."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return (
        set_cell_size(text, width - 1).rstrip()
        + "…"
        + " " * (width - 1 - cell_len(set_cell_size(text, width - 1).rstrip()))
    )


def matching(choices: Sequence[Choice], words: str) -> list[Choice]:
    """The choices that contain every word, those whose name begins with the text first."""
    wanted = words.lower().split()
    if not wanted:
        return list(choices)
    found = [
        choice
        for choice in choices
        if not choice.heading
        and all(word in f"{choice.name} {choice.detail}".lower() for word in wanted)
    ]
    return sorted(found, key=lambda choice: _distance(choice, words.lower().strip()))


def _distance(choice: Choice, text: str) -> int:
    name = choice.name.lower().lstrip("/")
    text = text.lstrip("/")
    return 0 if name.startswith(text) else 1 if text in name else 2


class ListBox(ScrollView, can_focus=False):
    """Rows, and which one is chosen. Posts :class:`Moved` and :class:`Chosen`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "listbox--row",
        "listbox--detail",
        "listbox--right",
        "listbox--heading",
        "listbox--chosen",
        "listbox--chosen-dim",
    }

    class Moved(Message):
        """Another row is chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, *, limit: int = LIMIT, id: str | None = None) -> None:
        super().__init__(id=id)
        self.limit = limit
        self.choices: list[Choice] = []
        self.index = 0

    def offer(
        self, choices: Sequence[Choice], chosen: Callable[[Choice], bool] | None = None
    ) -> None:
        """Show these rows; choose the first one that ``chosen`` likes, else the first."""
        self.choices = list(choices)
        real = [i for i, choice in enumerate(self.choices) if not choice.heading]
        liked = [i for i in real if chosen is not None and chosen(self.choices[i])]
        self.index = next(iter([*liked, *real]), 0)
        self._name_width = max((cell_len(c.name) for c in self.choices if not c.heading), default=0)
        self.styles.height = max(1, min(self.limit, len(self.choices)))
        self.virtual_size = Size(0, len(self.choices))
        self._show_index()
        self.refresh()

    @property
    def choice(self) -> Choice | None:
        """The chosen row, None in an empty list."""
        row = self.choices[self.index] if self.index < len(self.choices) else None
        return None if row is None or row.heading else row

    @property
    def position(self) -> str:
        """``3/41``: which of how many."""
        real = [i for i, choice in enumerate(self.choices) if not choice.heading]
        return f"{real.index(self.index) + 1}/{len(real)}" if self.index in real else "0/0"

    def move(self, by: int) -> None:
        """Choose another row; a single step goes round the ends, a page stops there."""
        real = [i for i, choice in enumerate(self.choices) if not choice.heading]
        if not real:
            return
        at = real.index(self.index) + by
        at = at % len(real) if abs(by) == 1 else max(0, min(at, len(real) - 1))
        self.index = real[at]
        self._show_index()
        self.refresh()
        self.post_message(self.Moved(self.choices[self.index]))

    def _show_index(self) -> None:
        top = 0 if self.index and self.choices[self.index - 1].heading and self.index == 1 else -1
        y = self.index if top else 0
        self.scroll_to_region(Region(0, y, 1, self.index - y + 1), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self.choices):
            return Strip.blank(width, self.rich_style)
        return Strip(self._row(self.choices[index], index == self.index, width), width)

    def _row(self, choice: Choice, chosen: bool, width: int) -> list[Segment]:
        if choice.heading:
            style = self.get_component_rich_style("listbox--heading")
            return [Segment(fit("  " + choice.name, width), style)]
        name = self._style("row", chosen)
        right = f" {choice.right}  " if choice.right else "  "
        room = width - cell_len(right)
        label = fit(choice.mark, 2) + choice.name
        if choice.detail:
            label = fit(label, min(self._name_width + 4, room))
        detail = fit(choice.detail, room - cell_len(label)) if choice.detail else ""
        label = label if choice.detail else fit(label, room)
        return [
            Segment(label, name),
            Segment(detail, self._style("detail", chosen)),
            Segment(right, self._style("right", chosen)),
        ]

    def _style(self, part: str, chosen: bool) -> Style:
        if chosen:
            part = "chosen" if part == "row" else "chosen-dim"
        return self.get_component_rich_style(f"listbox--{part}")

    def on_click(self, event: Click) -> None:
        """Choose what was clicked."""
        index = event.y + self.scroll_offset.y
        if index < len(self.choices) and not self.choices[index].heading:
            self.index = index
            self.refresh()
            self.post_message(self.Chosen(self.choices[index]))
