"""The sidebar: a heading, the session tree, and a field that opens to filter or to rename."""

from __future__ import annotations

from dataclasses import replace

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ion_core.ids import Clock
from ion_tui.chords import Chords
from ion_tui.intents import RenameWanted
from ion_tui.widgets.tree import SessionTree
from ion_tui.widgets.tree_rows import SessionItem


class Sidebar(Vertical):
    """Holds the tree. The field renames ``_renamed`` while that is set, else it filters."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="sidebar", classes="side")
        self.sessions = SessionTree(chords=chords, clock=clock)
        self._heading = Static(id="sidebar-heading", classes="heading")
        self._field = Input(id="sidebar-field", compact=True)
        self._renamed: SessionItem | None = None
        self._chords = chords

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield self._heading
        yield self._field
        yield self.sessions

    def on_mount(self) -> None:
        """The field is closed at first."""
        self._field.display = False
        self._title()

    @on(SessionTree.Asked)
    def _title(self) -> None:
        query = self.sessions.query_shown
        where = "all projects" if query.everywhere else ""
        words = f"/{query.words}" if query.words and not self._field.display else ""
        rest = "  ".join(part for part in (words, where) if part)
        self._heading.update(
            Content.assemble(("  Sessions", "bold $ion-muted"), (f"  {rest}", "$ion-faint"))
        )

    @on(SessionTree.FieldWanted)
    def _open(self, wanted: SessionTree.FieldWanted) -> None:
        wanted.stop()
        self._renamed = wanted.item
        self._field.placeholder = "Filter by title" if wanted.item is None else "New title"
        self._field.value = wanted.item.title if wanted.item else self.sessions.query_shown.words
        self._field.display = True
        self._field.focus()

    @on(Input.Changed)
    def _filter(self, changed: Input.Changed) -> None:
        changed.stop()
        if self._renamed is None and self._field.display:
            self.sessions.ask(replace(self.sessions.query_shown, words=changed.value))

    @on(Input.Submitted)
    def _done(self, submitted: Input.Submitted) -> None:
        submitted.stop()
        if self._renamed is not None and submitted.value.strip():
            self.post_message(RenameWanted(self._renamed.id, submitted.value.strip()))
        self._close()

    def on_key(self, event: events.Key) -> None:
        """Esc leaves the field; a filter goes with it."""
        if event.key == "escape" and self._field.has_focus:
            event.stop()
            if self._renamed is None:
                self.sessions.ask(replace(self.sessions.query_shown, words=""))
            self._close()

    def _close(self) -> None:
        self._field.display = False
        self._renamed = None
        self.sessions.focus()
        self._title()
