"""The session tree: rows and a cursor, drawn line by line.

It knows sessions as values only. Whatever changes one is a wish for the screen; a new name or a
search asks the sidebar for its field.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ion_core.ids import Clock
from ion_tui.chords import Chords
from ion_tui.intents import CommandWanted, SessionWanted, ShelfWanted
from ion_tui.widgets.cursor import under_cursor
from ion_tui.widgets.tree_lines import TreeLines
from ion_tui.widgets.tree_rows import SessionItem, TreeQuery, TreeRow, tree_rows

if TYPE_CHECKING:  # start-up: see the rows
    from ion_core.trees import Branch

OF_SEVERAL = frozenset({"tree.tag", "tree.pin", "tree.archive", "tree.delete", "tree.restore"})
"""What is done to all marked sessions at once."""


class SessionTree(ScrollView, can_focus=True):
    """``current`` is the id of the session on screen, ``query_shown`` what is shown, ``marked``
    the ids of the sessions that a person marked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tree--group",
        "tree--session",
        "tree--current",
        "tree--branch",
        "tree--tag",
        "tree--mark",
        "tree--marked",
        "tree--dim",
        "tree--running",
        "tree--asking",
        "tree--failed",
        "tree--cursor",
    }

    class FieldWanted(Message):
        """The field is to open: for a name of the row, or for a search when there is none."""

        def __init__(self, row: TreeRow | None) -> None:
            super().__init__()
            self.row = row

    class Asked(Message):
        """Other rows are shown, or the cursor is on another one."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="tree")
        self._chords, self._clock = chords, clock
        self._items: tuple[SessionItem, ...] = ()
        self._lines = TreeLines(lambda part: self.get_component_rich_style(f"tree--{part}"))
        self.query_shown = TreeQuery()
        self.rows: list[TreeRow] = []
        self.marked: frozenset[str] = frozenset()
        self.current = ""
        self.index = 0

    @property
    def items(self) -> Sequence[SessionItem]:
        """Every session that is known, newest first."""
        return self._items

    def fill(self, items: Sequence[SessionItem], *, project: str, current: str) -> None:
        """Show these sessions, newest first. The cursor stays on its row, or goes to a session
        that has just become the current one."""
        moved = current != self.current and not self.has_focus
        self._items, self.current = tuple(items), current
        if self.marked:
            self.marked &= {item.id for item in items}
        self.ask(replace(self.query_shown, project=project, current=current))
        self._want_branches({row.key for row in self.rows})
        if moved:
            self._go_to(lambda row: row.key == current)

    def know(self, session: str, branches: Sequence[Branch]) -> None:
        """Show these branches of a session."""
        known = {**self.query_shown.branches, session: tuple(branches)}
        self.ask(replace(self.query_shown, branches=known))

    def ask(self, query: TreeQuery) -> None:
        """Show what this query finds."""
        before = self.row
        self.query_shown = replace(query, now=self._clock())
        self.rows = tree_rows(self._items, self.query_shown)
        self.virtual_size = Size(0, len(self.rows))
        self.index = min(self.index, max(0, len(self.rows) - 1))
        if before is not None:
            self._go_to(lambda row: row.key == before.key)
        self.refresh()
        self.post_message(self.Asked())

    @property
    def row(self) -> TreeRow | None:
        """The row under the cursor."""
        return self.rows[self.index] if self.index < len(self.rows) else None

    def _go_to(self, wanted: Callable[[TreeRow], bool]) -> None:
        found = next((i for i, row in enumerate(self.rows) if wanted(row)), None)
        if found not in (None, self.index):
            self._move_to(found)

    def _move_to(self, index: int) -> None:
        self.index = max(0, min(index, len(self.rows) - 1))
        self.scroll_to_region(Region(0, self.index, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.Asked())

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
        elif command == "tree.search":
            self.post_message(self.FieldWanted(None))
        elif command in OF_SEVERAL and self.marked:
            self.post_message(ShelfWanted(command, tuple(self.marked)))
            self.marked = frozenset()
        elif not command.startswith("tree."):
            self.post_message(CommandWanted(command))
        elif self.row is not None:
            self._obey_on(self.row, command)

    def _obey_on(self, row: TreeRow, command: str) -> None:
        match command, row.item, row.branch:
            case "tree.open" | "tree.fold" | "tree.unfold", _, _:
                self._open_or_fold(row, command)
            case "tree.rename", SessionItem(), _:
                self.post_message(self.FieldWanted(row))
            case "tree.mark", SessionItem() as item, None:
                self.marked ^= {item.id}
                self._move_to(self.index + 1)
            case "tree.restore", SessionItem() as item, None if item.shelf:
                self.post_message(ShelfWanted(command, (item.id,)))
            case "tree.restore", _, _:
                self.post_message(CommandWanted("session.undelete"))
            case _, SessionItem() as item, None:
                self.post_message(ShelfWanted(command, (item.id,)))

    def _open_or_fold(self, row: TreeRow, command: str) -> None:
        match command, row.item, row.branch:
            case "tree.open", SessionItem(shelf="trash") as item, _:
                self.post_message(ShelfWanted("tree.open", (item.id,)))
            case "tree.open", SessionItem() as item, branch:
                name = branch.name if branch is not None and not branch.active else ""
                self.post_message(SessionWanted(item.id, branch=name))
            case "tree.fold", _, _ if row.folded or row.branch:
                self._go_to(lambda other: other.key == row.above)
            case "tree.unfold", _, _ if not row.folded:
                self._move_to(self.index + 1)
            case "tree.unfold", SessionItem(shelf=""), None:
                self._turn(row)
            case _, None, _:
                self._turn(row)
            case "tree.fold", SessionItem(), None:
                self._turn(row)

    def _turn(self, row: TreeRow) -> None:
        self.ask(replace(self.query_shown, turned={*self.query_shown.turned} ^ {row.key}))
        self._want_branches({row.key})

    def _want_branches(self, of: Container[str]) -> None:
        """Ask for the branches of those sessions that are unfolded."""
        opened = {row.key for row in self.rows if row.item and not row.branch and not row.folded}
        if wanted := tuple(key for key in opened if key in of):
            self.post_message(ShelfWanted("tree.branches", wanted))

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
        drawn: list[Segment] = self._lines.line(
            self.rows[index],
            width,
            now=self.query_shown.now,
            current=self.current,
            marked=self.marked,
        )
        if index == self.index and self.has_focus:
            drawn = under_cursor(drawn, self.get_component_rich_style("tree--cursor"))
        return Strip(drawn, width)
