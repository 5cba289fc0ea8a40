"""The sidebar: a heading, the session tree, and a field that opens to filter or to rename."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ion_core.ids import Clock
from ion_tui.chords import Chords
from ion_tui.intents import RenameWanted
from ion_tui.widgets.tree import SessionTree
from ion_tui.widgets.tree_rows import SessionItem

if TYPE_CHECKING:
    from ion_tui.widgets.field import Field


class Sidebar(Vertical):
    """Holds the tree. While the field is open it renames ``_renamed``, or filters when that is
    None."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="sidebar", classes="side")
        self.sessions = SessionTree(chords=chords, clock=clock)
        self._heading = Static(id="sidebar-heading", classes="heading")
        self._field: Field | None = None
        self._renamed: SessionItem | None = None

    def compose(self) -> ComposeResult:
        """Top to bottom; the field opens between the two."""
        yield self._heading
        yield self.sessions

    def on_mount(self) -> None:
        """The heading, before there is any session."""
        self._title()

    @on(SessionTree.Asked)
    def _title(self) -> None:
        query = self.sessions.query_shown
        where = "all projects" if query.everywhere else ""
        words = f"/{query.words}" if query.words and self._field is None else ""
        rest = "  ".join(part for part in (words, where) if part)
        self._heading.update(Content.assemble(("  Sessions", "bold"), (f"  {rest}", "$ion-faint")))

    @on(SessionTree.FieldWanted)
    def _open(self, wanted: SessionTree.FieldWanted) -> None:
        from ion_tui.widgets.field import Field  # start-up: see there

        wanted.stop()
        self._close()
        self._renamed = wanted.item
        text = wanted.item.title if wanted.item else self.sessions.query_shown.words
        hint = "New title" if wanted.item else "Filter by title"
        self._field = Field(press=self._press, changed=self._filter, text=text, placeholder=hint)
        self.mount(self._field, after=self._heading)
        self._field.focus()

    def _press(self, key: str) -> bool:
        """Enter keeps what was typed, Esc does not."""
        if key not in ("enter", "escape") or self._field is None:
            return False
        typed = self._field.value.strip()
        if self._renamed is None:
            self._filter(typed if key == "enter" else "")
        elif key == "enter" and typed:
            self.post_message(RenameWanted(self._renamed.id, typed))
        self._close()
        self.sessions.focus()
        return True

    def _filter(self, words: str) -> None:
        # A change may be told after its field was closed: it is none of the tree's then.
        if self._field is not None and self._renamed is None:
            self.sessions.ask(replace(self.sessions.query_shown, words=words))

    def _close(self) -> None:
        if self._field is not None:
            self._field.remove()
        self._field = self._renamed = None
        self._title()
