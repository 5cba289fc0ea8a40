"""The tabs at the top of the dock: names in a row, one of them open, each with a few figures.

They take no keys: whoever holds them opens another one, and a click asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

MARGIN, GAP = 2, 3


class Tabs(Widget):
    """``names`` are the titles by tab, in their order. Posts :class:`Wanted`."""

    class Wanted(Message):
        """A tab was clicked."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(classes="heading")
        self._names = names
        self._open = next(iter(names))
        self._figures: dict[str, str] = {}

    def open(self, tab: str) -> None:
        """Mark the one that is open."""
        self._open = tab
        self.refresh()

    def tell(self, figures: Mapping[str, str]) -> None:
        """What stands behind the names, by tab; nothing where there is nothing to say."""
        if figures != self._figures:
            self._figures = dict(figures)
            self.refresh()

    def after(self, by: int) -> str:
        """The tab that many places from the open one; after the last comes the first."""
        tabs = list(self._names)
        return tabs[(tabs.index(self._open) + by) % len(tabs)]

    def render(self) -> Content:
        """The row. The open name has the colour of the heading, which knows of the keyboard."""
        parts: list[Content] = []
        for tab, name in self._names.items():
            is_open = tab == self._open
            figure = self._figures.get(tab, "")
            parts.append(
                Content.assemble(
                    (name, "bold" if is_open else "$ion-faint"),
                    (f" {figure}" if figure else "", "$ion-muted" if is_open else "$ion-faint"),
                )
            )
        return Content.assemble(" " * MARGIN, Content(" " * GAP).join(parts))

    def on_click(self, event: Click) -> None:
        """Ask for the tab under the pointer; the gap belongs to the one before it."""
        at = MARGIN
        for tab, name in self._names.items():
            figure = self._figures.get(tab, "")
            at += cell_len(f"{name} {figure}".rstrip()) + GAP
            if event.x < at:
                self.post_message(self.Wanted(tab))
                return
