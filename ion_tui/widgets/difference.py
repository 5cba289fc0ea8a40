"""What going back would do to files, beside or below the list in which one chooses.

It is drawn line by line, as in the conversation. What there is to tell about a row of the list may
have to be found out; the last row that was asked about wins.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import NamedTuple

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ion_core.errors import IonError
from ion_core.rewinding import FileChange
from ion_tui.phrases import one_line
from ion_tui.render.cells import wrap
from ion_tui.render.diff import changed, draw
from ion_tui.render.inks import Inks
from ion_tui.render.rows import TEXT, Page, Row, blank, hang, row
from ion_tui.render.sanitize import sanitize
from ion_tui.widgets.listbox import Choice

DEEDS = {"create": "comes back", "change": "changes back", "delete": "goes"}
MOST_ROWS = 5_000
"""Rows that are drawn at most: more nobody reads before going back."""


class Told(NamedTuple):
    """What is known of a row: a sentence, the files that change, and what could not be kept."""

    sentence: str
    files: Sequence[FileChange] = ()
    gaps: Sequence[str] = ()


class Difference(ScrollView, can_focus=False):
    """``tell`` finds out what a row would do; ``root`` is the folder that paths are told from."""

    def __init__(self, tell: Callable[[Choice], Awaitable[Told]], inks: Inks, root: str) -> None:
        super().__init__(id="difference")
        self._tell, self._inks, self._root = tell, inks, root
        self._told = Told("")
        self._rows: list[Row] = []

    def about(self, choice: Choice | None) -> None:
        """Show what this row would do, as soon as that is known; nothing for no row."""
        self.run_worker(self._find(choice), exclusive=True)

    async def _find(self, choice: Choice | None) -> None:
        try:
            self._told = Told("") if choice is None else await self._tell(choice)
        except IonError as error:
            self._told = Told(str(error))
        self._draw()
        self.scroll_home(animate=False, immediate=True)

    def obey(self, command: str) -> bool:
        """Scroll; whether the command was one for this."""
        steps = {"rewind.down": 1, "rewind.up": -1}
        if command not in steps:
            return False
        page = max(1, self.size.height - 1)
        self.scroll_relative(y=steps[command] * page, animate=False, immediate=True)
        return True

    def on_resize(self) -> None:
        """Lines are folded anew."""
        self._draw()

    def _draw(self) -> None:
        page = Page(self.scrollable_content_region.width, self._inks)
        rows: list[Row] = []
        for drawn in self._drawn(page):
            rows.append(drawn)
            if len(rows) == MOST_ROWS:
                rows.append(row([("  … and more", self._inks.faint)], page.width, self._inks.page))
                break
        self._rows = rows
        self.virtual_size = Size(0, len(rows))
        self.refresh()

    def _drawn(self, page: Page) -> Iterator[Row]:
        if self._told.sentence:
            yield from self._words(self._told.sentence, page)
        for change in self._told.files:
            yield blank(page)
            yield from self._file(change, page)
        if self._told.gaps:
            yield blank(page)
            yield from self._words("Not kept", page)
            for gap in self._told.gaps:
                yield from self._words(one_line(gap), page)

    def _words(self, text: str, page: Page) -> Iterator[Row]:
        yield from hang(page, wrap([(text, self._inks.muted)], max(8, page.width - TEXT - 1)), TEXT)

    def _file(self, change: FileChange, page: Page) -> Iterator[Row]:
        inks, path = self._inks, one_line(os.path.relpath(change.path, self._root))
        more, less = changed(change.diff)
        counts = f" +{more} −{less}" if change.diff else ""
        head = [("  ", inks.page), (path, inks.bright), (counts, inks.muted)]
        yield row([*head, (f"  {DEEDS[change.action]}", inks.faint)], page.width, inks.page)
        if change.conflict:
            yield from self._words(f"It stays: {one_line(change.conflict)}", page)
        yield from draw(sanitize(change.diff).expandtabs(4), change.path, page)

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self._rows):
            return Strip.blank(width, self._inks.page)
        return self._rows[index].strip.adjust_cell_length(width, self._inks.page)
