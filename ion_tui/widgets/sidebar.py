"""The sidebar: a heading, the session tree or what a search found, a field that opens to search or
to rename, and the keys that hold there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from ion_core.ids import Clock
from ion_tui.chords import Chords
from ion_tui.intents import SessionWanted, ShelfWanted
from ion_tui.widgets.tree import SessionTree
from ion_tui.widgets.tree_rows import TreeRow

if TYPE_CHECKING:  # start-up: who goes there pays for them
    from ion_tui.widgets.field import Field
    from ion_tui.widgets.hit_rows import Found
    from ion_tui.widgets.hits import Hits
    from ion_tui.widgets.sidebar_keys import Place

PAUSE_S = 0.09
"""A search begins when nothing was typed for so long."""
MARGIN = 2
"""Cells beside the keys, as the style sheet has them."""


class Sidebar(Vertical):
    """Holds the tree. While the field is open it names ``_named``, or searches when that is
    None."""

    def __init__(self, *, chords: Chords, clock: Clock) -> None:
        super().__init__(id="sidebar", classes="side")
        self._chords, self._clock = chords, clock
        self.sessions = SessionTree(chords=chords, clock=clock)
        self._heading = Static(id="sidebar-heading", classes="heading")
        self._keys: Static | None = None
        self._field: Field | None = None
        self._hits: Hits | None = None
        self._named: TreeRow | None = None
        self._asked = ""
        self._soon: Timer | None = None

    def compose(self) -> ComposeResult:
        """Top to bottom; the field opens between the two, and the keys below."""
        yield self._heading
        yield self.sessions

    def on_mount(self) -> None:
        """The heading, before there is any session."""
        self._title()

    @property
    def stop(self) -> Widget:
        """What takes the keyboard here: the field while it is open, else the tree."""
        return self.sessions if self._field is None else self._field

    @property
    def searching(self) -> bool:
        """Whether what a search found stands in the place of the tree."""
        return self._hits is not None

    @on(DescendantFocus)
    def _show_keys(self) -> None:
        from ion_tui.widgets.sidebar_keys import key_rows, sidebar_keys  # start-up: who goes there

        width = self.content_size.width - 2 * MARGIN
        if self._keys is None:
            self._keys = Static(id="sidebar-keys")
            self.mount(self._keys)
        place: Place = "name" if self._named else "search" if self._field else "tree"
        rows = key_rows(width, self.size.height)
        lines = sidebar_keys(self._chords.keymap, place, self.sessions, width)
        self._keys.styles.height = 1 + rows
        self._keys.update(Content("\n".join(lines[:rows])), layout=False)

    def on_resize(self) -> None:
        """The keys in as many lines as they need now."""
        if self._keys is not None:
            self._show_keys()

    @on(SessionTree.Asked)
    def _title(self) -> None:
        tree, number = self.sessions, ""
        if self._hits is not None:
            number = f"{len(self._hits.found)} found" if self._asked else ""
        elif tree.marked:
            number = f"{len(tree.marked)} marked"
        where = "everywhere" if number else "all projects"
        where = where if tree.query_shown.everywhere else ""
        said = "  ".join(part for part in (number, where) if part)
        name = "  Search" if self.searching else "  Sessions"
        words = Content.assemble((name, "bold"), (f"  {said}", "$ion-faint"))
        self._heading.update(words, layout=False)
        if self._keys is not None:
            self._show_keys()

    @on(SessionTree.FieldWanted)
    def _field_wanted(self, wanted: SessionTree.FieldWanted) -> None:
        wanted.stop()
        row = wanted.row
        if row is None:
            self.search(self._asked)
        else:
            self._open(row, row.text, "New name" if row.branch else "New title")

    def search(self, text: str = "") -> None:
        """Open the field to search, with ``text`` in it, and go there."""
        from ion_tui.widgets.hits import Hits  # start-up: the first search pays for it

        if self._hits is None:
            self._hits = Hits(clock=self._clock)
            self.mount(self._hits, after=self.sessions)
        self.sessions.display = False
        self._open(None, text, "Search")
        self._ask(text)

    def _open(self, row: TreeRow | None, text: str, hint: str) -> None:
        from ion_tui.widgets.field import Field  # start-up: see there

        self._close_field()
        self._named = row
        self._field = Field(press=self._press, changed=self._typed, text=text, placeholder=hint)
        self.mount(self._field, after=self._heading)
        self._field.focus()
        self._title()

    def _press(self, key: str) -> bool:
        """A key in the field: Enter keeps a name, Esc does not; a search has its own keys."""
        if self._field is None:
            return False
        if self._named is not None:
            return self._press_name(key, self._field.value.strip())
        command = self._chords.keymap.command("search", key) or ""
        return self._obey(command) if command.startswith("search.") else False

    def _press_name(self, key: str, typed: str) -> bool:
        if key not in ("enter", "escape"):
            return False
        row = self._named
        if key == "enter" and typed and row is not None and row.item is not None:
            branch = row.branch.name if row.branch else ""
            wish = ShelfWanted("tree.rename", (row.item.id,), branch=branch, text=typed)
            self.post_message(wish)
        self._back()
        return True

    def _obey(self, command: str) -> bool:
        assert self._hits is not None
        steps = {"search.down": 1, "search.up": -1}
        steps |= {"search.page_down": self._hits.page, "search.page_up": -self._hits.page}
        if command in steps:
            self._hits.move(steps[command])
        elif command == "search.scope":
            query = self.sessions.query_shown
            self.sessions.ask(replace(query, everywhere=not query.everywhere))
            self._ask(self._asked)
        elif command == "search.close":
            self._asked = ""
            self._back()
        elif command == "search.open":
            self._open_hit()
        return True

    def _open_hit(self) -> None:
        found = self._hits.chosen if self._hits else None
        if found is not None:
            self._back()
            wish = SessionWanted(
                found.session, branch=found.branch, entry=found.entry, words=found.words
            )
            self.post_message(wish)

    def _typed(self, text: str) -> None:
        # A change may be told after its field was closed: it is none of the search's then.
        if self._field is None or self._named is not None or self._field.value != text:
            return
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(PAUSE_S, lambda: self._ask(text))

    def _ask(self, text: str) -> None:
        """Wish for what ``text`` finds; nothing at all when it is empty."""
        self._asked = text.strip()
        if self._hits is not None and not self._asked:
            self._hits.offer((), asked=False)
            self._title()
        elif self._hits is not None:
            self.post_message(ShelfWanted("tree.search", text=self._asked))

    def found(self, text: str, found: Sequence[Found]) -> None:
        """Show what was found, if that is still what is asked."""
        if self._hits is not None and text == self._asked:
            self._hits.offer(found, asked=True)
            self._title()

    def on_hits_chosen(self) -> None:
        """A click opens what was found. (By its name: ``on`` would import the hits.)"""
        self._open_hit()

    def _back(self) -> None:
        """To the tree, where it was."""
        if self._soon is not None:
            self._soon.stop()
        if self._hits is not None:
            self._hits.remove()
            self._hits = None
        self._close_field()
        self.sessions.display = True
        self.sessions.focus()
        self._title()

    def _close_field(self) -> None:
        if self._field is not None:
            self._field.remove()
        self._field = self._named = None
