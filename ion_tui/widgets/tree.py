"""The session tree: rows and a cursor, drawn line by line.

It knows sessions as values only; opening and deleting are wishes, and renaming and filtering ask
the sidebar for its field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ion_core.ids import Clock
from ion_tui.chords import Chords
from ion_tui.figures import age
from ion_tui.intents import CommandWanted, DeleteWanted, SessionWanted
from ion_tui.phrases import one_line
from ion_tui.render.cells import cells, shorten
from ion_tui.widgets.cursor import under_cursor
from ion_tui.widgets.tree_rows import SessionItem, TreeQuery, TreeRow, tree_rows

SIGNS = {
    "idle": " ",
    "running": "◐",
    "asking": "!",
    "failed": "✗",
    "current": "●",
    "open": "▾",
    "folded": "▸",
}


class SessionTree(ScrollView, can_focus=True):
    """``current`` is the id of the session on screen, ``query`` what is shown."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tree--group",
        "tree--session",
        "tree--current",
        "tree--dim",
        "tree--running",
        "tree--asking",
        "tree--failed",
        "tree--cursor",
    }

    class FieldWanted(Message):
        """The field is to open: for the title of ``item``, or for a filter when it is None."""

        def __init__(self, item: SessionItem | None) -> None:
            super().__init__()
            self.item = item

    class Asked(Message):
        """Another query is shown."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="tree")
        self._chords, self._clock = chords, clock
        self._items: tuple[SessionItem, ...] = ()
        self.query_shown = TreeQuery()
        self.rows: list[TreeRow] = []
        self.current = ""
        self.index = 0

    def fill(self, items: Sequence[SessionItem], *, project: str, current: str) -> None:
        """Show these sessions, newest first. The cursor stays on its row, or goes to a session
        that has just become the current one."""
        moved = current != self.current and not self.has_focus
        self._items, self.current = tuple(items), current
        self.ask(replace(self.query_shown, project=project))
        if moved:
            self._go_to(lambda row: row.item is not None and row.item.id == current)

    def ask(self, query: TreeQuery) -> None:
        """Show what this query finds."""
        before = self.row
        self.query_shown = replace(query, now=self._clock())
        self.rows = tree_rows(self._items, self.query_shown)
        self.virtual_size = Size(0, len(self.rows))
        self.index = min(self.index, max(0, len(self.rows) - 1))
        if before is not None:
            self._go_to(lambda row: row.key == before.key and row.item == before.item)
        self.refresh()
        self.post_message(self.Asked())

    @property
    def row(self) -> TreeRow | None:
        """The row under the cursor."""
        return self.rows[self.index] if self.index < len(self.rows) else None

    def _go_to(self, wanted: Callable[[TreeRow], bool]) -> None:
        self._move_to(next((i for i, row in enumerate(self.rows) if wanted(row)), self.index))

    def _move_to(self, index: int) -> None:
        self.index = max(0, min(index, len(self.rows) - 1))
        self.scroll_to_region(Region(0, self.index, 1, 1), animate=False, force=True)
        self.refresh()

    async def _on_key(self, event: events.Key) -> None:
        command = self._chords.press("sidebar", event.key)
        if command is not None:
            event.stop()
            event.prevent_default()
            self.obey(command)

    def obey(self, command: str) -> None:
        """Run a command here or ask for it."""
        page = max(1, self.size.height - 1)
        steps = {"tree.down": 1, "tree.up": -1, "tree.page_down": page, "tree.page_up": -page}
        steps |= {"tree.top": -len(self.rows), "tree.bottom": len(self.rows)}
        if command in steps:
            self._move_to(self.index + steps[command])
        elif command == "tree.everywhere":
            self.ask(replace(self.query_shown, everywhere=not self.query_shown.everywhere))
        elif command == "tree.filter":
            self.post_message(self.FieldWanted(None))
        elif not command.startswith("tree."):
            self.post_message(CommandWanted(command))
        elif self.row is not None:
            self._obey_on(self.row, command)

    def _obey_on(self, row: TreeRow, command: str) -> None:
        match command, row.item:
            case "tree.open", SessionItem() as item:
                self.post_message(SessionWanted(item.id))
            case "tree.rename", SessionItem() as item:
                self.post_message(self.FieldWanted(item))
            case "tree.delete", SessionItem() as item:
                self.post_message(DeleteWanted(item.id, item.title))
            case "tree.fold", SessionItem():
                self._go_to(lambda other: other.key == row.key and other.item is None)
            case "tree.open", None:
                self._turn(row)
            case "tree.fold" | "tree.unfold", None if row.folded == (command == "tree.unfold"):
                self._turn(row)
            case "tree.unfold", None:
                self._move_to(self.index + 1)

    def _turn(self, row: TreeRow) -> None:
        self.ask(replace(self.query_shown, turned={*self.query_shown.turned} ^ {row.key}))

    def on_click(self, event: events.Click) -> None:
        """One click opens a session or turns a group."""
        index = event.y + self.scroll_offset.y
        if index < len(self.rows):
            self._move_to(index)
            self.obey("tree.open")

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        segments = self._group if self.rows[index].item is None else self._session
        drawn = segments(self.rows[index], width)
        if index == self.index and self.has_focus:
            drawn = under_cursor(drawn, self.get_component_rich_style("tree--cursor"))
        return Strip(drawn, width)

    def _group(self, row: TreeRow, width: int) -> list[Segment]:
        sign = SIGNS["folded" if row.folded else "open"] if row.depth or row.folded else " "
        name = "  " * row.depth + f"{sign} {one_line(row.text)}"
        count = f"{row.count} " if row.folded else ""
        return self._line(name, count, width, self.get_component_rich_style("tree--group"))

    def _session(self, row: TreeRow, width: int) -> list[Segment]:
        item = row.item
        assert item is not None
        here = item.id == self.current
        state = "current" if here and item.state == "idle" else item.state
        style = "tree--current" if here else "tree--session"
        style = style if item.state == "idle" else f"tree--{item.state}"
        name = "  " * (row.depth - 1) + f"{SIGNS[state]} {one_line(item.title) or 'New session'}"
        old = f"{age(self.query_shown.now - item.updated_at)} "
        return self._line(name, old, width, self.get_component_rich_style(style))

    def _line(self, name: str, right: str, width: int, style: Style) -> list[Segment]:
        room = max(0, width - cells(right) - 1)
        name = shorten(name, room)
        dim = self.get_component_rich_style("tree--dim")
        return [
            Segment(name + " " * (width - cells(name) - cells(right)), style),
            Segment(right, dim),
        ]
