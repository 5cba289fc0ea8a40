"""The todo list in the dock: what the model means to do, what it does now, and how far it is.

Long steps are wrapped below themselves. The list is drawn line by line and keeps the present step
in sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from ion_core.todo import TodoItem, TodoStatus
from ion_tui.chords import Chords
from ion_tui.intents import CommandWanted
from ion_tui.phrases import one_line
from ion_tui.render.cells import wrap

LOOKS: dict[TodoStatus, tuple[str, str, str]] = {
    "pending": ("○", "todo--dim", "todo--pending"),
    "in_progress": ("▸", "todo--mark", "todo--present"),
    "completed": ("✓", "todo--tick", "todo--dim"),
    "cancelled": ("✗", "todo--dim", "todo--cancelled"),
}
"""Sign, colour of the sign and colour of the text."""
EMPTY = (
    "Nothing is planned yet.",
    "When a task takes several steps, the model writes them here and ticks them off.",
)
MARGIN, BAR = 2, 12
"""Cells left and right of the text; cells of the bar that shows how much is done."""


class Row(NamedTuple):
    """A line of the list: its lead, which is the sign or what indents by it, and its text."""

    lead: str
    lead_look: str
    text: str
    look: str


class TodoList(ScrollView, can_focus=True):
    """The steps, or a word about what they are for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "todo--pending",
        "todo--present",
        "todo--cancelled",
        "todo--dim",
        "todo--mark",
        "todo--tick",
    }

    def __init__(self, chords: Chords) -> None:
        super().__init__(id="todo-list")
        self._chords = chords
        self._items: Sequence[TodoItem] = ()
        self._rows: list[Row] = []

    def fill(self, items: Sequence[TodoItem]) -> None:
        """Show these steps."""
        self._items = items
        self._lay()

    def on_resize(self) -> None:
        """Wrap anew."""
        self._lay()

    def _lay(self) -> None:
        width = self.scrollable_content_region.width - 2 * MARGIN
        if width <= 2:
            return
        self._rows = [row for item in self._items for row in _rows(item, width)]
        if not self._items:
            lines = [line for text in EMPTY for line in (*_lines(text, width), "")]
            self._rows = [Row("", "todo--dim", line, "todo--dim") for line in lines]
        self.virtual_size = Size(0, len(self._rows))
        self._show_present()
        self.refresh()

    def _show_present(self) -> None:
        present = [y for y, row in enumerate(self._rows) if row.look == "todo--present"]
        if present:
            region = Region(0, present[0], 1, len(present))
            self.scroll_to_region(region, animate=False, force=True)

    async def _on_key(self, event: events.Key) -> None:
        command = self._chords.press("todo", event.key)
        if command is not None:
            event.stop()
            event.prevent_default()
            self.obey(command)

    def obey(self, command: str) -> None:
        """Scroll here, or ask for a command."""
        page = max(1, self.size.height - 1)
        steps = {"todo.down": 1, "todo.up": -1, "todo.page_down": page, "todo.page_up": -page}
        if command in steps:
            self.scroll_relative(y=steps[command], animate=False)
        elif command:
            self.post_message(CommandWanted(command))

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[index]
        segments = [
            Segment(" " * MARGIN, self.rich_style),
            Segment(row.lead, self.get_component_rich_style(row.lead_look)),
            Segment(row.text, self.get_component_rich_style(row.look)),
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)


def _rows(item: TodoItem, width: int) -> list[Row]:
    sign, mark, look = LOOKS[item.status]
    lines = _lines(item.text, width - 2)
    leads = [f"{sign} ", *["  "] * (len(lines) - 1)]
    return [Row(lead, mark, line, look) for lead, line in zip(leads, lines, strict=True)]


def _lines(text: str, width: int) -> list[str]:
    cuts = wrap([(one_line(text), Style.null())], max(1, width))
    return ["".join(part for part, _ in cut.spans) for cut in cuts]


class TodoPanel(Vertical):
    """The list, and below it how much of it is done."""

    def __init__(self, *, chords: Chords) -> None:
        super().__init__(id="todo")
        self.list = TodoList(chords)
        self._foot = Static(classes="foot")

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self.list
        yield self._foot

    def fill(self, items: Sequence[TodoItem]) -> None:
        """Show these steps and count them."""
        self.list.fill(items)
        self._foot.display = bool(items)
        self._foot.update(_progress(items))


def _progress(items: Sequence[TodoItem]) -> Content:
    done, whole = sum(item.status == "completed" for item in items), len(items)
    filled = BAR * done // whole if whole else 0
    colour = "$ion-success" if done == whole else "$ion-accent"
    return Content.assemble(
        ("━" * filled, colour),
        ("━" * (BAR - filled), "$ion-border"),
        (f"  {done} of {whole} done", "$ion-muted"),
    )
