"""What a search found, in the place of the session tree: lines and a cursor.

The keyboard stays in the field above; whoever owns that moves the cursor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ion_core.ids import Clock
from ion_tui.render.cells import cells, shorten
from ion_tui.widgets.cursor import under_cursor
from ion_tui.widgets.hit_rows import Found, Line, hit_lines

NOTHING = ("Nothing found.",)
HOW = (
    "Words are all wanted.",
    '"a phrase" stays together.',
    "",
    "tag:NAME   model:NAME",
    "folder:PART  file:NAME",
    "is:error   cost>0.5",
    "before: after: date:",
    "  2025-11  today  7d",
)
"""What can be typed, shown until something is."""


class Hits(ScrollView, can_focus=False):
    """``found`` is what is listed, ``index`` the chosen one of it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hits--title",
        "hits--session",
        "hits--role",
        "hits--text",
        "hits--match",
        "hits--dim",
        "hits--cursor",
    }

    class Chosen(Message):
        """A line was clicked."""

    def __init__(self, *, clock: Clock) -> None:
        super().__init__(id="hits")
        self._clock = clock
        self._styles: dict[str, Style] = {}
        self._lines: list[Line] = []
        self._told: Sequence[str] = HOW
        self.found: Sequence[Found] = ()
        self.index = 0

    def offer(self, found: Sequence[Found], *, asked: bool) -> None:
        """List what was found. Without a question, say what can be asked."""
        self.found, self.index = found, 0
        self._told = NOTHING if asked else HOW
        self._lay()
        self.scroll_to(y=0, animate=False, force=True, immediate=True)

    @property
    def chosen(self) -> Found | None:
        """What the cursor is on."""
        return self.found[self.index] if self.index < len(self.found) else None

    def move(self, by: int) -> None:
        """Choose another one; not beyond the ends."""
        self.index = max(0, min(self.index + by, len(self.found) - 1))
        self._show_index()
        self.refresh()

    @property
    def page(self) -> int:
        """How many fit the height, about."""
        return max(1, self.size.height // 3)

    def _show_index(self) -> None:
        """Scroll as little as possible, to the title above too."""
        mine = [n for n, line in enumerate(self._lines) if line.of == self.index]
        if not mine:
            return
        titled = mine[0] > 0 and self._lines[mine[0] - 1].of is None
        first, height = mine[0] - titled, max(1, self.size.height)
        top = min(first, max(self.scroll_offset.y, mine[-1] - height + 1))
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def _look(self, part: str) -> Style:
        if part not in self._styles:
            self._styles[part] = self.get_component_rich_style(f"hits--{part}")
        return self._styles[part]

    def _lay(self) -> None:
        self._styles = {}  # the theme may be another one
        self._lines = hit_lines(self.found, self.size.width, self._clock(), self._look)
        self.virtual_size = Size(0, len(self._lines))
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        if self.is_mounted:
            self._lay()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._lay()
        self._show_index()

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        y = event.y + self.scroll_offset.y
        index = self._lines[y].of if y < len(self._lines) else None
        if index is not None:
            self.index = index
            self.post_message(self.Chosen())

    def render_line(self, y: int) -> Strip:
        at, width = y + self.scroll_offset.y, self.size.width
        if not self.found and at < len(self._told):
            said = Segment(shorten(f"  {self._told[at]}", width), self._look("dim"))
            return Strip([said]).adjust_cell_length(width, self.rich_style)
        if at >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[at]
        drawn = [Segment(text, style) for text, style in line.spans]
        room = width - sum(cells(text) for text, _ in line.spans) - cells(line.right)
        drawn += [Segment(" " * max(0, room), self._look("text"))]
        drawn += [Segment(line.right, self._look("dim"))]
        if line.of == self.index:
            drawn = under_cursor(drawn, self._look("cursor"))
        return Strip(drawn).adjust_cell_length(width, self.rich_style)
