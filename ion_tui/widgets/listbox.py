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
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

LIMIT = 10
"""Rows that are shown at most (rule 14 of `looks.md`)."""
NAME_CELLS, NAME_SHARE = 46, 0.6
"""The column of names at most, in cells and of the width; a longer name reaches beyond it."""


class Choice(Struct, frozen=True, kw_only=True):
    """A row. ``value`` is what choosing it means; a heading has none and is never chosen. ``lead``
    is a quiet beginning of the name, ``weight`` what speaks for the row besides typed letters."""

    value: Any = None
    name: str
    lead: str = ""
    detail: str = ""
    right: str = ""
    mark: str = ""
    weight: int = 0

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


class ListBox(ScrollView, can_focus=False):
    """Rows, and which one is chosen. Posts :class:`Moved` and :class:`Chosen`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "listbox--row",
        "listbox--mark",
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
        names = (cell_len(c.lead + c.name) for c in self.choices if not c.heading)
        self._name_width = max(names, default=0)
        self.styles.height = max(1, min(self.limit, len(self.choices)))
        self.virtual_size = Size(0, len(self.choices))
        self._show_index(top=0)
        self.refresh()

    def allow(self, rows: int) -> None:
        """Show so many rows at most from now on."""
        self.limit = max(1, rows)
        self.styles.height = max(1, min(self.limit, len(self.choices)))
        self._show_index()

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

    def on_resize(self) -> None:
        """Keep the chosen row on screen."""
        self._show_index()

    def _show_index(self, top: int | None = None) -> None:
        """Scroll as little as possible from row ``top``, a heading right above with it."""
        height = min(self.size.height or self.limit, self.limit)
        top = self.scroll_offset.y if top is None else top
        above = self.index > 0 and self.choices[self.index - 1].heading
        first = self.index - above if height > 1 else self.index
        top = min(first, max(top, self.index - height + 1))
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if index >= len(self.choices):
            return Strip.blank(width, self.rich_style)
        return Strip(self._row(self.choices[index], index == self.index, width), width)

    def _row(self, choice: Choice, chosen: bool, width: int) -> list[Segment]:
        if choice.heading:
            style = self.get_component_rich_style("listbox--heading")
            return [Segment(fit("  " + choice.name, width), style)]
        right = f" {choice.right}  " if choice.right else "  "
        room = width - cell_len(right)
        mark, own = fit(choice.mark, 2), cell_len(choice.lead + choice.name)
        label = min(room, 2 + own)
        if choice.detail:
            column = min(self._name_width + 4, NAME_CELLS, int(room * NAME_SHARE))
            label = max(column, own + 4)
        label = min(label, room)
        lead = choice.lead[: max(0, label - 2)]
        name = fit(choice.name, label - 2 - cell_len(lead))
        return [
            Segment(mark, self._style("mark", chosen)),
            Segment(lead, self._style("detail", chosen)),
            Segment(name, self._style("row", chosen)),
            Segment(fit(choice.detail, room - label), self._style("detail", chosen)),
            Segment(right, self._style("right", chosen)),
        ]

    def _style(self, part: str, chosen: bool) -> Style:
        if chosen:
            part = "chosen" if part in ("row", "mark") else "chosen-dim"
        return self.get_component_rich_style(f"listbox--{part}")

    def on_click(self, event: Click) -> None:
        """Choose what was clicked."""
        index = event.y + self.scroll_offset.y
        if index < len(self.choices) and not self.choices[index].heading:
            self.index = index
            self.refresh()
            self.post_message(self.Chosen(self.choices[index]))
