"""A session being read: its story, who tells it and where the reader is.

What draws is 30 ms of imports. The first paint needs none of it, so it is fetched when a session is
first shown; until then only the theme is known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from ion_core.ids import CallId
from ion_tui import themes

if TYPE_CHECKING:
    from ion_tui.render.place import Place
    from ion_tui.render.story import Story
    from ion_tui.render.teller import Teller


class Reading:
    """``width`` is in cells; ``clock`` in seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self.look, self.width = clock, themes.load(), 80
        self.cold = True

    @property
    def begun(self) -> bool:
        """Whether anything was shown yet."""
        return "story" in vars(self)

    @cached_property
    def story(self) -> Story:
        """The blocks of the session."""
        from ion_tui.render.inks import inks
        from ion_tui.render.rows import Page
        from ion_tui.render.story import Story

        return Story(Page(self.width, inks(self.look)))

    @cached_property
    def teller(self) -> Teller:
        """Turns entries and events into blocks."""
        from ion_tui.render.teller import Teller

        return Teller(self.story, self._clock)

    @cached_property
    def place(self) -> Place:
        """The first visible row."""
        from ion_tui.render.place import Place

        return Place(self.story)

    def calls(self, rows: int) -> list[CallId]:
        """The calls in the blocks of the first visible ``rows``, from the top."""
        from ion_tui.render.deeds import Deeds

        if not (self.begun and rows and len(self.story)):
            return []
        first, _ = self.story.heights.find(self.place.top)
        last, _ = self.story.heights.find(self.place.top + rows - 1)
        blocks = (block.content for block in self.story.blocks[first : last + 1])
        return [deed.call for block in blocks if isinstance(block, Deeds) for deed in block.deeds]

    def warm(self) -> None:
        """Import what the first answer needs; for a thread, while the model still thinks."""
        from ion_tui.render import highlight, markdown

        markdown.warm()
        highlight.warm()

    def resize(self, width: int) -> None:
        """Another width; the same block stays on top."""
        if width and width != self.width:
            self.width = width
            if self.begun:
                self.place.redraw(self.story.page._replace(width=width))

    def recolour(self, look: themes.Look) -> None:
        """Another theme."""
        self.look = look
        if self.begun:
            from ion_tui.render.inks import inks

            self.place.redraw(self.story.page._replace(inks=inks(look)))

    def toggle_details(self) -> None:
        """Open everything that is folded, or fold it again."""
        page = self.story.page
        self.place.redraw(page._replace(opened=not page.opened))
